import Foundation

/// How many times as many inputs the fuzzers try as in an ordinary run.
enum FuzzEffort {
  /// 1, or what the environment variable FUZZ says: `FUZZ=50` tries more than a million.
  static let factor = max(1, Int(ProcessInfo.processInfo.environment["FUZZ"] ?? "") ?? 1)
}
