#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the system objected to when a file was read or written, and what to do.
enum SystemReason {
  static func text(for error: any Error) -> String {
    guard let cause = error as? POSIXError ?? (error as? CocoaError)?.underlying as? POSIXError
    else { return "the system says \(error)" }
    return switch cause.code {
    case POSIXError.ENOENT: "there is no such file or folder; check the name"
    case POSIXError.ENOTDIR: "a part of its path is not a folder; check the name"
    case POSIXError.EISDIR: "it is a folder; name a file"
    case POSIXError.EACCES, POSIXError.EPERM: "permission is denied; change the permissions"
    case POSIXError.EROFS: "the file system is read-only; choose another place"
    case POSIXError.ENOSPC, POSIXError.EDQUOT: "no space is left; make room"
    default: "the system reports \(cause.code)"
    }
  }
}
