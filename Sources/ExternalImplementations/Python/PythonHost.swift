import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A Python interpreter that runs callables in workers of its own.
package struct PythonHost: Sendable {
  /// The interpreter, looked for on the path.
  package let executable: String

  /// The variable that names the interpreter where no option does.
  package static let executableVariable = "SOFTMAX_AUDIT_PYTHON"

  package init(executable: String) {
    self.executable = executable
  }

  /// The interpreter that ``executableVariable`` names, or else `python3`.
  package static var usual: PythonHost {
    PythonHost(executable: namedByEnvironment ?? "python3")
  }

  /// The interpreter that ``executableVariable`` names, or that `scripts/setup-libraries` makes
  /// where this program was built, or else `python3`.
  ///
  /// - Parameter program: The path of this program.
  package static func ofLibraries(program: String) -> PythonHost {
    PythonHost(executable: namedByEnvironment ?? madeBySetup(besides: program) ?? "python3")
  }

  private static var namedByEnvironment: String? {
    ProcessInfo.processInfo.environment[executableVariable].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func madeBySetup(besides program: String) -> String? {
    var folder = URL(filePath: program).resolvingSymlinksInPath()
    while folder.pathComponents.count > 1 {
      folder.deleteLastPathComponent()
      guard folder.lastPathComponent == ".build" else { continue }
      let candidate = folder.path + "/python/libraries/bin/python"
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return nil
  }

  /// A callable in a process of its own.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for the callable's.
  ///   - callable: `package.module:attribute`, or `folder/file.py:attribute`.
  ///   - operation: The operation that it computes; nil for softmax, or what a model says.
  ///   - arguments: Keyword arguments of its calls, each as `NAME=VALUE`.
  ///   - formats: The input formats that anybody will ask for.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded.
  package func implementation(
    name: String?, callable: String, of operation: AuditedOperation?, arguments: [String] = [],
    summary: String? = nil,
    environment: [String: String] = [:], limits: WorkerLimits, formats: [FloatFormat]
  ) throws -> WorkerImplementation {
    let command = PythonPackage.command(
      running: "worker", in: executable, [callable] + arguments.flatMap { ["--argument", $0] },
      environment: environment)
    return try WorkerImplementation(
      name: name ?? callable, words: command.words, environment: command.environment,
      input: command.input,
      summary: summary ?? "the Python callable \(callable)", operation: operation, limits: limits,
      formats: formats)
  }
}
