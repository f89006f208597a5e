import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families with a plan")
struct StructuredFamiliesTests {
  private func lanes(
    _ name: String, _ format: FloatFormat, lengths: [Int] = [1, 2, 3, 17, 100], samples: Int = 6
  ) throws -> [[Double]] {
    let family = try LogitFamily.named(name)
    func make<F: BinaryFloat>(_ format: F.Type) -> [[Double]] {
      lengths.flatMap { length in
        (0..<samples).map {
          family.lane(seed: 33, length: length, sample: $0, as: format).map(\.exactDouble)
        }
      }
    }
    return make(format.type)
  }

  @Test("Constant lanes are constant and differ between samples", arguments: FloatFormat.allCases)
  func constant(format: FloatFormat) throws {
    let all = try lanes("constant", format)
    #expect(all.allSatisfy { Set($0).count == 1 && abs($0[0]) <= 10 })
    #expect(Set(all.map { $0[0] }).count > 20)
    #expect(try LogitFamily.named("constant").goesLong)
  }

  @Test("One logit dominates the rest, at any position", arguments: FloatFormat.allCases)
  func oneDominant(format: FloatFormat) throws {
    var positions: Set<Int> = []
    for lane in try lanes("one-dominant", format, samples: 12) where lane.count > 1 {
      let sorted = lane.sorted(by: >)
      #expect(sorted[0] - sorted[1] > 2.9 && sorted[1] <= 1 && sorted[sorted.count - 1] >= -1)
      positions.insert(lane.firstIndex(of: sorted[0]) ?? -1)
    }
    #expect(positions.count > 10)
  }

  @Test("A staircase climbs by a quarter of the unit roundoff", arguments: FloatFormat.allCases)
  func staircase(format: FloatFormat) throws {
    let step = format.unitRoundoff / 4
    for (name, sign) in [("staircase-up", 1.0), ("staircase-down", -1.0)] {
      for lane in try lanes(name, format, samples: 1) {
        for (index, logit) in lane.enumerated() {
          // Two hundred steps fit into every significand.
          #expect(logit == sign * Double(index) * step, "\(logit.hexText)")
        }
      }
    }
    #expect(try LogitFamily.named("staircase-up").goesLong)
  }

  @Test("An arithmetic progression goes down by one step", arguments: FloatFormat.allCases)
  func arithmetic(format: FloatFormat) throws {
    for lane in try lanes("arithmetic", format) where lane.count > 1 {
      let step = -lane[lane.count - 1] / Double(lane.count - 1)
      #expect(step > 0.0099 && step < 2.01)
      for (index, logit) in lane.enumerated() {
        #expect(abs(logit + Double(index) * step) <= 2.01 * format.unitRoundoff * 2 * abs(logit))
      }
    }
  }

  @Test(
    "Near ties are a few ulps apart and seldom equal throughout", arguments: FloatFormat.allCases)
  func nearTies(format: FloatFormat) throws {
    for lane in try lanes("near-ties", format) {
      let (low, high) = (lane.min() ?? 0, lane.max() ?? 0)
      // Six steps of at most two spacings; bases near 0 are as likely as any other of their size.
      #expect(high - low <= 14 * 2 * format.unitRoundoff * max(abs(high), abs(low)))
      if lane.count >= 17 { #expect(Set(lane).count > 2, "\(lane.hexText)") }
    }
  }

  @Test("Offsets are powers of ten up to the reach of the format", arguments: FloatFormat.allCases)
  func offset(format: FloatFormat) throws {
    let decades = format == .float16 ? 4 : format == .float64 ? 15 : 6
    let powers = (0...decades).map { Foundation.pow(10, Double($0)).rounded() }
    var seen: Set<Double> = []
    for lane in try lanes("offset", format, samples: 20) {
      let offset = powers.first {
        let reach = 2 * format.unitRoundoff * $0
        return (lane.min() ?? 0) >= $0 - reach && (lane.max() ?? 0) <= $0 + 1 + reach
      }
      #expect(offset != nil, "\(lane.hexText)")
      if let offset { seen.insert(offset) }
    }
    #expect(seen.count == powers.count)
  }

  @Test("Two levels are log n - log log n apart", arguments: FloatFormat.allCases)
  func twoLevel(format: FloatFormat) throws {
    for lane in try lanes("two-level", format, samples: 1) {
      let logCount = Foundation.log(Double(max(lane.count, 3)))
      let gap = logCount - Foundation.log(logCount)
      #expect(lane[0] == 0)
      for logit in lane.dropFirst() { #expect(abs(logit + gap) <= format.unitRoundoff * 2 * gap) }
    }
  }

  @Test("A mask leaves a finite logit and hides about a third", arguments: FloatFormat.allCases)
  func masked(format: FloatFormat) throws {
    let all = try lanes("masked", format, samples: 10)
    #expect(all.allSatisfy { $0.contains { $0.isFinite } })
    #expect(all.joined().allSatisfy { $0.isFinite || $0 == -.infinity })
    for lane in all where lane.count >= 17 { #expect(lane.contains(-.infinity)) }
    let long = all.filter { $0.count == 100 }.joined()
    let share = Double(long.count { $0 == -.infinity }) / Double(long.count)
    #expect(share > 0.22 && share < 0.38)
  }

  @Test("Mask sentinels are finite, and each of the three occurs", arguments: FloatFormat.allCases)
  func maskSentinels(format: FloatFormat) throws {
    let lowest = -format.greatestFinite
    let sentinels: Set<Double> = [
      max(lowest, format.rounded(-1e4)), max(lowest, format.rounded(-1e9)), lowest,
    ]
    let all = try lanes("mask-sentinels", format, samples: 10)
    #expect(all.joined().allSatisfy { $0.isFinite && (abs($0) < 40 || sentinels.contains($0)) })
    #expect(sentinels.allSatisfy { sentinel in all.joined().contains(sentinel) })
    #expect(all.allSatisfy { $0.contains { abs($0) < 40 } })
  }

  @Test(
    "Special lanes hold one NaN, one +infinity or only -infinity in turn",
    arguments: FloatFormat.allCases)
  func special(format: FloatFormat) throws {
    let family = try LogitFamily.named("special")
    func check<F: BinaryFloat>(_ format: F.Type) {
      for length in [1, 2, 3, 17] {
        for sample in 0..<9 {
          let lane = family.lane(seed: 4, length: length, sample: sample, as: format)
          switch sample % 3 {
          case 0:
            #expect(lane.count { $0.isNaN } == 1)
            #expect(lane.count { $0.isFinite } == length - 1)
          case 1:
            #expect(lane.count { $0 == F.infinity } == 1)
            #expect(lane.count { $0.isFinite } == length - 1)
          default: #expect(lane.allSatisfy { $0 == -F.infinity })
          }
        }
      }
    }
    check(format.type)
  }
}
