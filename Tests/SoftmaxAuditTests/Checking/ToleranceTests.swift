import FloatFormats
import MultiPrecision
import SoftmaxVariants
import Testing

@testable import SoftmaxAudit

private let vectors: [(format: FloatFormat, lane: [Double], expected: [Double])] = [
  (.float32, [0, 0], [5.960468012490926e-07, 5.960468012490926e-07]),
  (
    .float32, [3, 1, -40, -95],
    [
      1.1675081274868002e-06, 1.7221515844376504e-07, 7.244316785150351e-25,
      7.008227489542129e-45,
    ]
  ),
  (
    .float64, [0.5, -3.25, 700],
    [2_631_905 * 0x1p-1074, 62_223 * 0x1p-1074, 2.331468351712831e-15]
  ),
  (
    .float16, [1, 2, 3, -12],
    [0.0004595774789452207, 0.0011289794606526053, 0.0027424362333621165, 1.2155027807975273e-07]
  ),
  (
    .bfloat16, [0, -80, 4], [0.0008682372172189101, 1.4068708852127275e-37, 0.031444500033275855]
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

  /// The formula of the design page in 300-bit arithmetic, computed with mpmath 1.3.0 (mp.prec = 300), rounded down:
  /// p B + alpha with K = 4, S = (n - 1) u + 4 n eta / s, or K = 1, S = u + (n - 1) 2^-24 + n eta / s for 16 bits.
  @Test(
    "Is what 300-bit arithmetic makes of its formula",
    arguments: vectors)
  func formula(vector: (format: FloatFormat, lane: [Double], expected: [Double])) throws {
    let bounds = try #require(try tolerance(vector.lane, vector.format)).bounds
    for (bound, expected) in zip(bounds, vector.expected) {
      #expect(bound >= expected, "\(bound.hexText) is below \(expected.hexText)")
      #expect(
        bound <= expected * (1 + 0x1p-38) + 0x1p-1072,
        "\(bound.hexText) is above \(expected.hexText)")
    }
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
