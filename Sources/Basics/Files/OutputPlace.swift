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

/// The place that a path of an output leads to, links followed.
enum OutputPlace: Equatable {
  /// An open file of this process: standard output, or what a shell handed on as `/dev/fd/63`.
  case descriptor(Int32)
  /// A pipe, device or socket, which is written through and stays what it is.
  case stream
  /// An ordinary file, or nothing yet; the path is that of the file itself and not of a link to it.
  case file(String)
  case folder

  /// The path that stands for standard output.
  static let standardOutput = "-"

  /// - Throws: `POSIXError` where the path leads nowhere.
  init(_ path: String) throws {
    if path == Self.standardOutput {
      self = .descriptor(STDOUT_FILENO)
      return
    }
    guard !path.isEmpty else { throw POSIXError(.ENOENT) }
    let target = try Self.followed(path)
    if let number = Self.descriptor(in: target) {
      self = .descriptor(number)
      return
    }
    var status = stat()
    guard stat(target, &status) == 0 else {
      guard errno == ENOENT else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
      self = .file(target)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: self = .folder
    case S_IFREG:
      // `--json out.txt >out.txt`: renaming would leave standard output to a file without a name.
      let isOutput = Self.isSame(status, as: STDOUT_FILENO)
      self = isOutput ? .descriptor(STDOUT_FILENO) : .file(target)
    default: self = .stream
    }
  }

  /// The path that the links at the end of a path lead to, which need not exist.
  private static func followed(_ path: String) throws -> String {
    var path = path
    var buffer = [CChar](repeating: 0, count: 4097)
    for _ in 0..<40 {
      if descriptor(in: path) != nil { return path }
      let count = readlink(path, &buffer, buffer.count)
      guard count > 0 else { return path }
      let target = String(
        decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      path = target.hasPrefix("/") ? target : folder(of: path) + "/" + target
    }
    throw POSIXError(.ELOOP)
  }

  /// The number of the open file of this process that a path names, as far as systems have such
  /// names.
  private static func descriptor(in path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default: break
    }
    for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"]
    where path.hasPrefix(folder) {
      guard let number = Int32(path.dropFirst(folder.count)), fcntl(number, F_GETFD) >= 0 else {
        continue
      }
      return number
    }
    return nil
  }

  private static func isSame(_ status: stat, as descriptor: Int32) -> Bool {
    var other = stat()
    return fstat(descriptor, &other) == 0 && other.st_dev == status.st_dev
      && other.st_ino == status.st_ino
  }

  /// The folder that a path lies in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// An identity common to two paths that lead to the same place; `nil` where nothing is there yet
  /// nor can be.
  ///
  /// Devices that forget what they are given, such as `/dev/null`, are the same place for nobody.
  static func identity(of path: String) -> String? {
    guard let place = try? OutputPlace(path) else { return nil }
    var status = stat()
    switch place {
    case .descriptor(let number):
      guard fstat(number, &status) == 0 else { return "descriptor \(number)" }
    case .stream, .folder:
      guard stat(path, &status) == 0 else { return nil }
    case .file(let target):
      guard stat(target, &status) == 0 else {
        // Nothing there yet: the folder and the name tell.
        guard stat(folder(of: target), &status) == 0 else { return "path \(target)" }
        let name = target.split(separator: "/").last ?? ""
        return "entry \(status.st_dev) \(status.st_ino) \(name)"
      }
    }
    var null = stat()
    if status.st_mode & S_IFMT == S_IFCHR, stat("/dev/null", &null) == 0,
      status.st_rdev == null.st_rdev
    {
      return nil
    }
    return "file \(status.st_dev) \(status.st_ino)"
  }
}
