import Testing

@testable import Basics

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
}
