import AuditedOperations
import Basics
import CForeignCalls
import FloatFormats

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

/// The host's side of a file in which tensors go to a worker and come back.
///
/// The host reads and writes it and never maps it: a worker can cut the file short at any time, and
/// touching a mapping beyond the end of its file would end the host.
final class SharedFile {
  let size: Int
  private let file: Int32
  /// The path under which a worker opens it, as long as it has one.
  private(set) var path: String
  /// Whether the path is an entry in a folder, which stays there until it is removed.
  private let hasEntry: Bool

  /// A new file with room reserved for all of it: a worker maps it, and cannot be told that the
  /// disk is full.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where there is no room.
  init(size: Int) throws(UserError) {
    self.size = size
    // Nothing of a file without a name is left behind, however the host ends.
    if let (file, path) = Self.nameless(size: size) {
      self.file = file
      self.path = path
      hasEntry = false
      return
    }
    // In memory where the system has such a place and room in it: containers often have little.
    var complaint = "no folder to put it in"
    for folder in ["/dev/shm", FileManager.default.temporaryDirectory.path] {
      let path = folder + "/softmax-audit-\(UUID().uuidString)"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        complaint = "\(folder): \(String(cString: strerror(errno)))"
        continue
      }
      let error = softmax_audit_reserve(file, size)
      if error == 0 {
        self.file = file
        self.path = path
        hasEntry = true
        return
      }
      complaint = "\(folder): \(String(cString: strerror(error)))"
      unlink(path)
      close(file)
    }
    throw UserError(
      .notMeasured,
      "there is no room for \(size) bytes to share with a worker (\(complaint)); use shorter or fewer lanes"
    )
  }

  deinit {
    forgetPath()
    close(file)
  }

  /// A file in memory that a worker opens through the files of this process; nil where the system
  /// has no such thing.
  private static func nameless(size: Int) -> (Int32, String)? {
    let file = softmax_audit_memory_file()
    guard file >= 0 else { return nil }
    let path = "/proc/\(getpid())/fd/\(file)"
    let again = open(path, O_RDWR | O_CLOEXEC)
    guard again >= 0 else {
      close(file)
      return nil
    }
    close(again)
    guard softmax_audit_reserve(file, size) == 0 else {
      close(file)
      return nil
    }
    return (file, path)
  }

  /// Takes the name off the file: it vanishes when nobody has it open any more.
  func forgetPath() {
    guard !path.isEmpty else { return }
    if hasEntry { unlink(path) }
    path = ""
  }

  /// Writes bytes at an offset.
  ///
  /// - Throws: ``WorkerTrouble/rubbish(_:)`` where the file does not take them any more.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(WorkerTrouble) {
    let done = Self.transfer(bytes.count) { done in
      pwrite(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    }
    guard done == bytes.count else {
      throw .rubbish("the file shared with the worker cannot be written any more")
    }
  }

  /// Reads bytes at an offset.
  ///
  /// - Throws: ``WorkerTrouble/rubbish(_:)`` where the file has been cut short.
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(WorkerTrouble) {
    let done = Self.transfer(bytes.count) { done in
      pread(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    }
    guard done == bytes.count else {
      throw .rubbish("the file shared with the worker was cut short at byte \(offset + done)")
    }
  }

  /// Calls the system until all bytes are transferred, or no more are.
  ///
  /// - Parameter call: Transfers bytes from a place on, and returns how many, or -1.
  /// - Returns: The number of bytes that were transferred.
  private static func transfer(_ count: Int, _ call: (_ done: Int) -> Int) -> Int {
    var done = 0
    while done < count {
      let transferred = call(done)
      if transferred < 0, errno == EINTR { continue }
      guard transferred > 0 else { break }
      done += transferred
    }
    return done
  }

  /// Writes ``OutputFill`` over a part of the file.
  func fill(count: Int, at offset: Int, as format: FloatFormat) throws(WorkerTrouble) {
    let size = min(count, 1 << 16)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { piece.deallocate() }
    OutputFill.fill(piece, as: format)
    for start in stride(from: 0, to: count, by: max(size, 1)) {
      let part = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(piece)[..<min(size, count - start)])
      try write(part, at: offset + start)
    }
  }
}
