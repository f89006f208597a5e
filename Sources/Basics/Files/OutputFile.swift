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

/// The one hand that writes everything that this program leaves on disk.
///
/// A file is written whole or not at all: beside its place, then renamed over what is there, whose
/// mode it keeps; a new one gets the mode that the umask leaves. Symbolic links stay links, to the
/// new file. Pipes, devices and sockets, open files such as `/dev/stdout` and `/dev/fd/63`, and
/// `-`, which is standard output, are written through.
package enum OutputFile {
  /// The path that stands for standard output.
  package static let standardOutput = OutputPlace.standardOutput

  /// Writes a file.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`; an ordinary file is as it was then.
  package static func write(_ data: Data, to path: String) throws(UserError) {
    let file = try StagedFile(path)
    try file.append(data)
    try file.finish()
  }

  /// Writes several files: all of them, or none.
  ///
  /// All are written beside their places before the first takes its place; what goes through pipes
  /// and devices goes before that, for it may fail and cannot be taken back.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func write(_ files: [(path: String, data: Data)]) throws(UserError) {
    var staged: [StagedFile] = []
    for (path, data) in files where !isStream(path) {
      let file = try StagedFile(path)
      try file.append(data)
      try file.complete()
      staged.append(file)
    }
    for (path, data) in files where isStream(path) { try write(data, to: path) }
    // Only the disk can fail now, and then nothing more can be promised.
    for file in staged { try file.finish() }
  }

  /// Adds to the end of a file, which is made where there is none.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func append(_ data: Data, to path: String) throws(UserError) {
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw StagedFile.refusal(path, errno) }
    defer { close(file) }
    let number = data.withUnsafeBytes { StagedFile.writeAll($0, to: file) }
    if let number { throw StagedFile.refusal(path, number) }
  }

  private static func isStream(_ path: String) -> Bool {
    switch try? OutputPlace(path) {
    case .descriptor, .stream: true
    case .file, .folder, nil: false
    }
  }

  // MARK: Before a run

  /// Makes sure before a long run that a file can be written where it is to go.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func checkWritable(_ path: String) throws(UserError) {
    let place: OutputPlace
    do { place = try OutputPlace(path) } catch {
      throw UserError(.cannotWrite, "cannot write \(path): \(SystemReason.text(for: error))")
    }
    switch place {
    case .folder:
      throw UserError(.cannotWrite, "cannot write \(path): it is a directory; name a file")
    case .descriptor(let number):
      // Some shells close what is not wanted.
      let mode = fcntl(number, F_GETFL)
      guard mode >= 0, mode & O_ACCMODE != O_RDONLY else { throw StagedFile.refusal(path, EBADF) }
    case .stream:
      guard access(path, W_OK) == 0 else { throw StagedFile.refusal(path, errno) }
    case .file(let target):
      try checkWritable(directory: OutputPlace.folder(of: target), for: path)
      if access(target, F_OK) == 0, access(target, W_OK) != 0 {
        throw StagedFile.refusal(path, errno)
      }
    }
  }

  /// Makes sure before a long run that a directory can be made, or written to where it exists.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func checkDirectory(_ path: String) throws(UserError) {
    var existing = path
    while existing.count > 1, existing.hasSuffix("/") { existing.removeLast() }
    while access(existing, F_OK) != 0, existing != ".", existing != "/" {
      existing = OutputPlace.folder(of: existing)
    }
    guard isDirectory(existing) else {
      throw UserError(
        .cannotWrite,
        "cannot make the directory \(path): \(existing) is a file; choose another place")
    }
    try checkWritable(directory: existing, for: path)
  }

  /// Makes a directory where there is none.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func makeDirectory(_ path: String) throws(UserError) {
    try checkDirectory(path)
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotWrite,
        "cannot make the directory \(path): \(SystemReason.text(for: error)); choose another place")
    }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func checkWritable(
    directory: String, for path: String
  ) throws(UserError) {
    guard access(directory, F_OK) == 0 else {
      throw UserError(
        .cannotWrite,
        "cannot write \(path): the directory \(directory) does not exist; make it first")
    }
    guard isDirectory(directory) else {
      throw UserError(
        .cannotWrite, "cannot write \(path): \(directory) is a file; choose another place")
    }
    // Permissions do not tell all (quotas, folders without room): try.
    guard StagedFile.canBegin(in: directory) else {
      throw UserError(
        .cannotWrite,
        "cannot write \(path): the directory \(directory) is not writable; choose another place")
    }
  }

  /// The identity of the file that a path leads to; nil where there is nothing to lose.
  package static func identity(of path: String) -> String? { OutputPlace.identity(of: path) }

  /// Whether a path leads to standard output.
  package static func isStandardOutput(_ path: String) -> Bool {
    (try? OutputPlace(path)) == .descriptor(STDOUT_FILENO)
  }
}
