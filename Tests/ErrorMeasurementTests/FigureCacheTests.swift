import FloatFormats
import Oracle
import TestSupport
import Testing

@testable import ErrorMeasurement

@Suite("Cache of figures")
struct FigureCacheTests {
  @Test("Answers are kept apart by lane, distinct logit and output")
  func questionsAreKeptApart() throws {
    let oracle = SoftmaxOracle()
    let shared = FigureCache(oracle: oracle)
    let lanes: [[Double]] = [[0, -100, 0, -200], [0, -200, 0, -100], [-100, 0, -150, 0]]
    for _ in 0..<2 {
      for (number, lane) in lanes.enumerated() {
        let reference = oracle.softmax(of: lane, in: .float64)
        let exact = ExactSoftmax.probabilities(lane)
        for index in lane.indices {
          for y in [0.5, 0.0, 1.0, 0x1p-144, 0x1p-1074] {
            let error = UlpError(of: y, against: reference.value(at: index))
            let figure = shared.figure(
              of: error, output: y, at: ElementLocation(lane: number, index: index),
              reference: reference)
            let ulp = try exact[index].ulpExponent(Double.self)
            let truth = try exact[index].distance(from: y, inUnitsOfPowerOfTwo: ulp).figure()
            #expect(figure == truth, "\(lane.hexText)[\(index)], y = \(y.hexText)")
          }
        }
      }
    }
  }

  @Test("A figure that the precision cap forbids is no figure")
  func precisionCap() {
    let oracle = SoftmaxOracle(precisionCap: 64)
    let reference = SoftmaxOracle().softmax(of: [0.0, -100], in: .float64)
    let error = UlpError(of: 1.0, against: reference.value(at: 0))
    let figure = FigureCache(oracle: oracle).figure(
      of: error, output: 1.0, at: ElementLocation(lane: 0, index: 0), reference: reference)
    #expect(figure == nil)
  }
}
