import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import SoftmaxVariants

@Suite("Lane profile")
struct LaneProfileTests {
  @Test("Weights, sum and probabilities agree with MPFR to 2^-40")
  func quantitiesAgreeWithMPFR() throws {
    var random = SplitMix64(seed: 200)
    var lanes: [[Double]] = [[0], [3, 3, 3], [-5, -.infinity, 2], [0, -700], [1e6, 1e6 + 1]]
    for length in [2, 5, 40] {
      lanes.append((0..<length).map { _ in 20 * random.normal() })
      lanes.append((0..<length).map { _ in random.uniform(-700, 0) })
      lanes.append((0..<length).map { Double($0) * 15 - 300 })
    }
    for lane in lanes {
      let profile = try #require(LaneProfile(lane))
      let maximum = try #require(lane.max())
      #expect(profile.maximum == maximum)
      #expect(profile.count == lane.count)
      let weights = lane.map { exactWeight($0, below: maximum) }
      var sum = BigFloat(precision: 200)
      sum.setSum(of: weights, .toNearestOrEven)
      #expect(isClose(profile.sum, sum.double(.toNearestOrEven)))
      for index in lane.indices {
        #expect(isClose(profile.weights[index], weights[index]))
        #expect(isClose(profile.probability(index), weights[index] / profile.sum))
      }
      var logSum = BigFloat(precision: 200)
      logSum.setLogarithm(sum, .down)
      #expect(abs(profile.logSum - logSum.double(.down)) <= 0x1p-40 * profile.logSum + 0x1p-52)
    }
  }

  @Test("A lane without a softmax has no profile")
  func specialLanesHaveNoProfile() {
    #expect(LaneProfile([Float]()) == nil)
    #expect(LaneProfile([-Float.infinity, -.infinity]) == nil)
    #expect(LaneProfile([1, Float.nan]) == nil)
    #expect(LaneProfile([Float.nan, 1]) == nil)
    #expect(LaneProfile([1, Float.infinity]) == nil)
    #expect(LaneProfile([-Float.infinity, -1]) != nil)
  }

  /// e^(x - m).
  private func exactWeight(_ logit: Double, below maximum: Double) -> Double {
    if logit == -.infinity { return 0 }
    var distance = BigFloat(precision: 200)
    distance.setDifference(BigFloat(logit), BigFloat(maximum), .toNearestOrEven)
    var weight = BigFloat(precision: 200)
    weight.setExponential(distance, .toNearestOrEven)
    return weight.double(.toNearestOrEven)
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 0x1p-40 * abs(b) }
}
