import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@Suite("Float16, Float and Double")
struct StandardFormatsTests {
  @Test func `every operation of float16 is correctly rounded`() {
    var arithmetic = Arithmetic<Float16>()
    arithmetic.run(randomPairs: 4000, seed: 0xF16)
    arithmetic.complaints.expectNone()
  }

  @Test func `every operation of packed float16 is correctly rounded`() {
    var arithmetic = Arithmetic<PackedFloat16>()
    arithmetic.run(randomPairs: 4000, seed: 0xF17)
    arithmetic.complaints.expectNone()
  }

  @Test func `packed float16 gives the very bits of float16, NaNs and functions too`() {
    var complaints = Complaints()
    var generator = SplitMix64(seed: 0xF18)
    func check(_ packed: PackedFloat16, _ expected: Float16, _ name: String) {
      complaints.check(
        packed.bitPattern == expected.bitPattern || packed.isNaN && expected.isNaN,
        "\(name): \(packed.hexText) for \(expected.hexText)")
    }
    for pattern in UInt16.min...UInt16.max {
      let (x, y) = (Float16(bitPattern: pattern), Float16.random(using: &generator))
      let (packed, other) = (
        PackedFloat16(bitPattern: x.bitPattern), PackedFloat16(bitPattern: y.bitPattern)
      )
      check(-packed, -x, "negation")
      check(packed + other, x + y, "sum")
      check(packed - other, x - y, "difference")
      check(packed * other, x * y, "product")
      check(packed / other, x / y, "quotient")
      check(packed.roundedToInteger, x.roundedToInteger, "integer")
      check(packed.addingProduct(other, packed), x.addingProduct(y, x), "fused")
      check(packed.scaled(byPowerOfTwo: -9), x.scaled(byPowerOfTwo: -9), "scaled")
      check(.exp(packed), .exp(x), "exp")
      check(.exp2(packed), .exp2(x), "exp2")
      check(.log(packed), .log(x), "log")
      complaints.check(
        (packed < other) == (x < y) && (packed <= other) == (x <= y)
          && (packed > other) == (x > y) && (packed >= other) == (x >= y)
          && (packed == other) == (x == y),
        "order of \(x.hexText) and \(y.hexText)")
    }
    complaints.expectNone()
  }

  @Test func `every operation of float32 is correctly rounded`() {
    var arithmetic = Arithmetic<Float>()
    arithmetic.run(randomPairs: 1000, seed: 0xF32)
    arithmetic.complaints.expectNone()
  }

  @Test func `scaling a float64 rounds once`() {
    var arithmetic = Arithmetic<Double>()
    var generator = SplitMix64(seed: 0xF64)
    for exponent in [-1022, -1023, -1024, -1025, -1050, -1074, -1075, -2000, -2097, 1023, 1024] {
      for _ in 0..<200 {
        let significand = 1 + Double.random(in: 0..<1, using: &generator)
        // From every size that lands in or near the subnormal range.
        for place in [-1078, -1074, -1073, -1050, -1030, -1024, -1023, -1022, -1021, 0, 1023] {
          let power = place - exponent
          guard (-1022...1023).contains(power) else { continue }
          arithmetic.checkScaled(
            Double(sign: .plus, exponent: power, significand: significand), exponent)
        }
      }
      for value in Arithmetic<Double>.structured { arithmetic.checkScaled(value, exponent) }
    }
    for value in Arithmetic<Double>.structured {
      arithmetic.checkScaled(value, .max)
      arithmetic.checkScaled(value, .min)
    }
    arithmetic.complaints.expectNone()
  }

  private func checkIntegers<F: BinaryFloat>(_ type: F.Type) {
    for (value, expected) in [
      (0.5, 0), (1.5, 2), (2.5, 2), (-0.5, -0.0), (-1.5, -2), (-2.5, -2), (0.25, 0), (100.75, 101),
    ] {
      let rounded = F(rounding: value).roundedToInteger
      // 100.75 needs 9 bits: bfloat16 has 101 to begin with.
      #expect(rounded.exactDouble.bitPattern == expected.bitPattern, "\(F.format) \(value)")
    }
    #expect(F.nan.roundedToInteger.isNaN)
    #expect((-F.infinity).roundedToInteger == -F.infinity)
    #expect(F.greatestFinite.roundedToInteger == F.greatestFinite)
  }

  @Test func `rounding to an integer is to nearest, ties to even`() {
    checkIntegers(Float16.self)
    checkIntegers(BFloat16.self)
    checkIntegers(Float.self)
    checkIntegers(Double.self)
  }
}
