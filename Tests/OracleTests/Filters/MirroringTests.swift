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
}
