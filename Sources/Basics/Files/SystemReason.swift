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

/// The objection of the system to reading or writing a file, and the remedy.
package enum SystemReason {
  /// The reason for an error of the system, or of Foundation where that names one of the system.
  package static func text(for error: any Error) -> String {
    if let error = error as? IrregularFile { return error.description }
    guard let cause = error as? POSIXError ?? (error as? CocoaError)?.underlying as? POSIXError
    else { return "the system says \(error)" }
    return text(for: cause.code)
  }

  /// The objection of the system, without the remedy.
  static func cause(for error: any Error) -> String {
    String(text(for: error).prefix { $0 != ";" })
  }

  /// The reason for a number of `errno`.
  static func text(forNumber number: Int32) -> String {
    POSIXError.Code(rawValue: number).map { text(for: $0) } ?? "the system reports error \(number)"
  }

  private static func text(for code: POSIXError.Code) -> String {
    switch code {
    case .ENOENT: "there is no such file or folder; check the name"
    case .ENOTDIR: "a part of its path is not a folder; check the name"
    case .EISDIR: "it is a folder; name a file"
    case .EACCES, .EPERM: "permission is denied; change the permissions"
    case .EROFS: "the file system is read-only; choose another place"
    case .ENOSPC, .EDQUOT: "no space is left; make room"
    case .ENAMETOOLONG: "its name is too long; choose a shorter one"
    case .EPIPE: "nobody reads at the other end"
    case .ELOOP: "its symbolic links lead in a circle; name another file"
    default: "the system reports \(code)"
    }
  }
}

/// Something at the place of a file that has no end or no size: a pipe, a device, a socket.
struct IrregularFile: Error, CustomStringConvertible {
  let description: String

  /// - Parameter mode: The mode of what is there, as `stat` gives it.
  init(mode: mode_t) {
    let kind =
      switch mode & S_IFMT {
      case S_IFIFO: "a pipe"
      case S_IFCHR, S_IFBLK: "a device"
      case S_IFSOCK: "a socket"
      default: "no ordinary file"
      }
    description = "it is \(kind); save what it gives to a file and name that"
  }
}
