import Foundation
import TestSupport
import Testing

@testable import Basics

@Suite("Output files")
struct OutputFileTests {
  /// A folder that exists as long as the value is in use.
  private final class Folder {
    let path: String
    init() throws {
      path =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("softmax-audit-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func callAsFunction(_ name: String) -> String { path + "/" + name }
    var contents: [String] {
      get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
  }

  private func mode(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : 0
  }

  private func content(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("A short write goes on where it ended", arguments: [1, 3, 4096, 65_537])
  func shortWrites(most: Int) {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 0x9E37_79B9 >> 13) }
    var taken: [UInt8] = []
    var calls = 0
    let error = bytes.withUnsafeBytes { bytes in
      StagedFile.writeAll(bytes, to: 99) { file, start, count in
        calls += 1
        // Every third call is interrupted before it has taken anything.
        if calls % 3 == 0 {
          errno = EINTR
          return -1
        }
        let part = UnsafeRawBufferPointer(start: start, count: min(count, most))
        taken += part
        return part.count
      }
    }
    #expect(error == nil)
    #expect(taken == bytes)
  }

  @Test("A write that fails is said with its number", arguments: [ENOSPC, EPIPE, EIO])
  func failingWrites(number: Int32) {
    var calls = 0
    let error = [UInt8](repeating: 7, count: 100).withUnsafeBytes { bytes in
      StagedFile.writeAll(bytes, to: 99) { _, _, _ in
        calls += 1
        if calls < 3 { return 10 }
        errno = number
        return -1
      }
    }
    #expect(error == number)
    #expect(calls == 3)
  }

  @Test("A new file has the mode that the umask leaves, an old one keeps its own")
  func modes() throws {
    let folder = try Folder()
    try OutputFile.write(Data("new".utf8), to: folder("new"))
    let probe = open(folder("probe"), O_WRONLY | O_CREAT, 0o666)
    close(probe)
    #expect(mode(of: folder("new")) == mode(of: folder("probe")))
    for wanted: mode_t in [0o600, 0o640, 0o755] {
      #expect(chmod(folder("new"), wanted) == 0)
      try OutputFile.write(Data("again".utf8), to: folder("new"))
      #expect(mode(of: folder("new")) & 0o7777 == wanted)
      #expect(try content(folder("new")) == "again")
    }
  }

  @Test("A symbolic link stays one, and what it leads to is written, though it is not there yet")
  func links() throws {
    let folder = try Folder()
    try Data("old".utf8).write(to: URL(fileURLWithPath: folder("target")))
    #expect(symlink("target", folder("link")) == 0)
    #expect(symlink("link", folder("chain")) == 0)
    #expect(symlink(folder("missing"), folder("dangling")) == 0)
    try OutputFile.write(Data("by chain".utf8), to: folder("chain"))
    try OutputFile.write(Data("by dangling".utf8), to: folder("dangling"))
    for link in ["link", "chain", "dangling"] {
      #expect(mode(of: folder(link)) & S_IFMT == S_IFLNK)
    }
    #expect(try content(folder("target")) == "by chain")
    #expect(try content(folder("missing")) == "by dangling")
    #expect(symlink("round", folder("round")) == 0)
    #expect(throws: UserError.self) { try OutputFile.write(Data(), to: folder("round")) }
    #expect(try folder.contents == ["chain", "dangling", "link", "missing", "round", "target"])
  }

  @Test("A pipe is written through and stays a pipe")
  func pipes() async throws {
    let folder = try Folder()
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    try OutputFile.checkWritable(folder("pipe"))
    let path = folder("pipe")
    let reading = PipeReader(path)
    let data = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
    try OutputFile.write([(folder("file"), Data("beside".utf8)), (path, data)])
    #expect(await reading.content == data)
    #expect(mode(of: path) & S_IFMT == S_IFIFO)
    #expect(try folder.contents == ["file", "pipe"])
  }

  @Test("A device is written through, and one that is full fails")
  func devices() throws {
    try OutputFile.write(Data("nothing".utf8), to: "/dev/null")
    #expect(mode(of: "/dev/null") & S_IFMT == S_IFCHR)
    #expect {
      try OutputFile.write(Data(repeating: 1, count: 1 << 20), to: "/dev/full")
    } throws: { error in
      (error as? UserError)?.kind == .cannotWrite
    }
  }

  @Test("An open file is written to by its number")
  func descriptors() throws {
    let folder = try Folder()
    let file = open(folder("file"), O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    #expect(write(file, "head ", 5) == 5)
    try OutputFile.write(Data("tail".utf8), to: "/dev/fd/\(file)")
    #expect(try content(folder("file")) == "head tail")
  }

  @Test("Several files are written all or not at all, and nothing is left over")
  func severalFiles() throws {
    let folder = try Folder()
    try OutputFile.write([(folder("one"), Data("1".utf8)), (folder("two"), Data("2".utf8))])
    #expect(throws: UserError.self) {
      try OutputFile.write([
        (folder("one"), Data("changed".utf8)), (folder("missing/three"), Data("3".utf8)),
      ])
    }
    #expect(throws: UserError.self) {
      try OutputFile.write([
        (folder("two"), Data("changed".utf8)), ("/dev/full", Data(repeating: 1, count: 1 << 20)),
      ])
    }
    #expect(try content(folder("one")) == "1")
    #expect(try content(folder("two")) == "2")
    #expect(try folder.contents == ["one", "two"])
  }

  @Test("A file that is given up leaves nothing behind, not even for a moment where the system can")
  func givenUp() throws {
    let folder = try Folder()
    do {
      let file = try StagedFile(folder("file"))
      try file.append(Data(repeating: 1, count: 1 << 20))
    }
    #expect(try folder.contents.isEmpty)
  }

  @Test("Names as long as the system allows can be written")
  func longNames() throws {
    let folder = try Folder()
    let name = String(repeating: "n", count: 255)
    try OutputFile.write(Data("long".utf8), to: folder(name))
    #expect(try folder.contents == [name])
    #expect(throws: UserError.self) { try OutputFile.write(Data(), to: folder(name + "n")) }
  }

  @Test("Two paths to one place are known as such")
  func identities() throws {
    let folder = try Folder()
    try OutputFile.write(Data(), to: folder("file"))
    #expect(symlink("file", folder("link")) == 0)
    #expect(link(folder("file"), folder("hard")) == 0)
    let identity = OutputFile.identity(of: folder("file"))
    #expect(identity != nil)
    #expect(OutputFile.identity(of: folder("link")) == identity)
    #expect(OutputFile.identity(of: folder("hard")) == identity)
    #expect(OutputFile.identity(of: folder(".//file")) == identity)
    #expect(OutputFile.identity(of: folder("new")) == OutputFile.identity(of: folder("./new")))
    #expect(OutputFile.identity(of: folder("new")) != OutputFile.identity(of: folder("newer")))
    #expect(OutputFile.identity(of: "/dev/null") == nil)
  }
}
