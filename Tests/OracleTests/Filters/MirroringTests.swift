import CLaneKernels
import Foundation
import Testing

@testable import FloatFormats
@testable import Oracle

@Suite("Mirrored values and their scaled errors")
struct MirroringTests {
  /// The largest scaled error that the kernel finds in a lane of -1, of which each output is off by
  /// 2^-23, with one yardstick for all.
  private func largestError(_ yardstick: Double, beyond: Double, level: KernelLevel) -> Double {
    let count = 5
    var values = [Double](repeating: beyond, count: Int(LANE_GROUP))
    var yardsticks = values
    for index in 0..<count { (values[index], yardsticks[index]) = (-1, yardstick) }
    let outputs = [Float](repeating: -1 - 0x1p-23, count: count)
    var mirrored = [Float](repeating: 0, count: Int(LANE_GROUP))
    var largest = [0.0]
    _ = lane_mirror(
      Int32(level.rawValue), FloatFormat.float32.kernelCode, outputs, count, yardsticks, 0x1p-126,
      24, &values, &mirrored, &largest)
    #expect(mirrored[..<count].allSatisfy { $0 == 1 + 0x1p-23 })
    // The last bit of a value keeps its sign.
    #expect(values[..<count].allSatisfy { abs($0 - 1) <= 0x1p-52 })
    return largest[0]
  }

  @Test("Scaled errors are those of the lane, whatever the memory behind it holds")
  func beyondTheLane() {
    for level in KernelLevel.available {
      for beyond in [0, -1, 1e300, .leastNonzeroMagnitude, .infinity, .nan] {
        #expect(abs(largestError(4, beyond: beyond, level: level) - 0.5) < 1e-12, "\(beyond)")
      }
    }
  }

  @Test("Four yardsticks whose product is beyond binary64 are divided by one after the other")
  func largeYardsticks() {
    for level in KernelLevel.available {
      for yardstick in [1e60, 1e80, 1e150, 1e290] {
        let error = largestError(yardstick, beyond: 1, level: level) * yardstick
        #expect(abs(error - 2) < 1e-12, "\(yardstick)")
      }
    }
  }

  /// A lane of values in double-double with what lies behind it, and its outputs.
  private struct Pairs {
    var high: [Double]
    var low: [Double]
    var outputs: [Double]
    var mirrored = [Double](repeating: .nan, count: Int(LANE_GROUP))
    var largest = [Double.nan]
    var tally = lane_mirror_tally()

    /// - Parameters:
    ///   - values: High and low parts of the sizes, not scaled.
    ///   - beyond: What stands behind the lane.
    init(
      _ values: [(Double, Double)], _ outputs: [Double], isNegative: Bool, yardstick: Double,
      beyond: Double, level: KernelLevel
    ) {
      high = [Double](repeating: beyond, count: Int(LANE_GROUP))
      low = high
      self.outputs = outputs
      for (index, value) in values.enumerated() {
        (high[index], low[index]) = (value.0 * 0x1p512, value.1 * 0x1p512)
      }
      tally = lane_mirror_pairs(
        Int32(level.rawValue), outputs, outputs.count, isNegative, yardstick, 53, &high, &low,
        &mirrored, &largest)
    }

    /// The sum of the halves of scaled errors.
    var halves: Double { Double(tally.halves_low) * 0x1p-40 + tally.large_halves * 0x1p-40 }
  }

  @Test("Pairs have the errors of the lane, of either sign, whatever the memory behind it holds")
  func pairs() {
    // An output of 1 + 2^-52 for 1 + 2^-60, with a yardstick of 4: (2^-52 - 2^-60) / (4 2^-53).
    let exact = 0.5 - 0x1p-9
    for level in KernelLevel.available {
      for (sign, beyond) in [(1.0, 0), (-1, 1e300), (-1, .infinity), (1, .nan)] {
        let lane = Pairs(
          Array(repeating: (1, 0x1p-60), count: 5),
          Array(repeating: sign * (1 + 0x1p-52), count: 5), isNegative: sign < 0, yardstick: 4,
          beyond: beyond, level: level)
        #expect(lane.mirrored[..<5].allSatisfy { $0 == 1 + 0x1p-52 })
        #expect(abs(lane.largest[0] - exact) < 1e-12 && abs(lane.halves - 2.5 * exact) < 1e-10)
        #expect(lane.high[5...].allSatisfy { $0 == 0 } && lane.low[5...].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("Infinite pairs agree or are mismatches, and outputs beyond the limit are left open")
  func infinitePairs() {
    let infinity = Double.infinity
    for level in KernelLevel.available {
      let lane = Pairs(
        [(infinity, 0), (infinity, 0), (infinity, 0), (1, 0), (1, 0), (1, 0), (.nan, 0), (1, 0)],
        [-infinity, infinity, -3, -0x1p400, infinity, .nan, -1, 0.0], isNegative: true,
        yardstick: 1, beyond: 1, level: level)
      #expect(lane.tally.agreed == 1 && lane.tally.negative_zeros == 0)
      #expect(lane.mirrored[0] == 0 && lane.mirrored[1].isNaN && lane.mirrored[2].isNaN)
      #expect(lane.high[0...2].allSatisfy { $0 == 0 })
      #expect(lane.high[3].isNaN && lane.high[4].isNaN && lane.high[6].isNaN)
      #expect(lane.high[5] == 0x1p512 && lane.mirrored[5].isNaN)
      // An output of 0 for -1: its error is 2^53 units, half of them in the sum.
      #expect(lane.largest[0] == 0x1p53 && lane.halves == 0x1p52)
      #expect(lane.mirrored[7] == 0 && lane.mirrored[7].sign == .minus)
    }
  }
}
