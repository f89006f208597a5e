import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting
import Testing

@testable import Basics
@testable import Hunts
@testable import Laws

@Suite("Tokens")
struct TokenCodecTests {
  private let replay = TokenCodec("pt", .crc32(version: "1"))
  private let genome = TokenCodec("g", .fnv1a)

  @Test(
    "Base64 is that of RFC 4648 without padding",
    arguments: [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
      ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
  func vectors(bytes: String, text: String) throws {
    #expect(Base64URL.encode(Array(bytes.utf8)) == text)
    #expect(try Base64URL.decode(text[...]) == Array(bytes.utf8))
  }

  @Test("The last two letters of the alphabet are those for URLs")
  func alphabet() {
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    #expect(throws: TokenCodec.Flaw.illegalCharacter("+")) { try Base64URL.decode("+/8") }
    #expect(throws: TokenCodec.Flaw.unusedBits) { try Base64URL.decode("Zh") }
    #expect(throws: TokenCodec.Flaw.truncated) { try Base64URL.decode("Z") }
  }

  @Test("The checksums are those that others compute")
  func checksums() {
    // The check values of the catalogues of CRC-32/ISO-HDLC; zlib.crc32 and FNV-1a in Python.
    #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
    #expect(replay.text(of: Array("foobar".utf8)) == "pt1-Zm9vYmFylR_2ng")
    #expect(genome.text(of: []) == "g811c9dc5-")
    #expect(genome.text(of: Array("foobar".utf8)) == "g61fb1920-Zm9vYmFy")
  }

  @Test("Another name, version or checksum, and a word that is cut off, are told apart")
  func flaws() {
    for (text, flaw): (String, TokenCodec.Flaw) in [
      ("case1-Zm9vYmFylR_2ng", .foreign), ("pt", .foreign),
      ("pt2-Zm9vYmFylR_2ng", .unsupportedVersion("2")), ("pt1-", .truncated),
      ("pt1-Zm9vYmFylR_2nw", .checksumMismatch), ("pt1-Zm9vYmFylR_2n", .truncated),
    ] {
      #expect(throws: flaw, "\(text)") { try replay.bytes(in: text) }
    }
    #expect(throws: TokenCodec.Flaw.checksumMismatch) { try genome.bytes(in: "g1-Zm9vYmFy") }
  }

  @Test("The token of a genome that an earlier version printed is read, and printed again")
  func earlierGenome() throws {
    let token =
      "ge6c683c0-eyJlZGl0cyI6W10sImxldmVscyI6W3siZ2FwIjowLCJub2lzZSI6MTIuMzUyMDYzNjAxMDg0NjEsIndlaWdodCI6MH0seyJnYXAiOjE1LjIxNjU5ODE0NDY4MjE4LCJub2lzZSI6MC4zNDc5NDc5NDgyOTIyNDY5Niwid2VpZ2h0IjowLjY2OTk3MjkxNTQ5OTM2Mzd9XSwib2Zmc2V0IjowLCJvcmRlciI6ImFsdGVybmF0aW5nIiwicm90YXRpb24iOjAsInNlZWQiOjE2Mjg2ODQ3NzMyMjc1MDB9"
    let genome = try GenomeToken.genome(in: token)
    #expect(genome.levels.map(\.gap) == [0, 15.21659814468218])
    #expect(genome.seed == 1_628_684_773_227_500)
    #expect(GenomeToken.text(of: genome) == token)
    #expect(throws: UserError.self) { try GenomeToken.genome(in: String(token.dropLast())) }
  }

  @Test("The tokens of cases that an earlier version printed are read, and printed again")
  func earlierCases() throws {
    for (token, law): (String, Law) in [
      ("case1-AwEDAAMBAwADgJQBQ8U0GQ", .overflow),
      ("case1-AwEDAAMBAwIDCwMAA4B4M513kA", .largeShift),
    ] {
      let input = try CaseToken.input(of: token, law: law, .float16)
      #expect(input.logits.count == 1)
      #expect(CaseToken.text(of: input, choices: nil, .float16) == token)
    }
    // The float16 with the encoding 0x4A00 is 12: 2^3 (1 + 1/2).
    #expect(
      try CaseToken.input(of: "case1-AwEDAAMBAwADgJQBQ8U0GQ", law: .overflow, .float16).logits
        == [12])
  }
}
