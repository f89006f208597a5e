import AuditedOperations
import FloatFormats
import Oracle
import Testing

@testable import ErrorMeasurement

@Suite("The largest part of a bound")
struct BoundRatioTests {
  private let oracle = SoftmaxOracle()

  /// The largest ratio of outputs for the logits 0 and -100, of which the second has e^-100.
  private func ratio(_ outputs: [Float], bounds: [Double]) -> BoundRatio {
    var ratio = BoundRatio()
    ratio.compare(
      outputs, with: bounds, reference: oracle.softmax(of: [Float(0), -100], in: .float32), lane: 0,
      figures: FigureCache(oracle: oracle))
    return ratio
  }

  @Test("An output that may be anything is no part of its bound, and is compared all the same")
  func flushed() {
    let found = ratio([1, 0], bounds: [0x1p-24, .infinity])
    #expect(found.elements == 2 && found.mismatches == 0 && found.undecided == 0)
    // 1 - p = e^-100 = 0x1.a8bp-145 and some: far less than the bound, and not nothing.
    let largest = found.largest ?? 2
    #expect(largest > 0 && largest < 0x1p-100)
    #expect(found.index == 0)
  }

  @Test("A bound below all figures allows an error below them, and none above")
  func hugeValue() {
    // 2^-900 - 2^900, which is -2^900 to all but 1800 digits: 2^-1747 ulp.
    let lane = OperationLane(.logSoftmax, exactly: [0x1p-900, 0x1p900])
    func ratio(_ output: Double) -> BoundRatio {
      var ratio = BoundRatio()
      ratio.compare(
        [output, 0], with: [0x1p-899, 1], reference: oracle.reference(of: lane, in: .float64),
        lane: 0, figures: FigureCache(oracle: oracle))
      return ratio
    }
    let near = ratio(-0x1p900)
    #expect(near.largest.map { $0 < 0x1p-1000 } == true && near.undecided == 0)
    let far = ratio((-0x1p900).nextUp)
    #expect(far.largest.map { $0 > 0x1p1000 } == true && far.index == 0 && far.undecided == 0)
  }

  @Test("A zero in the place of a subnormal number is all of it off")
  func vanished() {
    // The error is e^-100 = 0x1.a8bp-145 and some, rounded up to 30 bits: over 2^-149 26.5 times.
    let found = ratio([1, 0], bounds: [1, 0x1p-149])
    #expect(found.index == 1)
    let largest = found.largest ?? 0
    #expect(largest > 26.5 && largest < 26.6, "\(largest)")
  }
}
