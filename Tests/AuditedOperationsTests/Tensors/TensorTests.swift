import FloatFormats
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Basics

@Suite("Tensors and their lanes")
struct TensorTests {
  private static let shapes: [[Int]] = [
    [1], [5], [0], [2, 3], [1, 4], [4, 1], [0, 3], [3, 0], [2, 3, 4], [3, 1, 2], [2, 0, 3],
    [1, 1, 1], [0, 0, 0], [2, 3, 1, 2], [2, 2, 2, 2], [1, 3, 0, 2], [2, 1, 3, 2, 2],
    [1, 1, 2, 1, 3],
    [2, 2, 2, 2, 0],
  ]

  @Test("A lane holds the elements that differ in the axis alone, in order", arguments: shapes)
  func lanesMatchNaiveIndices(shape: [Int]) throws {
    let rank = shape.count
    for axis in -rank..<rank {
      let geometry = try LaneGeometry(shape: shape, axis: axis)
      let place = axis < 0 ? axis + rank : axis
      #expect(geometry.shape == shape && geometry.axis == place)
      #expect(geometry.length == shape[place])
      #expect(geometry.elementCount == shape.reduce(1, *))
      let lanes = Self.naiveLanes(shape, axis: place)
      #expect(geometry.laneCount == lanes.count)
      let tensor = Tensor(
        geometry: geometry, elements: (0..<geometry.elementCount).map { Double($0) })
      for (number, lane) in lanes.enumerated() {
        #expect(tensor.lane(number) == lane.map { Double($0) }, "shape \(shape), axis \(axis)")
        if let first = lane.first { #expect(geometry.start(ofLane: number) == first) }
      }
      if geometry.isContiguous {
        #expect(
          lanes.allSatisfy { lane in zip(lane, lane.dropFirst()).allSatisfy { $0 + 1 == $1 } })
      }
    }
  }

  /// The places of the elements of every lane, from multi-indices in row-major order.
  private static func naiveLanes(_ shape: [Int], axis: Int) -> [[Int]] {
    var indices: [[Int]] = [[]]
    for (dimension, size) in shape.enumerated() {
      indices = indices.flatMap { index in
        (0..<(dimension == axis ? 1 : size)).map { index + [$0] }
      }
    }
    return indices.map { index in
      (0..<shape[axis]).map { position in
        var full = index
        full[axis] = position
        return zip(full, shape).reduce(0) { $0 * $1.1 + $1.0 }
      }
    }
  }

  @Test(
    "An axis that a tensor does not have is an error of usage",
    arguments: [
      ([2, 3], 2), ([2, 3], -3), ([4], 1), ([4], -2), ([0], 1), ([2], .max), ([2], .min),
    ]
      as [([Int], Int)])
  func wrongAxis(shape: [Int], axis: Int) {
    let error = #expect(throws: UserError.self) { try LaneGeometry(shape: shape, axis: axis) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("axis \(axis)") == true)
  }

  @Test("A tensor of rank 0 has no axis", arguments: [0, -1, 1])
  func rankZero(axis: Int) {
    let error = #expect(throws: UserError.self) { try LaneGeometry(shape: [], axis: axis) }
    #expect(error?.kind == .usage)
  }

  @Test(
    "A shape whose strides are no integers, or with a negative dimension, is malformed input",
    arguments: [
      [0, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000],
      [1_000_000_000_000_000_000, 1_000_000_000_000_000_000, 0], [.max, 2], [.max, 2, 0],
      [1 << 32, 1 << 31], [-1], [3, -2], [-1, 0], [-2, -3],
    ] as [[Int]])
  func overflowingShapes(shape: [Int]) {
    for axis in shape.indices {
      let error = #expect(throws: UserError.self) { try LaneGeometry(shape: shape, axis: axis) }
      #expect(error?.kind == .malformedInput)
    }
  }

  @Test("The largest shapes that an integer can count are accepted")
  func largestShapes() throws {
    #expect(try LaneGeometry(shape: [.max], axis: 0).elementCount == .max)
    #expect(try LaneGeometry(shape: [1 << 31, 1 << 31], axis: -1).laneCount == 1 << 31)
    #expect(try LaneGeometry(shape: [1_000_000_000_000_000_000, 0], axis: 1).elementCount == 0)
    #expect(try LaneGeometry(shape: [1_000_000_000_000_000_000, 0], axis: 0).laneCount == 0)
  }

  @Test("A tensor of one format becomes one of another element by element, rounded once")
  func roundingToAnotherFormat() throws {
    let geometry = try LaneGeometry(shape: [2, 2], axis: 0)
    // 1 + 2^-8 + 2^-32 lies above the midpoint of two bfloat16 numbers; float32 would lose that.
    let tensor = Tensor<Double>(
      geometry: geometry, elements: [0x1.01000001p0, 1e6, -.infinity, -0.0])
    let wide = AnyTensor.float64(tensor)
    #expect(wide.format == .float64)
    #expect(wide.rounded(to: Double.self).elements.bitPatterns == tensor.elements.bitPatterns)
    #expect(
      wide.rounded(to: BFloat16.self).elements.map(\.exactDouble) == [
        0x1.02p0, 999_424, -.infinity, 0,
      ])
    #expect(
      wide.rounded(to: Float16.self).elements.map(\.exactDouble) == [
        0x1.01p0, .infinity, -.infinity, 0,
      ])
    #expect(wide.rounded(to: Float16.self).elements[3].isNegative)
    #expect(wide.rounded(to: BFloat16.self).geometry == geometry)
    let brain = AnyTensor.bfloat16(Tensor(rounding: tensor))
    #expect(brain.format == .bfloat16)
    #expect(brain.rounded(to: Float.self).elements == [0x1.02p0, 999_424, -.infinity, 0])
    #expect(AnyTensor.float16(Tensor(rounding: tensor)).format == .float16)
    #expect(AnyTensor.float32(Tensor(rounding: tensor)).format == .float32)
  }
}
