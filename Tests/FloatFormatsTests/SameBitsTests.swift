import FloatFormats
import Testing

@Suite("Numbers that are the same to the bit")
struct SameBitsTests {
  @Test("Zeros of either sign differ, NaNs are alike, and lists are compared with all their bits")
  func identity() {
    let quiet = Float.nan
    let other = Float(bitPattern: quiet.bitPattern ^ 1)
    #expect(other.isNaN)
    #expect(Float(0.5).isIdentical(to: 0.5))
    #expect(!Float(0).isIdentical(to: -0.0))
    #expect(!Float(1).isIdentical(to: Float(1).nextUp))
    #expect(quiet.isIdentical(to: other))
    #expect(!quiet.isIdentical(to: 1))
    #expect([1, 0, quiet].hasSameBits(as: [1, 0, quiet]))
    #expect(![quiet].hasSameBits(as: [other]))
    #expect(![Float(0)].hasSameBits(as: [-0.0]))
    #expect(![1, Float(2)].hasSameBits(as: [1]))
    #expect([Float]().hasSameBits(as: []))
  }
}
