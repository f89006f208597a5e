import CForeignCalls

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

/// A process and all that it started, in whatever sessions and groups they are.
///
/// Linux tells the children of each thread. A child whose parent has died goes to this process,
/// which asked for that; a variable in its environment says which worker it came from. Elsewhere
/// only the worker's group is known.
enum ProcessTree {
  /// The variable that marks what a worker started.
  static let variable = "SOFTMAX_AUDIT_WORKER"

  /// The children of a process, of their children, and so on, the nearest first; empty where the
  /// system does not tell.
  static func descendants(of process: pid_t) -> [pid_t] {
    var found: [pid_t] = []
    var next = 0
    var parent = process
    while true {
      found += children(of: parent).filter { $0 != process && !found.contains($0) }
      guard next < found.count else { return found }
      parent = found[next]
      next += 1
    }
  }

  private static func children(of process: pid_t) -> [pid_t] {
    #if os(Linux)
      let threads = "/proc/\(process)/task"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: threads) else {
        return []
      }
      return names.flatMap { thread -> [pid_t] in
        guard let data = FileManager.default.contents(atPath: "\(threads)/\(thread)/children")
        else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
      }
    #else
      return []
    #endif
  }

  /// Makes this process the parent of what outlives its parent in the trees below it.
  static let adoptsOrphans: Bool = softmax_audit_adopt_orphans() == 0

  /// Ends the orphans of a worker that came to this process.
  ///
  /// - Parameter mark: The value of ``variable`` that the worker was started with.
  static func endOrphans(markedWith mark: String) {
    guard adoptsOrphans else { return }
    let entry = Array("\(variable)=\(mark)".utf8)
    // One that is ended may leave children of its own, which come here in turn.
    for _ in 0..<8 {
      let orphans = children(of: getpid()).filter { process in
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/environ") else {
          return false
        }
        return data.split(separator: 0).contains { $0.elementsEqual(entry) }
      }
      guard !orphans.isEmpty else { return }
      for orphan in orphans {
        kill(orphan, SIGKILL)
        var status: Int32 = 0
        while waitpid(orphan, &status, 0) == -1, errno == EINTR {}
      }
    }
  }

  /// The memory that processes have in use, in bytes; what is gone has none.
  static func residentBytes(of processes: [pid_t]) -> Int {
    #if os(Linux)
      let page = sysconf(Int32(_SC_PAGESIZE))
      return processes.reduce(0) { sum, process in
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/statm"),
          let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first
            .flatMap({ Int($0) })
        else { return sum }
        return sum + pages * page
      }
    #else
      return 0
    #endif
  }

  /// The most memory that a process has had in use at once, in bytes; 0 where the system does not
  /// tell.
  static func largestResidentBytes(of process: pid_t) -> Int {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/status"),
      let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
        .first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
        .flatMap({ Int($0) })
    else { return 0 }
    return kibibytes << 10
  }
}
