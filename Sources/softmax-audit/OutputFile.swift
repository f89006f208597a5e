import Foundation
import SoftmaxAudit

/// Output files are written whole or not at all.
enum OutputFile {
  /// Writes a file by way of a temporary one beside it.
  static func write(_ data: Data, to path: String) throws(UserError) {
    let url = URL(fileURLWithPath: path)
    do {
      try data.write(to: url, options: .atomic)
    } catch {
      throw UserError(.cannotWrite, "cannot write \(path): \(reason(error)); choose another place")
    }
  }

  /// Writes several files: all of them, or none.
  ///
  /// All are written beside their places first; what cannot be written by then leaves every place as it was.
  static func write(_ files: [(path: String, data: Data)]) throws(UserError) {
    let ending = ".\(ProcessInfo.processInfo.processIdentifier).partial"
    var written: [String] = []
    var failure: UserError?
    for (path, data) in files where failure == nil {
      do {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
          isDirectory.boolValue
        {
          throw CocoaError(.fileWriteInvalidFileName)
        }
        written.append(path + ending)
        try data.write(to: URL(fileURLWithPath: path + ending))
      } catch {
        failure = UserError(
          .cannotWrite, "cannot write \(path): \(reason(error)); choose another place")
      }
    }
    if failure == nil {
      // Only the disk can fail now, and then nothing more can be promised.
      for (path, _) in files where failure == nil {
        if rename(path + ending, path) != 0 {
          failure = UserError(
            .cannotWrite,
            "cannot write \(path): \(String(cString: strerror(errno))); choose another place")
        }
      }
    }
    guard let failure else { return }
    for path in written { try? FileManager.default.removeItem(atPath: path) }
    throw failure
  }

  /// Makes sure before a long run that a file can be written where it is to go.
  static func checkWritable(_ path: String) throws(UserError) {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    {
      throw UserError(.cannotWrite, "cannot write \(path): it is a directory; name a file")
    }
    try checkWritable(directory: directory, for: path)
  }

  /// Makes sure before a long run that a directory can be made, or written to where it exists.
  static func checkDirectory(_ path: String) throws(UserError) {
    var existing = URL(fileURLWithPath: path).standardizedFileURL
    var isDirectory: ObjCBool = false
    while !FileManager.default.fileExists(atPath: existing.path, isDirectory: &isDirectory),
      existing.pathComponents.count > 1
    {
      existing.deleteLastPathComponent()
    }
    guard isDirectory.boolValue else {
      throw UserError(
        .cannotWrite,
        "cannot make the directory \(path): \(existing.path) is a file; choose another place")
    }
    try checkWritable(directory: existing.path, for: path)
  }

  /// Makes a directory where there is none.
  static func makeDirectory(_ path: String) throws(UserError) {
    try checkDirectory(path)
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotWrite, "cannot make the directory \(path): \(reason(error)); choose another place")
    }
  }

  private static func checkWritable(directory: String, for path: String) throws(UserError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else {
      throw UserError(
        .cannotWrite,
        "cannot write \(path): the directory \(directory) does not exist; make it first")
    }
    guard isDirectory.boolValue else {
      throw UserError(
        .cannotWrite, "cannot write \(path): \(directory) is a file; choose another place")
    }
    // Permissions do not tell all (read-only file systems, quotas): try.
    let probe = URL(fileURLWithPath: directory)
      .appendingPathComponent(".softmax-audit-\(ProcessInfo.processInfo.processIdentifier)")
    do {
      try Data().write(to: probe)
      try FileManager.default.removeItem(at: probe)
    } catch {
      throw UserError(
        .cannotWrite,
        "cannot write \(path): the directory \(directory) is not writable; choose another place")
    }
  }

  /// What the system objected to.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code)))
    }
    return (error as NSError).localizedDescription
  }
}
