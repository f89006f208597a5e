import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// The located values of log-softmax and logsumexp, against the digits that mpmath has.
@Suite("Located values of operations")
struct OperationReferenceTests {
  @Test("Every located log-softmax has mpmath's digits, and rounds as they do")
  func logSoftmaxIsLocated() throws {
    for lane in try OracleVectors.load().lanes {
      let reference = SoftmaxOracle().reference(
        of: OperationLane(.logSoftmax, exactly: lane.logits), in: lane.format)
      for element in lane.elements {
        guard let digits = element.logDigits else { continue }
        let value = reference.value(at: element.index)
        guard digits != "-inf" else {
          #expect(value == .negativeInfinity)
          continue
        }
        try lane.format.open(DigitCheck(value: value, digits: digits, name: lane.name))
      }
    }
  }

  @Test("Every located logsumexp has mpmath's digits, and rounds as they do")
  func logSumExpIsLocated() throws {
    for lane in try OracleVectors.load().lanes {
      guard let digits = lane.logSumExpDigits else { continue }
      let reference = SoftmaxOracle().reference(
        of: OperationLane(.logSumExp, exactly: lane.logits), in: lane.format)
      #expect(reference.count == 1)
      try lane.format.open(
        DigitCheck(value: reference.value(at: 0), digits: digits, name: lane.name))
    }
  }

  @Test("The log-softmax of a dominant logit is its tiny negative number, and never 0")
  func dominantLogit() {
    let lane = OperationLane(.logSoftmax, exactly: [0, -690])
    let value = SoftmaxOracle().reference(of: lane, in: .float64).value(at: 0)
    // -log1p(e^-690), which is -e^-690 to 300 digits.
    #expect(value.isNegative && !value.isZero && value.isNormal)
    let rounded: Double = value.correctlyRounded()
    #expect(abs(rounded / -2.171738281389827e-300 - 1) < 1e-12)
    let narrow = SoftmaxOracle().reference(of: lane, in: .float32).value(at: 0)
    #expect(narrow.isNegative && !narrow.isZero && !narrow.isUndecided)
    #expect(narrow.correctlyRounded(Float.self).bitPattern == (-Float.zero).bitPattern)
  }

  @Test(
    "Logits further apart than any precision are decided all the same",
    arguments: [1e5, 1e9, 1e300])
  func farLogits(distance: Double) {
    let logits = DistinctLogits(exactly: [0, -distance])
    let oracle = SoftmaxOracle()
    let lane = OperationLane(.logSoftmax, logits)
    let reference = oracle.reference(of: lane, in: .float64)
    #expect(reference.value(at: 0).isNegative && !reference.value(at: 0).isZero)
    #expect(reference.value(at: 1).correctlyRounded(Double.self) == -distance)
    // The float is not the value: it is off by ln(1 + e^-d), which has no figure of its own.
    guard let off = oracle.distance(from: -distance, slot: 1, of: lane, relativeBits: 40) else {
      Issue.record("undecided")
      return
    }
    #expect(!off.isExact && off.isBeyondFigures)
    let sum = oracle.reference(of: OperationLane(.logSumExp, logits), in: .float64)
    #expect(!sum.value(at: 0).isNegative && !sum.value(at: 0).isZero)
    #expect(sum.value(at: 0).correctlyRounded(Double.self) == 0)
  }

  @Test("Values that algebra tells are exact: one finite logit, masks, infinities")
  func knownValues() {
    let oracle = SoftmaxOracle()
    func value(_ operation: AuditedOperation, _ lane: [Double], _ index: Int = 0) -> ExactValue {
      oracle.reference(of: OperationLane(operation, exactly: lane), in: .float32).value(at: index)
    }
    #expect(value(.logSoftmax, [-.infinity, 7], 1) == .balanced)
    #expect(value(.logSoftmax, [-.infinity, 7]) == .negativeInfinity)
    #expect(value(.logSumExp, [-.infinity, 0]) == .balanced)
    #expect(value(.logSumExp, [-.infinity, 7]).width == 0)
    #expect(value(.logSumExp, [-.infinity, 7]).correctlyRounded(Float.self) == 7)
    #expect(value(.logSumExp, [-.infinity]) == .negativeInfinity)
    #expect(value(.logSumExp, [1, .infinity, .infinity]) == .positiveInfinity)
    #expect(value(.logSumExp, []) == .negativeInfinity)
    let special = { (operation: AuditedOperation, lane: [Double]) in
      oracle.reference(of: OperationLane(operation, exactly: lane), in: .float32).special
    }
    #expect(special(.logSoftmax, [-.infinity]) == .fullyMasked)
    #expect(special(.logSoftmax, [1, .infinity]) == .holdsInfinity)
    #expect(special(.logSoftmax, [1, .nan]) == .holdsNaN)
    #expect(special(.logSumExp, [1, .nan]) == .holdsNaN)
    #expect(special(.logSumExp, [1, .infinity]) == nil)
    #expect(special(.logSoftmax, []) == nil)
  }

  @Test("A logsumexp near 0 keeps its digits")
  func cancellingLogSumExp() {
    // m = -ln 2 rounded to float64: L = m + ln 2 is what the rounding leaves,
    // 2.3190468138462996e-17.
    let lane = OperationLane(.logSumExp, exactly: Array(repeating: -0x1.62e42fefa39efp-1, count: 2))
    let value = SoftmaxOracle().reference(of: lane, in: .float64).value(at: 0)
    #expect(value.correctlyRounded(Double.self) == 2.319_046_813_846_299_6e-17)
  }

  @Test("A value that overflows the format rounds to infinity")
  func overflow() {
    let lane = OperationLane(.logSoftmax, exactly: [65504, -65504])
    let value = SoftmaxOracle().reference(of: lane, in: .float16).value(at: 1)
    #expect(!value.isInfinite)
    #expect(value.correctlyRounded(Float16.self) == -.infinity)
  }
}

/// Whether a located value has given digits, thirty of them, and rounds as they do.
private struct DigitCheck: FormatGenericWork {
  let value: ExactValue
  let digits: String
  let name: String

  func run<F: BinaryFloat>(_ format: F.Type) throws {
    var exact = BigFloat(precision: 256)
    try #require(exact.assign(parsing: digits, .toNearestOrEven) != nil)
    #expect(!value.isUndecided && !value.isInfinite, "\(name)")
    #expect(value.isNegative == exact.isNegative || exact.isZero, "\(name)")
    // Thirty digits do not tell on which side of the middle of two floats a number 10^-40 beside it
    // lies.
    var below = BigFloat(copying: exact)
    var above = BigFloat(copying: exact)
    var slack = BigFloat(copying: exact)
    slack.formAbsoluteValue()
    slack.formProduct(withPowerOfTwo: -97)
    below.formDifference(slack, .down)
    above.formSum(slack, .up)
    let accepted = [F(rounding: below).bitPattern, F(rounding: above).bitPattern]
    #expect(
      accepted.contains(value.correctlyRounded(F.self).bitPattern),
      "\(name): \(value.correctlyRounded(F.self).hexText), not \(F(rounding: exact).hexText)")
    guard value.isNormal else { return }
    exact.formDifference(BigFloat(value.approximate), .toNearestOrEven)
    exact.formAbsoluteValue()
    #expect(exact.double(.up) <= abs(value.approximate) * 0x1p-49, "\(name)")
  }
}
