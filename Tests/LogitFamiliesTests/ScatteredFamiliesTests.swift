import FloatFormats
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families of random logits")
struct ScatteredFamiliesTests {
  private func lanes(_ name: String, _ format: FloatFormat, lengths: [Int] = [1, 2, 17, 200]) throws
    -> [[Double]]
  {
    let family = try LogitFamily.named(name)
    func make<F: BinaryFloat>(_ format: F.Type) -> [[Double]] {
      lengths.flatMap { length in
        (0..<5).map {
          family.lane(seed: 21, length: length, sample: $0, as: format).map(\.exactDouble)
        }
      }
    }
    return make(format.type)
  }

  @Test(
    "Normal families have their standard deviation", arguments: FloatFormat.allCases, [1, 4, 20])
  func normal(format: FloatFormat, scale: Int) throws {
    let all = Array(try lanes("normal-\(scale)", format).joined())
    let count = Double(all.count)
    let mean = all.reduce(0, +) / count
    let variance = all.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(mean) < 5 * Double(scale) / count.squareRoot())
    #expect(abs(variance / Double(scale * scale) - 1) < 5 * (2 / count).squareRoot())
    #expect(try LogitFamily.named("normal-\(scale)").goesLong == (scale == 4))
  }

  @Test(
    "Uniform families fill their interval and stay in it", arguments: FloatFormat.allCases,
    [1, 10, 100])
  func uniform(format: FloatFormat, scale: Int) throws {
    let all = Array(try lanes("uniform-\(scale)", format).joined())
    #expect(all.allSatisfy { abs($0) <= Double(scale) })
    #expect(all.max() ?? 0 > 0.97 * Double(scale) && all.min() ?? 0 < -0.97 * Double(scale))
    #expect(abs(all.reduce(0, +) / Double(all.count)) < 0.1 * Double(scale))
  }

  @Test(
    "A peaked language model has one winner far above its bulk", arguments: FloatFormat.allCases)
  func peaked(format: FloatFormat) throws {
    for lane in try lanes("llm-peaked", format) {
      let sorted = lane.sorted(by: >)
      #expect(sorted[0] >= 12 && sorted[0] <= 25)
      if lane.count > 1 { #expect(sorted[1] <= 12.01) }
      if lane.count == 200 {
        #expect(abs(sorted[100] + 6) < 1, "the median is \(sorted[100].hexText)")
      }
    }
    #expect(try LogitFamily.named("llm-peaked").goesLong)
  }

  @Test("A heavy tail reaches further than normal logits would", arguments: FloatFormat.allCases)
  func heavyTail(format: FloatFormat) throws {
    let all = Array(try lanes("llm-heavy-tail", format, lengths: [400]).joined())
    // P(|t3| > 5.841) = 0.01; a normal deviate gets there once in 2 10^8 draws.
    let far = all.count { abs($0) > 3 * 5.841 }
    #expect(far >= 5 && far <= 45)
  }

  @Test("Integers are integers between -20 and 20 and tie often", arguments: FloatFormat.allCases)
  func integers(format: FloatFormat) throws {
    for lane in try lanes("integers", format) {
      #expect(lane.allSatisfy { $0.rounded() == $0 && abs($0) <= 20 })
      if lane.count == 200 { #expect(Set(lane).count >= 35) }
    }
  }

  @Test("Sorted families are sorted", arguments: FloatFormat.allCases)
  func sorted(format: FloatFormat) throws {
    for lane in try lanes("sorted-up", format) {
      #expect(zip(lane, lane.dropFirst()).allSatisfy { $0 <= $1 })
      if lane.count == 200 { #expect(Set(lane).count > 90) }
    }
    for lane in try lanes("sorted-down", format) {
      #expect(zip(lane, lane.dropFirst()).allSatisfy { $0 >= $1 })
    }
  }
}
