import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An operation of a Python library, or a recipe for one, that comes with an adapter.
package struct BundledLibrary: Sendable, Decodable {
  /// `scipy`, or with a variant `numpy:naive`.
  package let name: String
  package let operation: AuditedOperation
  /// The function that it calls, in one line.
  package let summary: String
  /// The adapter's name in its file.
  private let attribute: String
  /// Versions by package; nil for one that is not installed.
  package let packages: [String: String?]

  /// The name of the library, without that of the variant.
  package var library: String { String(name.prefix { $0 != ":" }) }

  /// Whether all that it needs is installed.
  package var isInstalled: Bool { packages.values.allSatisfy { $0 != nil } }

  /// The module of the adapters.
  private static let adapters = "adapters"

  /// All that there are, with what an interpreter has installed.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where the interpreter does not say.
  package static func all(in host: PythonHost) throws(UserError) -> [BundledLibrary] {
    let text = try WorkerProcess.output(
      of: PythonPackage.command(running: adapters, in: host.executable, ["--list"]), within: 60)
    do {
      return try JSONDecoder().decode([BundledLibrary].self, from: Data(text))
    } catch {
      throw UserError(.notMeasured, "\(host.executable) does not say which libraries there are")
    }
  }

  /// The library in a process of its own.
  ///
  /// - Parameter formats: The input formats that anybody will ask for.
  /// - Throws: ``UserError`` of kind `notMeasured` where it is not installed or cannot be loaded.
  package func implementation(
    in host: PythonHost, limits: WorkerLimits, formats: [FloatFormat]
  ) throws -> WorkerImplementation {
    let missing = packages.filter { $0.value == nil }.keys.sorted()
    guard missing.isEmpty else {
      throw UserError(
        .notMeasured,
        "\(name): \(missing.joined(separator: " and ")) not installed for \(host.executable); "
          + "run \(host.executable) -m pip install \(missing.joined(separator: " "))"
      )
    }
    // One thread: the order of a sum must not depend on how many processors there are.
    var environment = [
      "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
      "CUDA_VISIBLE_DEVICES": library == "cupy" ? nil : "-1",
    ].compactMapValues { $0 }
    let own = ProcessInfo.processInfo.environment
    if library == "keras", own["KERAS_BACKEND"] == nil { environment["KERAS_BACKEND"] = "jax" }
    return try host.implementation(
      name: name, callable: "\(PythonPackage.fullName(Self.adapters)):\(attribute)",
      of: operation, summary: summary,
      environment: environment, limits: limits, formats: formats)
  }
}
