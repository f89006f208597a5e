import FloatFormats
import PropertyTesting
import Testing

@Suite("Replay tokens")
struct ReplayTokenTests {
  static let sample: [ChoiceValue] = [
    .integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(64), .boolean(true),
    .boolean(false), .bits(0), .bits(.max), .bits(127), .bits(128),
    .float(.float16, bits: 0x7E01), .float(.bfloat16, bits: 0xFF80),
    .float(.float32, bits: 0x8000_0000), .float(.float64, bits: 0xFFF0_0000_0000_0001),
  ]

  @Test func `a token leads back to its choices, whatever they are`() throws {
    #expect(try ReplayToken.decode(ReplayToken.encode(Self.sample)) == Self.sample)
    #expect(try ReplayToken.decode(ReplayToken.encode([])) == [])
    for count in 1...Self.sample.count {
      let part = Array(Self.sample.prefix(count))
      #expect(try ReplayToken.decode(ReplayToken.encode(part)) == part)
    }
  }

  @Test func `random choices make the way there and back`() throws {
    let words = Generator<UInt64>.bits()
    let generator = Generator<ChoiceValue>.oneOf([
      words.map { .integer(Int64(bitPattern: $0)) }, words.map { .boolean($0 & 1 == 1) },
      words.map { .bits($0) }, words.map { .bits($0 & 127) },
      words.map { .float(.float16, bits: $0 & 0xFFFF) }, words.map { .float(.float64, bits: $0) },
    ])
    for choices in Generator.array(of: generator).samples(300) {
      #expect(try ReplayToken.decode(ReplayToken.encode(choices)) == choices)
    }
  }

  @Test func `a token is short, and goes into a URL as it is`() {
    let token = ReplayToken.encode([.boolean(true), .integer(5), .boolean(false)])
    #expect(token.count == 4 + 11)
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    #expect(ReplayToken.encode(Self.sample).allSatisfy(allowed.contains))
    #expect(ReplayToken.encode([.bits(3)]) == "pt1-AwOGEP3z")
  }

  @Test func `a character changed anywhere is noticed`() {
    let token = ReplayToken.encode(Self.sample)
    for offset in 0..<token.count {
      var characters = Array(token)
      characters[offset] = characters[offset] == "A" ? "B" : "A"
      #expect(throws: ReplayTokenError.self) { try ReplayToken.decode(String(characters)) }
    }
  }

  @Test func `a token that is cut off anywhere is noticed`() {
    let token = ReplayToken.encode(Self.sample)
    for length in 0..<token.count {
      #expect(throws: ReplayTokenError.self) {
        try ReplayToken.decode(String(token.prefix(length)))
      }
    }
  }

  @Test func `each error says what is wrong`() {
    func error(_ token: String) -> ReplayTokenError? {
      do {
        _ = try ReplayToken.decode(token)
        return nil
      } catch {
        return error
      }
    }
    #expect(error("") == .notAToken)
    #expect(error("seed 5") == .notAToken)
    #expect(error("pt2-AAAA") == .unsupportedVersion("2"))
    #expect(error("pt1-AA AA") == .illegalCharacter(" "))
    #expect(error("pt1-AAA=") == .illegalCharacter("="))
    #expect(error("pt1-AAA") == .truncated)
    #expect(error("pt1-AAAAAAAA") == .checksumMismatch)
    #expect(error(ReplayToken.encode([.bits(3)]) + "\n") == .illegalCharacter("\n"))
    #expect("\(ReplayTokenError.unsupportedVersion("2"))".contains("version '2'"))
  }
}
