import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families built against a summation")
struct AdversarialFamiliesTests {
  /// A family, the format of its logits and the format of the sum it is built against.
  private static let targets: [(suffix: String, logits: FloatFormat, sum: FloatFormat)] =
    FloatFormat.allCases.map { ("", $0, $0) } + [
      ("-float32", .float16, .float32), ("-float32", .bfloat16, .float32),
    ]

  /// e^x in units of 2^exponent, each end good to 200 bits.
  private func exponential(_ logit: Double, inUnitsOfPowerOfTwo exponent: Int) -> ExactReal {
    var low = BigFloat(precision: 200)
    var high = BigFloat(precision: 200)
    low.setExponential(BigFloat(logit), .down)
    high.setExponential(BigFloat(logit), .up)
    low.formProduct(withPowerOfTwo: -exponent)
    high.formProduct(withPowerOfTwo: -exponent)
    return ExactReal(lower: low, upper: high)
  }

  @Test(
    "Dust is just below half an ulp of 1, and a running sum of 1 loses all of it", arguments: 0..<6)
  func dustIsLost(target: Int) throws {
    let (suffix, logits, sum) = Self.targets[target]
    let family = try LogitFamily.named("dust" + suffix)
    #expect(family.goesLong)
    func check<F: BinaryFloat, S: BinaryFloat>(_ format: F.Type, _ sumFormat: S.Type) throws {
      for length in [1, 2, 3, 17, 1000] {
        let lane = family.lane(seed: 1, length: length, sample: 0, as: format)
        #expect(lane[0].isZero)
        let rest = lane.dropFirst().map(\.exactDouble)
        #expect(Set(rest).count <= 1)
        guard let dust = rest.first else { continue }
        let unit = -S.format.precision
        let halves = try exponential(dust, inUnitsOfPowerOfTwo: unit).compare(1)
        #expect(halves < 0, "\(dust.hexText)")
        // The next logit up is too large, unless the binary64 threshold stood between them.
        let next = try #require(lane.last).nextUp.nextUp.exactDouble
        let tooLarge = try exponential(next, inUnitsOfPowerOfTwo: unit).compare(1)
        #expect(tooLarge > 0, "\(next.hexText)")

        // Correctly rounded and as the built-in variants compute it.
        let correct: S = try exponential(dust, inUnitsOfPowerOfTwo: 0).nearest()
        for term in [correct, S.exp(S(rounding: dust))] {
          var running = S.one
          for _ in rest { running = running + term }
          #expect(running == S.one, "\(dust.hexText)")
        }
      }
    }
    func open<F: BinaryFloat>(_ format: F.Type) throws {
      switch sum {
      case .float16: try check(format, Float16.self)
      case .bfloat16: try check(format, BFloat16.self)
      case .float32: try check(format, Float.self)
      case .float64: try check(format, Double.self)
      default: Issue.record("no softmax adds in \(sum)")
      }
    }
    try open(logits.type)
  }

  @Test(
    "Lost halves end in almost half an ulp of the sum, and no addition keeps it", arguments: 0..<6)
  func halvesAreLost(target: Int) throws {
    let (suffix, logits, sum) = Self.targets[target]
    let family = try LogitFamily.named("lost-halves" + suffix)
    #expect(family.goesLong)
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      for length in [1, 2, 3, 8, 17, 100] {
        for sample in 0..<3 {
          let lane = family.lane(seed: 2, length: length, sample: sample, as: format)
          #expect(lane[0].isZero)
          let rest = lane.dropFirst().map(\.exactDouble)
          #expect(Set(rest).count <= 1)
          guard let logit = rest.first else { continue }
          let units = exponential(logit, inUnitsOfPowerOfTwo: 1 - sum.precision)
          // All of them together leave the sum below 2, where its ulp doubles.
          #expect(units.double * Double(rest.count) * 2 * sum.unitRoundoff < 1)
          let fraction = units.double - units.double.rounded(.down)
          #expect(fraction < 0.5, "\(logit.hexText) leaves \(fraction.hexText)")
          // Long lanes of short formats have no logit near 0 with a whole ulp and a half.
          if Double(length) * 2 * sum.unitRoundoff < 0x1p-6, logits == sum {
            #expect(
              fraction > (sum == .bfloat16 ? 0.2 : 0.4), "\(F.format), \(length): \(logit.hexText)")
          }
        }
      }
    }
    try check(logits.type)
  }
}
