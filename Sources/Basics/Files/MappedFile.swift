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

/// The bytes of files that may be larger than memory.
package enum MappedFile {
  /// The bytes of a file, in memory only as far as they are looked at.
  ///
  /// Foundation's reading option `mappedIfSafe` is a wish: on Linux the whole file is read. A
  /// regular file must not be cut short while its bytes are in use.
  ///
  /// - Throws: An error for ``SystemReason``; for pipes and devices too, which may have no end.
  package static func bytes(of path: String) throws -> Data {
    // A pipe that nobody writes to must not hold the program up before it is refused.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw Self.failure() }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.failure() }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw POSIXError(.EISDIR) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw IrregularFile(mode: status.st_mode) }
    let size = Int(status.st_size)
    guard size > 0 else { return try everything(in: file) }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw Self.failure()
    }
    return Data(
      bytesNoCopy: start, count: size, deallocator: .custom { start, size in munmap(start, size) })
  }

  /// The bytes of a file that a user named.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` with the system's reason.
  package static func contents(of path: String) throws(UserError) -> Data {
    do {
      return try bytes(of: path)
    } catch {
      throw UserError(.malformedInput, "\(path) cannot be read: \(SystemReason.text(for: error))")
    }
  }

  /// The reason why the thing at a path is no file that can be read; `nil` where it is one, or
  /// where nothing is there.
  package static func objection(to path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return nil }
    return SystemReason.text(
      for: status.st_mode & S_IFMT == S_IFDIR
        ? POSIXError(.EISDIR) : IrregularFile(mode: status.st_mode))
  }

  /// The bytes of a file that somebody wrote by hand or a program wrote whole, read at once.
  ///
  /// - Parameter advice: What to name instead, after "name ".
  /// - Throws: ``UserError`` of kind `malformedInput`.
  package static func document(_ path: String, advice: String) throws(UserError) -> Data {
    do {
      let mapped = try bytes(of: path)
      // A copy: what is small may be replaced while it is in use.
      return mapped.withUnsafeBytes { Data($0) }
    } catch {
      throw UserError(
        .malformedInput, "cannot read \(path): \(SystemReason.cause(for: error)); name \(advice)")
    }
  }

  /// Reads a file without a size to its end: empty ones, and those that the system makes up as they
  /// are read.
  private static func everything(in file: Int32) throws -> Data {
    var content = Data()
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(file, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure() }
      guard count > 0 else { return content }
      content.append(contentsOf: part[..<count])
    }
  }

  private static func failure() -> any Error {
    POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO)
  }
}
