import CForeignCalls
import SoftmaxAudit

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

/// A file that two processes map into their memory.
///
/// Its room is reserved when it is made: a mapping of a file that the disk has no room for ends the process that writes
/// to it.
final class SharedMemory {
  let size: Int
  let start: UnsafeMutableRawPointer
  /// The file's path, as long as it has one.
  private(set) var path: String

  /// A new file.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where there is no room.
  init(size: Int) throws(UserError) {
    // In memory where the system has such a place and room in it: containers often have little.
    var complaint = "no folder to put it in"
    for folder in ["/dev/shm", FileManager.default.temporaryDirectory.path] {
      let path = folder + "/softmax-audit-\(UUID().uuidString)"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        complaint = "\(folder): \(String(cString: strerror(errno)))"
        continue
      }
      defer { close(file) }
      let error = softmax_audit_reserve(file, size)
      if error == 0, let start = Self.map(file, size) {
        self.size = size
        self.start = start
        self.path = path
        return
      }
      complaint = "\(folder): \(String(cString: strerror(error == 0 ? errno : error)))"
      unlink(path)
    }
    throw UserError(
      .notMeasured,
      "there is no room for \(size) bytes to share with a worker (\(complaint)); use shorter or fewer lanes"
    )
  }

  /// The file of somebody else.
  init?(path: String, size: Int) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard let start = Self.map(file, size) else { return nil }
    self.size = size
    self.start = start
    self.path = ""
  }

  private static func map(_ file: Int32, _ size: Int) -> UnsafeMutableRawPointer? {
    let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    return start == MAP_FAILED ? nil : start
  }

  /// Takes the name off the file: it vanishes when nobody has it open any more.
  func forgetPath() {
    guard !path.isEmpty else { return }
    unlink(path)
    path = ""
  }

  deinit {
    forgetPath()
    munmap(start, size)
  }
}
