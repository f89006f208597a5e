#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A worker's side of the file that it shares with its host: a mapping of the whole file.
final class SharedMemory {
  let size: Int
  let start: UnsafeMutableRawPointer

  /// Maps the file of a host; nil where that is impossible.
  init?(path: String, size: Int) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      start != MAP_FAILED
    else { return nil }
    self.size = size
    self.start = start
  }

  deinit { munmap(start, size) }
}
