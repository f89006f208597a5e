import FloatFormats
import MultiPrecision
import Oracle
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

@Suite("Scaled errors as certified figures")
struct CertifiedScaledTests {
  /// |y - v| / (u max(1, |v|, ln s)) rounded up to 30 bits, of a lane of two logits, the first the
  /// largest, by MPFR at 1400 bits.
  private static func figure(
    _ y: Float, _ lane: [Double], isLogProbability: Bool
  ) -> Double {
    var power = BigFloat(precision: 1400)
    power.setExponential(BigFloat(lane[1] - lane[0]), .toNearestOrEven)
    var logSum = BigFloat(precision: 1400)
    logSum.setLogarithmOnePlus(power, .toNearestOrEven)
    var value = BigFloat(copying: logSum)
    if isLogProbability {
      value.formNegation()
    } else {
      value.formSum(BigFloat(lane[0]), .toNearestOrEven)
    }
    var error = BigFloat(precision: 1400)
    error.setDifference(BigFloat(Double(y)), value, .toNearestOrEven)
    error.formAbsoluteValue()
    var yardstick = value
    yardstick.formAbsoluteValue()
    if yardstick.compare(1) < 0 { yardstick.assign(1, .toNearestOrEven) }
    if !isLogProbability, yardstick.compare(logSum) < 0 {
      yardstick.assign(logSum, .toNearestOrEven)
    }
    error.formQuotient(yardstick, .toNearestOrEven)
    error.formProduct(withPowerOfTwo: 24)
    var rounded = BigFloat(precision: 30)
    rounded.assign(error, .up)
    return rounded.double(.up)
  }

  @Test("They are |y - v| over the yardstick, as MPFR has both")
  func figures() {
    let oracle = SoftmaxOracle()
    for lane in [[0, -1], [30, 29], [-0.5, -3], [-0.25, -1.5], [700, -4]] as [[Double]] {
      for (operation, isLogProbability) in [
        (AuditedOperation.logSoftmax, true), (.logSumExp, false),
      ] {
        let reference = oracle.reference(
          of: OperationLane(operation, exactly: lane), in: .float32)
        for y in [0.25, -0.25, 31, 700, 1e-30] as [Float] {
          #expect(
            CertifiedScaled.figure(of: y, at: 0, in: reference, oracle: oracle)
              == Self.figure(y, lane, isLogProbability: isLogProbability), "\(operation) \(lane)")
        }
      }
    }
  }
}
