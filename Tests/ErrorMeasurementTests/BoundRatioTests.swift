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

  @Test("A zero in the place of a subnormal number is all of it off")
  func vanished() {
    // The error is e^-100 = 0x1.a8bp-145 and some, rounded up to 30 bits: over 2^-149 26.5 times.
    let found = ratio([1, 0], bounds: [1, 0x1p-149])
    #expect(found.index == 1)
    let largest = found.largest ?? 0
    #expect(largest > 26.5 && largest < 26.6, "\(largest)")
  }
}
