import Foundation
import Testing

@testable import ExternalImplementations

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

  #if os(Linux)
    @Test("A file is mapped as long as its bytes are in use, and is not read")
    func isMapped() throws {
      // The list is read in pieces, while other tests map and unmap: a look can miss a mapping, but not make one up.
      func isMapped(_ path: String) throws -> Bool {
        for _ in 0..<100 {
          let list = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
          if list.contains(path) { return true }
        }
        return false
      }
      try Self.withFile(Data(repeating: 7, count: 1 << 20)) { path in
        var slice: Data? = try MappedFile.bytes(of: path).dropFirst(1000)
        #expect(slice?.first == 7)
        #expect(try isMapped(path))
        slice = nil
        #expect(try !isMapped(path))
      }
    }
  #endif

  @Test("What has no size is read: a device, for one")
  func device() throws {
    #expect(try MappedFile.bytes(of: "/dev/null").isEmpty)
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
