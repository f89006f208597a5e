import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families at the edges of the formats", .serialized)
struct EdgeFamiliesTests {
  /// Lanes of a family in a format at several lengths, as binary64 numbers.
  private func lanes(_ name: String, _ format: FloatFormat, samples: Int = 6) throws -> [[Double]] {
    let family = try LogitFamily.named(name)
    func make<F: BinaryFloat>(_ format: F.Type) -> [[Double]] {
      [1, 2, 3, 17, 64].flatMap { length in
        (0..<samples).map {
          family.lane(seed: 9, length: length, sample: $0, as: format).map(\.exactDouble)
        }
      }
    }
    return make(format.type)
  }

  /// Half the spacing of the format's numbers near a magnitude: what rounding a logit can change.
  private func rounding(_ format: FloatFormat, near magnitude: Double) -> Double {
    format.unitRoundoff * magnitude.magnitude * 1.01
  }

  private func log(_ x: Double) -> Double { Foundation.log(x) }

  @Test(
    "Overflow edges lie on both sides of the largest argument of exp",
    arguments: FloatFormat.allCases)
  func overflowEdge(format: FloatFormat) throws {
    let edge = log(format.greatestFinite)
    let all = try lanes("overflow-edge", format)
    let reach = 2 + rounding(format, near: edge + 2)
    #expect(all.joined().allSatisfy { abs($0 - edge) <= reach })
    #expect(all.joined().contains { $0 > edge } && all.joined().contains { $0 < edge })
  }

  @Test(
    "At the edge of the sum every exponential is finite and some sums are not",
    arguments: FloatFormat.allCases)
  func sumOverflowEdge(format: FloatFormat) throws {
    var overflows = 0
    var stays = 0
    for lane in try lanes("sum-overflow-edge", format) where lane.count >= 17 {
      #expect(lane.allSatisfy { $0 < log(format.greatestFinite) })
      // Relative to the largest number, so that binary64 itself does not overflow.
      let sum = lane.reduce(0) { $0 + Foundation.exp($1 - log(format.greatestFinite)) }
      if sum > 1 { overflows += 1 } else { stays += 1 }
    }
    #expect(overflows > 0 && stays + overflows == 12)
  }

  @Test(
    "The largest numbers of both signs occur, and none is infinite", arguments: FloatFormat.allCases
  )
  func largest(format: FloatFormat) throws {
    let all = Array(try lanes("largest", format).joined())
    #expect(all.allSatisfy { $0.isFinite })
    #expect(all.contains(format.greatestFinite) && all.contains(-format.greatestFinite))
    #expect(all.contains { abs($0) < 8 })
  }

  @Test("Very negative logits all have exponentials of zero", arguments: FloatFormat.allCases)
  func veryNegative(format: FloatFormat) throws {
    let edge = log(format.leastSubnormal) - log(2)
    #expect(try lanes("very-negative", format).joined().allSatisfy { $0 < edge })
  }

  @Test(
    "Underflow edges lie around the least normal and the least subnormal number",
    arguments: FloatFormat.allCases)
  func underflowEdge(format: FloatFormat) throws {
    let edges = [log(format.leastNormal), log(format.leastSubnormal)]
    let reach = 3 + rounding(format, near: edges[1] - 3)
    var seen = [0, 0]
    for lane in try lanes("underflow-edge", format) {
      #expect(lane.contains(0))
      for logit in lane where logit != 0 {
        #expect(edges.contains { abs(logit - $0) <= reach }, "\(logit.hexText)")
        for index in 0..<2 where abs(logit - edges[index]) <= 1 { seen[index] += 1 }
      }
    }
    #expect(seen.allSatisfy { $0 > 10 })
  }

  @Test(
    "Subnormal results have exact values below the least normal number and above none",
    arguments: FloatFormat.allCases)
  func subnormalResults(format: FloatFormat) throws {
    // Rounding a logit may move a value across the edge by this factor.
    let slack = Foundation.exp(rounding(format, near: log(format.leastSubnormal)))
    for lane in try lanes("subnormal-results", format, samples: 3) {
      #expect(lane.max() == 0)
      for (logit, exact) in zip(lane, ExactSoftmax.probabilities(lane)) where logit != 0 {
        let p = exact.double
        #expect(p < format.leastNormal * slack, "\(logit.hexText)")
        #expect(p * Double(lane.count) * slack > format.leastSubnormal / 2, "\(logit.hexText)")
      }
    }
  }

  @Test(
    "Random bits are finite, of both signs, subnormal at times and spread over the exponents",
    arguments: FloatFormat.allCases)
  func randomBits(format: FloatFormat) throws {
    let all = Array(try lanes("random-bits", format, samples: 20).joined())
    #expect(all.allSatisfy { $0.isFinite })
    let share = Double(all.count { $0 < 0 }) / Double(all.count)
    #expect(abs(share - 0.5) < 0.1)
    let large = Double(all.count { abs($0) >= 1 }) / Double(all.count)
    #expect(abs(large - 0.5) < 0.1)
    #expect(Set(all.filter { $0 != 0 }.map(\.exponent)).count >= (format == .float16 ? 25 : 180))
    if format == .float16 { #expect(all.contains { abs($0) < format.leastNormal }) }
  }
}
