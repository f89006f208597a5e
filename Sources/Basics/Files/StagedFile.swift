import CFileWriting

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

/// An output on its way to its place.
///
/// An ordinary file is written without a name, or under another one beside its place, and takes its
/// place whole when it is done; until then the old one is there. What is no ordinary file is
/// written through. A value that goes away before it is done leaves nothing behind, and neither
/// does a process that a signal ends.
package final class StagedFile {
  private let path: String
  private let file: Int32
  private let isOwn: Bool
  /// The file that is to be replaced or made; nil where bytes go to their place at once.
  private let target: String?
  /// The name that the file has before it is done; nil while it has none.
  private var temporary: String?
  private var cleaning: Int32 = -1
  private var isDone = false
  /// Bytes that were not worth a call of the system yet.
  private var pending: [UInt8] = []

  private static let room = 1 << 16

  /// Begins an output.
  ///
  /// - Parameter path: `-` is standard output.
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package init(_ path: String) throws(UserError) {
    let place: OutputPlace
    do { place = try OutputPlace(path) } catch {
      throw UserError(.cannotWrite, "cannot write \(path): \(SystemReason.text(for: error))")
    }
    self.path = path
    switch place {
    case .folder: throw Self.refusal(path, EISDIR)
    case .descriptor(let number):
      file = number
      isOwn = false
      target = nil
    case .stream:
      file = Self.again { open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
      isOwn = true
      target = nil
      if file < 0 { throw Self.refusal(path, errno) }
    case .file(let target):
      var status = stat()
      let isThere = stat(target, &status) == 0
      // Renaming would get around the permissions of the file.
      if isThere, access(target, W_OK) != 0 { throw Self.refusal(path, errno) }
      let folder = OutputPlace.folder(of: target)
      let opened = Self.openTemporary(in: folder)
      if opened.file < 0 { throw Self.refusal(path, opened.error) }
      file = opened.file
      isOwn = true
      self.target = target
      temporary = opened.name
      cleaning = opened.cleaning
      if isThere {
        // Ownership first: it takes the bits for other users away. Only who may give files away can
        // keep it.
        if status.st_uid != geteuid() || status.st_gid != getegid() {
          _ = fchown(file, status.st_uid, status.st_gid)
        }
        _ = fchmod(file, status.st_mode & 0o7777)
      }
    }
  }

  deinit {
    if isOwn { close(file) }
    if !isDone, let temporary { unlink(temporary) }
    softmax_audit_keep(cleaning)
  }

  /// Whether bytes go to their place at once, and cannot be taken back.
  var isStream: Bool { target == nil }

  // MARK: Writing

  /// Adds bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(UserError) {
    if pending.count + bytes.count < Self.room {
      pending.append(contentsOf: bytes)
      return
    }
    try flush()
    if bytes.count < Self.room {
      pending.append(contentsOf: bytes)
    } else if let number = Self.writeAll(bytes, to: file) {
      throw Self.refusal(path, number)
    }
  }

  /// Adds bytes.
  package func append(_ data: Data) throws(UserError) {
    // The closure cannot throw a typed error through Foundation.
    var failure: UserError?
    data.withUnsafeBytes { bytes in
      do throws(UserError) { try append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func flush() throws(UserError) {
    let number = pending.withUnsafeBytes { Self.writeAll($0, to: file) }
    pending.removeAll(keepingCapacity: true)
    if let number { throw Self.refusal(path, number) }
  }

  /// Makes sure that all bytes are written, so that only taking the place is left.
  func complete() throws(UserError) { try flush() }

  /// Puts the file in its place.
  package func finish() throws(UserError) {
    try flush()
    guard let target else {
      isDone = true
      return
    }
    if temporary == nil {
      let (name, number) = Self.named(in: OutputPlace.folder(of: target)) { name in
        softmax_audit_name_file(file, name)
      }
      if let number { throw Self.refusal(path, number) }
      temporary = name
    }
    if let temporary, rename(temporary, target) != 0 { throw Self.refusal(path, errno) }
    isDone = true
  }

  /// Writes all bytes to an open file, going on where the system stopped.
  ///
  /// - Parameter system: `write` of the system, which may take fewer bytes than it is given: at
  ///   most 2 147 479 552 on Linux, and as few as it likes when a signal comes.
  /// - Returns: The number of the error; nil where all is written.
  static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to file: Int32,
    by system: (Int32, UnsafeRawPointer, Int) -> Int = { write($0, $1, $2) }
  ) -> Int32? {
    guard let start = bytes.baseAddress else { return nil }
    var done = 0
    while done < bytes.count {
      let count = system(file, start + done, bytes.count - done)
      if count > 0 {
        done += count
      } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        // Somebody has opened the other end of a pipe so that it does not wait.
        var wanted = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        _ = again { poll(&wanted, 1, -1) }
      } else if count < 0, errno != EINTR {
        return errno
      } else if count == 0 {
        return ENOSPC
      }
    }
    return nil
  }

  // MARK: Files without a name, or with one of their own

  private static func openTemporary(
    in folder: String
  ) -> (file: Int32, name: String?, cleaning: Int32, error: Int32) {
    let file = again { softmax_audit_open_unnamed(folder, 0o666) }
    if file >= 0 {
      // A name is given through /proc, which a sandbox may not have.
      if access("/proc/self/fd/\(file)", F_OK) == 0 { return (file, nil, -1, 0) }
      close(file)
    }
    var named: Int32 = -1
    let (name, number) = self.named(in: folder) { name in
      named = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      return named < 0 ? -1 : 0
    }
    if let number { return (-1, nil, -1, number) }
    return (named, name, softmax_audit_remove_at_end(name), 0)
  }

  /// Whether a file can be made in a folder.
  static func canBegin(in folder: String) -> Bool {
    let opened = openTemporary(in: folder)
    guard opened.file >= 0 else { return false }
    close(opened.file)
    if let name = opened.name { unlink(name) }
    softmax_audit_keep(opened.cleaning)
    return true
  }

  /// A name in a folder that something can be made under.
  private static func named(
    in folder: String, _ make: (String) -> Int32
  ) -> (name: String, error: Int32?) {
    for _ in 0..<64 {
      // Short, whatever the file is called: a name may be as long as the system allows.
      let number = UInt32.random(in: 0 ... .max)
      let name = "\(folder)/.softmax-audit-\(getpid())-\(number).partial"
      if make(name) == 0 { return (name, nil) }
      if errno == EINTR { continue }
      if errno != EEXIST { return (name, errno) }
    }
    return (folder, EEXIST)
  }

  private static func again(_ call: () -> Int32) -> Int32 {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  static func refusal(_ path: String, _ number: Int32) -> UserError {
    let name = path == OutputPlace.standardOutput ? "standard output" : path
    return UserError(
      .cannotWrite, "cannot write \(name): \(SystemReason.text(forNumber: number))")
  }
}
