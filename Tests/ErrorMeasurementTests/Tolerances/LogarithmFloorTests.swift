import FloatFormats
import MultiPrecision
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

@Suite("The least tolerance of logarithms")
struct LogarithmFloorTests {
  @Test(
    "No tolerance of a short lane is below its floor", arguments: FloatFormat.allCases,
    [AuditedOperation.logSoftmax, .logSumExp])
  func floors(format: FloatFormat, operation: AuditedOperation) throws {
    var random = SplitMix64(seed: 5)
    for underflow in [UnderflowPolicy.gradual, .flush] {
      let tolerance = DefaultTolerance(operation, output: format, underflow: underflow)
      for length in 2...8 {
        let floor = try #require(tolerance.logarithmFloor(ofLanesOfLength: length))
        #expect(floor.relative >= format.unitRoundoff && floor.absolute > 0)
        for size in [0.01, 1, 30, 1e4] {
          for _ in 0..<20 {
            let lane = (0..<length).map { _ in
              Double(Float(Double.random(in: -size...size, using: &random)))
            }
            let profile = try #require(LaneProfile(exactly: lane))
            let bounds = try #require(tolerance.tolerance(of: profile)).bounds
            for (index, bound) in bounds.enumerated() {
              let logit = operation == .logSoftmax ? lane[index] : nil
              let exact = Self.magnitude(of: lane, lessLogit: logit)
              let distance = logit.map { profile.maximum - $0 } ?? 0
              #expect(
                floor.relative * exact + floor.slope * distance + floor.absolute <= bound,
                "\(lane)")
            }
          }
        }
      }
    }
  }

  /// The size of the logsumexp of a lane, less a logit of it, by MPFR.
  private static func magnitude(of lane: [Double], lessLogit logit: Double?) -> Double {
    let maximum = lane.max() ?? 0
    var sum = BigFloat(precision: 200)
    sum.assign(0, .toNearestOrEven)
    for value in lane {
      var term = BigFloat(precision: 200)
      term.setDifference(BigFloat(value), BigFloat(maximum), .toNearestOrEven)
      var power = BigFloat(precision: 200)
      power.setExponential(term, .toNearestOrEven)
      sum.formSum(power, .toNearestOrEven)
    }
    var result = BigFloat(precision: 200)
    result.setLogarithm(sum, .toNearestOrEven)
    result.formSum(BigFloat(maximum), .toNearestOrEven)
    if let logit { result.formDifference(BigFloat(logit), .toNearestOrEven) }
    return abs(result.double(.toNearestOrEven))
  }

  @Test("What is not judged by the default tolerance of logarithms has no such floor")
  func none() throws {
    let variant = try #require(SoftmaxVariant(named: "max-trick", of: .logSumExp))
    func floor(
      _ operation: AuditedOperation, _ change: (inout MeasurementSettings) -> Void = { _ in }
    ) -> LogarithmFloor? {
      var settings = MeasurementSettings()
      change(&settings)
      return LaneJudge(
        nil, of: operation, input: .float32, output: .float32, settings: settings
      ).logarithmFloor(ofLanesOfLength: 2)
    }
    #expect(floor(.logSumExp) != nil && floor(.softmax) == nil)
    #expect(floor(.logSumExp) { $0.declaredModel = DeclaredModel(variant) } == nil)
    #expect(floor(.logSumExp) { $0.judgesNothing = true } == nil)
  }
}
