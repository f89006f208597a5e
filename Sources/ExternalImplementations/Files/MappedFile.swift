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
enum MappedFile {
  /// The bytes of a file, in memory only as far as they are looked at.
  ///
  /// Foundation's reading option `mappedIfSafe` is a wish: on Linux the whole file is read. What cannot be mapped, a pipe
  /// for one, is read. A regular file must not be cut short while its bytes are in use.
  static func bytes(of path: String) throws -> Data {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Self.failure() }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.failure() }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      return try everything(in: file)
    }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw Self.failure()
    }
    return Data(
      bytesNoCopy: start, count: size, deallocator: .custom { start, size in munmap(start, size) })
  }

  /// What a file without a size gives, to its end.
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
