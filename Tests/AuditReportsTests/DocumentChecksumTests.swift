import Basics
import FloatFormats
import Foundation
import Testing

@testable import AuditReports

@Suite("The checksum that documents carry")
struct DocumentChecksumTests {
  @Test("It is the SHA-256 of the document without it, as sha256sum gives")
  func value() {
    let sealed = String(decoding: DocumentChecksum.seal(Data("{\"a\":1}\n".utf8)), as: UTF8.self)
    // printf '{"a":1}\n' | sha256sum
    #expect(
      sealed
        == "{\"checksum\":\"e346432021b04179518d9614f3560ccd71354a4ee101ddcb893d6959a9d6301c\",\"a\":1}\n"
    )
  }

  @Test("Any flipped bit is noticed, or leaves no document")
  func flippedBits() throws {
    let sealed = try ResultsJSON.encode(results([row("a", .float32)]))
    #expect(DocumentChecksum.state(of: sealed) == .intact)
    for place in Array(0..<100) + Array(stride(from: 100, to: sealed.count, by: 97)) {
      for bit in 0..<8 {
        var flipped = sealed
        flipped[place] ^= 1 << UInt8(bit)
        #expect(throws: UserError.self, "byte \(place), bit \(bit)") {
          try ResultsJSON.decode(flipped, name: "results.json")
        }
      }
    }
  }

  @Test("Documents of earlier versions carry none, and are read")
  func earlierVersions() throws {
    let original = results([row("a", .float32)])
    let text = String(decoding: try ResultsJSON.encode(original), as: UTF8.self)
    let earlier = Data(text.replacing(/^\{"checksum":"[^"]*",/, with: "{").utf8)
    #expect(DocumentChecksum.state(of: earlier) == .absent)
    #expect(try ResultsJSON.decode(earlier, name: "results.json") == original)
  }
}
