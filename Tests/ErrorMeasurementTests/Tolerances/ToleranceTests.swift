import FloatFormats
import MultiPrecision
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

private let vectors: [(format: FloatFormat, lane: [Double], expected: [Double])] = [
  (.float32, [0, 0], [0x1.73d043cc48a6ep-21, 0x1.73d043cc48a6ep-21]),
  (
    .float32, [3, 1, -40, -95],
    [
      0x1.f85a46a1cc45bp-20, 0x1.121ce8b7d6043p-22, 0x1.578baa2a5cf3ap-79, 0x1.4046ddcf6dcbbp-147,
    ]
  ),
  // A maximum so large that the rounding of a fused product shows.
  (
    .float32, [1e6, 999_997, 999_970],
    [0x1.2d5d5a353d458p-19, 0x1.eb3a833ae8de5p-24, 0x1.d19d30e553c2ap-61]
  ),
  (
    .float64, [0.5, -3.25, 700],
    [10_286_517 * 0x1p-1074, 243_209 * 0x1p-1074, 0x1.5000000000033p-49]
  ),
  (
    .float16, [1, 2, 3, -12],
    [
      0x1.e1ff0a750e1fcp-12, 0x1.2802f7225629dp-10, 0x1.678dd812ed779p-9, 0x1.050742908ccc4p-23,
    ]
  ),
  (
    .bfloat16, [0, -80, 4],
    [0x1.c737e24cfccdap-11, 0x1.7f001608c5098p-123, 0x1.019af7772e94dp-5]
  ),
]

@Suite("The default tolerance")
struct ToleranceTests {
  private func tolerance(
    _ lane: [Double], _ output: FloatFormat, _ underflow: UnderflowPolicy = .gradual
  ) throws -> LaneTolerance? {
    DefaultTolerance(output: output, underflow: underflow)
      .tolerance(of: try #require(LaneProfile(exactly: lane)))
  }

  /// The formula of ``DefaultTolerance`` in 400-bit arithmetic, computed with mpmath (mp.prec =
  /// 400) and rounded to binary64.
  @Test(
    "Is what 300-bit arithmetic makes of its formula",
    arguments: vectors)
  func formula(vector: (format: FloatFormat, lane: [Double], expected: [Double])) throws {
    let bounds = try #require(try tolerance(vector.lane, vector.format)).bounds
    for (bound, expected) in zip(bounds, vector.expected) {
      #expect(bound >= expected * (1 - 0x1p-52), "\(bound.hexText) is below \(expected.hexText)")
      #expect(
        bound <= expected * (1 + 0x1p-38) + 0x1p-1072,
        "\(bound.hexText) is above \(expected.hexText)")
    }
  }

  @Test(
    "A bound of n and the format alone is below that of every element, and near it where nothing else errs",
    arguments: FloatFormat.allCases)
  func leastBound(output: FloatFormat) throws {
    var random = SplitMix64(seed: 3)
    for count in [1, 2, 5, 33, 200] {
      let least = try #require(DefaultTolerance.leastRelativeBound(count: count, output: output))
      for width in [0, 0.1, 3, 40] {
        let lane = (0..<count).map { _ in width * Double(random.next() >> 40) * 0x1p-24 }
        let profile = try #require(LaneProfile(exactly: lane))
        let bounds = try #require(try tolerance(lane, output)).bounds
        for (index, bound) in bounds.enumerated() {
          #expect(bound >= profile.probability(index) * least)
        }
        #expect(bounds.allSatisfy { $0 >= DefaultTolerance.leastAbsoluteBound(output: output) })
      }
      #expect(
        least >= 2 * DefaultTolerance(output: output, underflow: .gradual).output.unitRoundoff)
    }
    let single = try #require(try tolerance([2], output)).bounds[0]
    let least = try #require(DefaultTolerance.leastRelativeBound(count: 1, output: output))
    #expect(single <= least * 1.1 + DefaultTolerance.leastAbsoluteBound(output: output) * 3)
    #expect(DefaultTolerance.leastRelativeBound(count: 1 << 62, output: output) == nil)
  }

  @Test("Does not exist where the sum alone may be off by half")
  func noBound() throws {
    #expect(try tolerance([0, 1], .float32) != nil)
    // (n - 1) u reaches a half.
    let long = [Double](repeating: 0, count: (1 << 23) + 1)
    #expect(try tolerance(long, .float32) == nil)
  }

  @Test("Allows nothing for a masked logit")
  func masked() throws {
    #expect(try #require(try tolerance([0, -.infinity], .float32)).bounds[1] == 0)
  }

  @Test("Takes a zero below the normal range only where flushing is declared")
  func flushing() throws {
    let lane = [0, -80.0, -87.5, -100]
    let gradual = try #require(try tolerance(lane, .float32))
    let flushed = try #require(try tolerance(lane, .float32, .flush))
    #expect(gradual.mayVanish.isEmpty)
    #expect(flushed.mayVanish == [false, false, true, true])
    #expect(flushed.bound(at: 2, output: 0) == .infinity)
    #expect(flushed.bound(at: 2, output: 1e-39) < 1e-40)
    #expect(gradual.bound(at: 2, output: 0) < 1e-40)
  }
}
