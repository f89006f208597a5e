import AuditRecords
import AuditedOperations
import Basics
import Foundation
import Laws
import MultiPrecision
import Oracle
import Policies
import SoftmaxVariants

extension ResultsHead {
  /// The head of the results of this run.
  static func ofThisRun(
    tier: OracleTier, threads: Int, implementations: [any SoftmaxImplementation] = []
  ) -> ResultsHead {
    ResultsHead(
      tool: .ofThisRun, command: ProgramArguments.commandLine,
      oracle: .init(tier: tier.rawValue, library: "MPFR \(BigFloat.libraryVersion)"),
      environment: Machine.environment(threads: threads, implementations: implementations))
  }
}

extension AuditResults.Tool {
  /// This program.
  static let ofThisRun = AuditResults.Tool(
    name: ProgramIdentity.name, version: ProgramIdentity.version)
}

/// The machine a run takes place on, for the record.
private enum Machine {
  /// The environment of a run.
  static func environment(
    threads: Int, implementations: [any SoftmaxImplementation]
  ) -> AuditResults.Environment {
    var known: [String: [String: String]] = [:]
    for implementation in implementations where !implementation.isBuiltIn {
      var facts = implementation.environment
      let unwatched = Law.unwatched(with: implementation.watchedConduct)
      if !unwatched.isEmpty { facts[Law.unwatchedKey] = unwatched.joined(separator: ", ") }
      for path in implementation.files {
        // What the code says of itself does not stand for what it is.
        facts.merge(FileDigest.entries(ofFile: path)) { $1 }
      }
      facts[RecordedImplementation.formatsKey] = RecordedImplementation.text(of: implementation)
      known[implementation.name] = facts
    }
    return AuditResults.Environment(
      platform: platform, processor: processor, threads: threads,
      implementations: known.isEmpty ? nil : known)
  }

  private static var platform: String {
    #if os(Linux)
      let system = "Linux"
    #elseif os(macOS)
      let system = "macOS"
    #else
      let system = "other"
    #endif
    #if arch(x86_64)
      return system + " x86-64"
    #elseif arch(arm64)
      return system + " arm64"
    #else
      return system
    #endif
  }

  /// The processor's name where the system tells it.
  private static var processor: String {
    #if os(macOS)
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else {
        return "unknown"
      }
      var name = [UInt8](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0) == 0 else {
        return "unknown"
      }
      return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    #else
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
        let name = line.split(separator: ":").last
      else { return "unknown" }
      return name.trimmingCharacters(in: .whitespaces)
    #endif
  }
}
