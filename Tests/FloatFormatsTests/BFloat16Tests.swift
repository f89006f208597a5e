import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@Suite("BFloat16")
struct BFloat16Tests {
  @Test func `every operation is correctly rounded`() {
    var arithmetic = Arithmetic<BFloat16>()
    arithmetic.run(randomPairs: 4000, seed: 0xBF)
    arithmetic.complaints.expectNone()
  }

  @Test func `quotients of subnormals by every significand are correctly rounded`() {
    var arithmetic = Arithmetic<BFloat16>()
    // A quotient M 2^-134 +- a hair: the case that double rounding through binary32 could spoil.
    for numerator in UInt16(0x0080)..<0x0100 {
      for denominator in stride(from: UInt16(0x3F80), to: 0x4200, by: 5) {
        arithmetic.checkFour(
          BFloat16(bitPattern: numerator), BFloat16(bitPattern: denominator))
      }
    }
    arithmetic.complaints.expectNone()
  }

  @Test func `a binary32 number is rounded to the nearest bfloat16, ties to even`() {
    var complaints = Complaints()
    var generator = SplitMix64(seed: 0x32)
    func check(_ value: Float) {
      let expected = ReferenceNumber(Double(value)).rounded(to: .bfloat16, .toNearestOrEven)
      complaints.check(
        UInt64(BFloat16(rounding: value).bitPattern) == expected, "\(value.hexText)")
    }
    for _ in 0..<30_000 { check(Float.randomFinite(using: &generator)) }
    for pattern in UInt32(0)..<0x7F80 {
      // Each bfloat16, its upper midpoint, and the binary32 numbers beside that.
      for low: UInt32 in [0, 0x7FFF, 0x8000, 0x8001] {
        check(Float(bitPattern: pattern << 16 | low))
      }
      check(-Float(bitPattern: pattern << 16 | 0x8000))
    }
    complaints.expectNone()
  }

  @Test func `a NaN stays a NaN with its sign, whatever its payload`() {
    for bits: UInt32 in [0x7F80_0001, 0x7FFF_FFFF, 0x7FC0_0000, 0xFFFF_FFFF, 0xFF80_0001] {
      let value = BFloat16(rounding: Float(bitPattern: bits))
      #expect(value.isNaN)
      #expect(value.isNegative == (bits >> 31 == 1))
    }
  }

  @Test func `every comparison with NaN is false`() {
    let others = Arithmetic<BFloat16>.structured
    for nan in [BFloat16.nan, -BFloat16.nan, BFloat16(bitPattern: 0x7F81)] {
      for other in others {
        for (a, b) in [(nan, other), (other, nan)] {
          #expect(!(a < b))
          #expect(!(a <= b))
          #expect(!(a > b))
          #expect(!(a >= b))
          #expect(!(a == b))
        }
      }
    }
  }

  private func isBelow<F: Comparable>(_ a: F, _ b: F) -> [Bool] { [a < b, a <= b, a > b, a >= b] }

  @Test func `generic comparison, too, is false for NaN and right for numbers`() {
    #expect(isBelow(BFloat16.nan, .one) == [false, false, false, false])
    #expect(isBelow(BFloat16.one, .nan) == [false, false, false, false])
    let numbers = Arithmetic<BFloat16>.structured.filter { !$0.isNaN }
    for a in numbers {
      for b in numbers {
        #expect(isBelow(a, b) == isBelow(a.exactDouble, b.exactDouble))
        #expect((a == b) == (a.exactDouble == b.exactDouble))
      }
    }
  }

  @Test func `equal values hash alike`() {
    #expect(BFloat16.zero == -BFloat16.zero)
    #expect(Set([BFloat16.zero, -BFloat16.zero, .one]).count == 2)
  }

  @Test func `rounding to an integer is to nearest, ties to even`() {
    var complaints = Complaints()
    for pattern in UInt16.min...UInt16.max {
      let value = BFloat16(bitPattern: pattern)
      let expected = value.exactDouble.rounded(.toNearestOrEven)
      complaints.check(
        value.isNaN
          ? value.roundedToInteger.isNaN
          : value.roundedToInteger.exactDouble.bitPattern == expected.bitPattern,
        value.patternText)
    }
    complaints.expectNone()
  }

  @Test func `negation flips the sign bit alone`() {
    for value in Arithmetic<BFloat16>.structured {
      #expect((-value).bitPattern == value.bitPattern ^ 0x8000)
    }
  }
}
