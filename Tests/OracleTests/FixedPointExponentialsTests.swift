import FloatFormats
import MultiPrecision
import PropertyTesting
import Testing

@testable import Oracle

/// Sums of exponentials by tables against sums by MPFR at 600 bits.
@Suite("Exponentials in fixed point")
struct FixedPointExponentialsTests {
  @Test(
    "The sum of a lane by tables encloses that by MPFR, and is as tight as its precision",
    arguments: Lane.allCases)
  func sumsAgree(_ kind: Lane) {
    let logits = DistinctLogits(exactly: kind.logits)
    let exact = sumByMPFR(of: logits)
    for precision in [64, 192, 400] {
      let tail = ExponentialSums.tail(of: logits, precision: precision)
      let encloses = tail.lower.compare(exact) <= 0 && tail.upper.compare(exact) >= 0
      #expect(encloses, "\(kind), \(precision) bits")
      // The distance of the nearest logit, up to 2000, widens an enclosure.
      let isTight = tail.isTight(relativeBits: precision - 13)
      #expect(isTight, "\(kind), \(precision) bits")
    }
  }

  @Test("A logit is a multiple of 2^-64 or none, whatever its sign and size")
  func unitsOfLogits() {
    #expect(FixedPointExponentials.units(of: 0) == 0)
    #expect(FixedPointExponentials.units(of: -0x1p-64) == -1)
    #expect(FixedPointExponentials.units(of: 0x1.8p-64) == nil)
    #expect(FixedPointExponentials.units(of: -0x1p-65) == nil)
    #expect(FixedPointExponentials.units(of: 0x1p62) == nil)
    #expect(FixedPointExponentials.units(of: -3.25) == -(Int128(13) << 62))
    let large = Int128(0x1f_ffff_ffff_ffff) << 73
    #expect(FixedPointExponentials.units(of: 0x1.fffffffffffffp61) == large)
    #expect(FixedPointExponentials.units(of: -0x1.0000000000001p-12) == -((Int128(1) << 52) + 1))
  }

  @Test("A sum falls short of the exact one by no more than its units say, and is not above it")
  func sumsFallShort() throws {
    let table = try #require(FixedPointExponentials.forSums(precision: 64))
    var generator = CounterGenerator(seed: 7, stream: "fixed-point")
    for _ in 0..<400 {
      // Distances of all sizes, with bytes that are 0 among them.
      let distance =
        UInt128(generator.next()) << UInt128(generator.next() % 9)
        & ~(UInt128(0xff) << UInt128(8 * (generator.next() % 9)))
      guard distance > 0, distance < FixedPointExponentials.limitInUnits else { continue }
      let words = table.sum(of: [distance], multiplicities: [1])
      var fixed = BigFloat(precision: 256)
      fixed.assign(words: words, timesPowerOfTwo: -table.bits, .towardZero)
      var exact = BigFloat(precision: 300)
      exact.assign(
        words: [UInt64(truncatingIfNeeded: distance), UInt64(distance >> 64)],
        timesPowerOfTwo: -64, .towardZero)
      exact.formNegation()
      exact.setExponential(BigFloat(copying: exact), .toNearestOrEven)
      exact.formDifference(fixed, .toNearestOrEven)
      exact.formProduct(withPowerOfTwo: table.bits)
      let short = exact.double(.toNearestOrEven)
      #expect(short >= 0 && short <= Double(FixedPointExponentials.unitsShort), "\(distance)")
    }
  }

  /// Lanes of more than 512 distinct logits.
  enum Lane: String, CaseIterable, CustomTestStringConvertible {
    case float32, float64, fine, far, ties, spread, negative

    var testDescription: String { rawValue }

    var logits: [Double] {
      var generator = CounterGenerator(seed: 11, stream: "fixed-point")
      func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }
      switch self {
      case .float32: return (0..<900).map { _ in Double(Float(20 * uniform() - 10)) }
      case .float64: return (0..<900).map { _ in 20 * uniform() - 10 }
      // No multiples of 2^-64, the maximum and the logit below it among them.
      case .fine:
        return (0..<900).map { k in k % 3 == 0 ? 0x1p-70 * uniform() : 0x1p-20 * uniform() }
      // A dominant logit: the sum is e^(-2000) times one near 1.
      case .far: return [2000] + (0..<900).map { _ in uniform() }
      case .ties: return (0..<3000).map { _ in Double(Int(uniform() * 600)) / 64 }
      // Beyond the tables and beyond the horizon.
      case .spread: return (0..<900).map { _ in -1000 * uniform() }
      case .negative: return (0..<900).map { _ in -0x1p-10 * uniform() - 4e5 }
      }
    }
  }

  private func sumByMPFR(of logits: DistinctLogits) -> BigFloat {
    var sum = BigFloat(precision: 600)
    var term = BigFloat(precision: 600)
    var difference = BigFloat(precision: 2200)
    sum.assign(0, .toNearestOrEven)
    for slot in logits.values.indices.dropFirst().reversed() {
      difference.setDifference(
        BigFloat(logits.values[slot]), BigFloat(logits.values[0]), .toNearestOrEven)
      term.setExponential(difference, .toNearestOrEven)
      term.formProduct(logits.multiplicities[slot], .toNearestOrEven)
      sum.formSum(term, .toNearestOrEven)
    }
    return sum
  }
}
