import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// Lanes whose exact values lie closer to a float, or further from one, than any fixed precision
/// reaches.
@Suite("Oracle at the extremes")
struct OracleExtremesTests {
  @Test(
    "Two logits that hardly differ have probabilities on either side of one half",
    arguments: [-100, -200, -500, -1022, -1074])
  func nearlyEqualLogitsAreDecided(exponent: Int) {
    let logit = Double(sign: .plus, exponent: exponent, significand: 1)
    for format in FloatFormat.allCases {
      let reference = SoftmaxOracle().softmax(of: [logit, 0], in: format)
      let (above, below) = (reference.value(at: 0), reference.value(at: 1))
      #expect(!above.isUndecided && !below.isUndecided)
      // Just above 2^(P-1) ulp, and just below 2^P of the ulps that are half as large.
      #expect(above.floorUnits == 1 << UInt64(format.precision - 1))
      #expect(above.ceilingUnits == above.floorUnits + 1)
      #expect(below.ceilingUnits == 1 << UInt64(format.precision))
      #expect(below.floorUnits == below.ceilingUnits - 1)
      #expect(above.nearestUnits == above.floorUnits && below.nearestUnits == below.ceilingUnits)
      #expect(above.quantumExponent == below.quantumExponent + 1)
    }
  }

  @Test("The difference of two nearly equal probabilities from one half is known to its last bit")
  func nearlyEqualLogitsHaveTightEnclosures() {
    let logits = DistinctLogits(of: [0x1p-1074, 0.0])
    guard
      var enclosure = SoftmaxOracle().enclosure(
        of: .softmax, slot: 0, logits: logits, relativeBits: 1200)
    else {
      Issue.record("undecided")
      return
    }
    // 1/2 + d/4 - d^3/48 + ...
    enclosure.lower.formDifference(BigFloat(0.5), .down)
    enclosure.upper.formDifference(BigFloat(0.5), .up)
    enclosure.lower.formProduct(withPowerOfTwo: 1076)
    enclosure.upper.formProduct(withPowerOfTwo: 1076)
    #expect(enclosure.lower.compare(1 - 0x1p-53) > 0)
    #expect(enclosure.upper.compare(1 + 0x1p-52) < 0)
  }

  @Test("The log-softmax of a single finite logit is zero", arguments: [-3.0, 0, 1e300])
  func singleLogitHasLogSoftmaxZero(logit: Double) {
    let logits = DistinctLogits(of: [-Double.infinity, logit])
    #expect(SoftmaxOracle().decimalText(.logSoftmax, logits: logits, digits: 30) == "0")
    #expect(SoftmaxOracle().rounded(.logSoftmax, logits: logits, as: Float.self)?.bitPattern == 0)
  }

  @Test(
    "A probability too small for MPFR's exponents is positive, has no digits and rounds to zero",
    arguments: [1e9, 1e15, 1e300])
  func probabilityBeyondTheExponentRangeIsPositive(distance: Double) {
    let logits = DistinctLogits(of: [0, -distance])
    let oracle = SoftmaxOracle()
    #expect(oracle.rounded(.softmax, slot: 1, logits: logits, as: Double.self)?.bitPattern == 0)
    #expect(oracle.rounded(.softmax, slot: 0, logits: logits, as: Double.self) == 1)
    #expect(oracle.decimalText(.softmax, slot: 1, logits: logits, digits: 5) == nil)
    let far = SoftmaxOracle().enclosure(of: .softmax, slot: 1, logits: logits, precision: 128)
    #expect(!far.isExact && !far.upper.isZero)
    let near = SoftmaxOracle().enclosure(of: .softmax, slot: 0, logits: logits, precision: 128)
    #expect(!near.isExact && near.lower.compare(1) < 0)
  }
}
