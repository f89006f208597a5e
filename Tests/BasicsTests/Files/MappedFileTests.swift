import Foundation
import Testing

@testable import Basics

@Suite("Mapped files")
struct MappedFileTests {
  private static func withFile(_ content: Data, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("softmax-audit-\(UUID().uuidString)").path
    try content.write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("The bytes are those of the file, slices and all", arguments: [0, 1, 4095, 1 << 20])
  func content(count: Int) throws {
    let content = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 0x9E37) })
    try Self.withFile(content) { path in
      let bytes = try MappedFile.bytes(of: path)
      #expect(bytes == content)
      #expect(bytes.dropFirst(100).prefix(7) == content.dropFirst(100).prefix(7))
    }
  }

  // The system's list of mappings would say it in one line, but it is read in pieces while other
  // tests map and unmap.
  @Test("A file of more than the memory is mapped, and unmapped with the last of its bytes")
  func mapping() throws {
    try Self.withFile(Data([7])) { path in
      let size = 1 << 42
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.truncate(atOffset: UInt64(size))
      // 320 TiB in all: more than the addresses of a process, unless each mapping ends before the
      // next.
      for _ in 0..<80 {
        var slice: Data? = try MappedFile.bytes(of: path).dropFirst(size - 1)
        #expect(slice?.first == 0)
        slice = nil
      }
      #expect(try MappedFile.bytes(of: path).first == 7)
    }
  }

  @Test("What may have no end is refused, and nothing is waited for")
  func irregular() throws {
    let pipe = FileManager.default.temporaryDirectory
      .appendingPathComponent("softmax-audit-\(UUID().uuidString)").path
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    for (path, words) in [(pipe, "it is a pipe"), ("/dev/zero", "it is a device")] {
      #expect {
        try MappedFile.bytes(of: path)
      } throws: {
        SystemReason.text(for: $0).hasPrefix(words)
      }
    }
  }

  @Test("What the system makes up as it is read is read to its end")
  func madeUp() throws {
    #if os(Linux)
      #expect(try MappedFile.bytes(of: "/proc/self/status").starts(with: Data("Name:".utf8)))
    #endif
  }

  @Test("What is not there, or is a folder, is said with what to do")
  func refusals() {
    for (path, words) in [("/nowhere/at-all", "there is no such file"), ("/", "it is a folder")] {
      #expect {
        try MappedFile.bytes(of: path)
      } throws: {
        SystemReason.text(for: $0).contains(words)
      }
    }
  }
}
