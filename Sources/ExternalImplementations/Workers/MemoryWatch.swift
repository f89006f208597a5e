import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A watch on the memory that the processes of an implementation take, and its limit.
final class MemoryWatch: Sendable {
  /// The limit in bytes that the user gave; nil for what the machine can spare.
  private let limit: Int?
  private let largest = Atomic(0)

  init(limit: Int?) { self.limit = limit }

  /// The most bytes that one worker, with all that it started, was seen to have in use; nil before
  /// anything was seen.
  var peak: Int? {
    let bytes = largest.load(ordering: .relaxed)
    return bytes > 0 ? bytes : nil
  }

  /// Notes the most that a worker has taken so far.
  func look(at process: pid_t) {
    largest.max(ProcessTree.largestResidentBytes(of: process), ordering: .relaxed)
  }

  /// Looks at a worker and all that it started.
  ///
  /// - Returns: Why it has to be ended, in words; nil where it may go on.
  func objection(to process: pid_t) -> String? {
    let bytes = ProcessTree.residentBytes(of: [process] + ProcessTree.descendants(of: process))
    largest.max(bytes, ordering: .relaxed)
    if let limit {
      guard bytes > limit else { return nil }
      return
        "the worker took \(bytes >> 20) MiB of memory, where --memory-limit allows \(limit >> 20) MiB, and was stopped"
    }
    // More than it leaves to everybody else.
    guard bytes > 1 << 30, let free = Self.availableBytes, bytes > free else { return nil }
    return "the worker took \(bytes >> 20) MiB of memory and was stopped"
  }

  private static var availableBytes: Int? {
    guard let memory = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
      let line = memory.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kibibytes << 10
  }
}
