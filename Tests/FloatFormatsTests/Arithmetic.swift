import FloatFormats
import MultiPrecision
import TestSupport

/// Checks of arithmetic against the exact result, rounded by `init(rounding:)` of a
/// multiple-precision number; that one has its own test against integers.
///
/// 2400 bits hold every sum, product and product sum of binary64 or narrower numbers that is met
/// here exactly; a quotient of P-bit numbers is a midpoint or at least 2^-(2P + 2) of itself away
/// from all, so cutting it there cannot change its rounding.
struct Arithmetic<F: BinaryFloat> {
  var complaints = Complaints()
  private var exact = BigFloatBox(precision: 2400)
  private var product = BigFloatBox(precision: 2400)

  /// A reusable number inside a copyable struct.
  private final class BigFloatBox {
    var number: BigFloat
    init(precision: Int) { number = BigFloat(precision: precision) }
  }

  mutating func checkFour(_ a: F, _ b: F) {
    let x = BigFloat(exactly: a)
    let y = BigFloat(exactly: b)
    exact.number.setSum(x, y, .toNearestOrEven)
    expect(a + b, "\(a.hexText) + \(b.hexText)")
    exact.number.setDifference(x, y, .toNearestOrEven)
    expect(a - b, "\(a.hexText) - \(b.hexText)")
    exact.number.setProduct(x, y, .toNearestOrEven)
    expect(a * b, "\(a.hexText) * \(b.hexText)")
    exact.number.setQuotient(x, y, .toNearestOrEven)
    expect(a / b, "\(a.hexText) / \(b.hexText)")
  }

  mutating func checkAddingProduct(_ c: F, _ a: F, _ b: F) {
    product.number.setProduct(BigFloat(exactly: a), BigFloat(exactly: b), .toNearestOrEven)
    exact.number.setSum(BigFloat(exactly: c), product.number, .toNearestOrEven)
    expect(c.addingProduct(a, b), "\(c.hexText) + \(a.hexText) * \(b.hexText)")
  }

  mutating func checkScaled(_ a: F, _ exponent: Int) {
    exact.number.assign(BigFloat(exactly: a), .toNearestOrEven)
    exact.number.formProduct(withPowerOfTwo: max(-10_000, min(10_000, exponent)))
    expect(a.scaled(byPowerOfTwo: exponent), "\(a.hexText) * 2^\(exponent)")
  }

  private mutating func expect(_ result: F, _ text: @autoclosure () -> String) {
    let expected = F(rounding: exact.number)
    complaints.check(
      result.isSame(as: expected),
      "\(F.format): \(text()) = \(expected.hexText), not \(result.hexText)")
  }

  /// Numbers at which rounding goes wrong if it ever does.
  static var structured: [F] {
    let magnitudes = [
      F.zero, F.leastSubnormal, F.leastSubnormal.nextUp, F(bitPattern: 3), F(bitPattern: 5),
      F.leastNormal.nextDown.nextDown, F.leastNormal.nextDown, F.leastNormal, F.leastNormal.nextUp,
      F(rounding: 0.5).nextDown, F(rounding: 0.5), F.one.nextDown, F.one, F.one.nextUp,
      F(rounding: 1.5), F(rounding: 2).nextDown, F(rounding: 2), F(rounding: 3),
      F(rounding: F.format.unitRoundoff), F(rounding: F.format.unitRoundoff).nextUp,
      F(rounding: F.format.unitRoundoff).nextDown,
      F(rounding: Double(sign: .plus, exponent: F.format.minimumExponent / 2, significand: 1.25)),
      F(rounding: Double(sign: .plus, exponent: F.format.maximumExponent, significand: 1)),
      F.greatestFinite.nextDown, F.greatestFinite, F.infinity,
    ]
    return magnitudes + magnitudes.map { -$0 } + [F.nan]
  }

  mutating func run(randomPairs: Int, seed: UInt64) {
    let structured = Self.structured
    for a in structured {
      for b in structured { checkFour(a, b) }
    }
    var generator = SplitMix64(seed: seed)
    for k in 0..<randomPairs {
      let a = F.random(using: &generator)
      var b = F.random(using: &generator)
      // Every other pair lies close together, where sums cancel and quotients are near 1.
      if k.isMultiple(of: 2) {
        let distance = Int64.random(in: -3000...3000, using: &generator)
        b = F(orderedIndex: a.orderedIndex &+ distance)
        if generator.next() & 1 == 1 { b = -b }
      }
      checkFour(a, b)
      checkFour(F(bitPattern: b.bitPattern % F.leastNormal.bitPattern), a)
    }
    for a in structured {
      for b in structured.prefix(26) {
        for c in [F.zero, -F.leastSubnormal, F.one, -F.one.nextUp, F.greatestFinite] {
          checkAddingProduct(c, a, b)
        }
      }
    }
    for _ in 0..<randomPairs {
      let a = F.random(using: &generator)
      let b = F.random(using: &generator)
      checkAddingProduct(F.random(using: &generator), a, b)
      // Addends that almost cancel the product, and that it almost rounds onto.
      let near = -(a * b)
      checkAddingProduct(near, a, b)
      checkAddingProduct(near.nextUp, a, b)
      // A product far below half an ulp of the addend, which alone decides a tie.
      let one = F(bitPattern: F.one.bitPattern + F.BitPattern(generator.next() & 0x3F))
      let half = F(rounding: one.ulp / 2)
      let hair = F(rounding: F.format.leastNormal * 4)
      checkAddingProduct(one, half, F.one.nextUp)
      checkAddingProduct(one, half, F.one)
      checkAddingProduct(one, half, F.one.nextDown)
      checkAddingProduct(half, one, F.one.nextUp)
      checkAddingProduct(one, hair, generator.next() & 1 == 1 ? hair : -hair)
    }
    let exponents = [
      0, 1, -1, 2, -2, 7, -8, 10, -11, 14, -15, 23, -24, 30, -30, 126, -126, 133, -133, 149, -149,
      260, -260, 600, -600, 1000, -1000, 1022, -1022, 1023, -1023, 1024, -1024, 1074, -1074, 1075,
      -1075, 1100, -1100, 2046, -2046, 2097, -2097, 2098, -2098, 2200, -2200, 100_000, -100_000,
      .max, .min,
    ]
    for exponent in exponents {
      for a in structured { checkScaled(a, exponent) }
      for _ in 0..<40 { checkScaled(F.random(using: &generator), exponent) }
    }
    for _ in 0..<randomPairs {
      // Results at the subnormal end, where the scaling rounds.
      let a = F.randomFinite(using: &generator)
      guard !a.isZero else { continue }
      let target = F.format.minimumExponent - Int.random(in: 0...60, using: &generator)
      checkScaled(a, target - a.exactDouble.exponent)
    }
  }
}
