import Basics
import FloatFormats

/// The dimensions of a tensor and the axis along which it is a set of lanes.
///
/// Row-major storage makes any axis a triple (outer, n, inner): lane (o, i) holds the elements at
/// (o n + k) inner + i for k in 0 ..< n.
public struct LaneGeometry: Sendable, Hashable {
  /// The dimensions, slowest first.
  public let shape: [Int]
  /// The axis, counted from 0.
  public let axis: Int
  /// The product of the dimensions before the axis.
  public let outer: Int
  /// The length of the axis: of every lane.
  public let length: Int
  /// The product of the dimensions after the axis.
  public let inner: Int

  /// The geometry of a shape along an axis.
  ///
  /// - Parameters:
  ///   - shape: The dimensions, none negative; their product must be an `Int`.
  ///   - axis: From -rank to rank - 1; a negative one counts from the end.
  /// - Throws: `UserError` where the tensor has no such axis. A tensor of rank 0 has no axis at
  ///   all.
  public init(shape: [Int], axis: Int) throws(UserError) {
    let rank = shape.count
    guard rank > 0 else {
      throw UserError(
        .usage, "a tensor of rank 0 has no axis; softmax needs at least one dimension")
    }
    guard axis >= -rank, axis < rank else {
      throw UserError(
        .usage,
        "axis \(axis) does not exist in a tensor of shape \(shape); it must lie between \(-rank) and \(rank - 1)"
      )
    }
    guard shape.allSatisfy({ $0 >= 0 }), Self.product(shape) != nil else {
      throw UserError(.malformedInput, "the shape \(shape) is not one that a tensor can have")
    }
    self.shape = shape
    self.axis = axis < 0 ? axis + rank : axis
    outer = shape[..<self.axis].reduce(1, *)
    length = shape[self.axis]
    inner = shape[(self.axis + 1)...].reduce(1, *)
  }

  /// The same lanes with another length.
  public func replacing(length: Int) -> LaneGeometry {
    var shape = shape
    shape[axis] = length
    guard let replaced = try? LaneGeometry(shape: shape, axis: axis) else {
      preconditionFailure("lanes of \(length) elements are more than an Int can count")
    }
    return replaced
  }

  /// The largest length of a lane.
  public static let largestLength = 1 << 24

  /// The number of lanes without a logit that a tensor may have: 2^20.
  ///
  /// They take no room in a file, but time and memory here.
  private static let greatestEmptyLaneCount = 1 << 20

  /// The reason why the shape of a tensor without elements is only good for using up memory; `nil`
  /// where it may be looked at.
  ///
  /// A shape such as (0, 2^40) takes a hundred bytes in a file, and buffers are as long as a lane.
  public var objection: String? {
    guard elementCount == 0 else { return nil }
    if length > LaneGeometry.largestLength {
      return "has lanes of \(length) logits, and not one logit; save a shape that is in use"
    }
    if laneCount > Self.greatestEmptyLaneCount {
      return "has \(laneCount) lanes without a logit; save fewer"
    }
    return nil
  }

  /// The number of elements; nil where it is not an `Int`.
  static func product(_ shape: [Int]) -> Int? {
    // Parts of the product are strides: they must be integers even where a zero makes the whole
    // vanish.
    var product = 1
    for dimension in shape where dimension != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// The number of lanes, those of length 0 included.
  @inlinable
  public var laneCount: Int { outer * inner }

  /// The number of elements.
  @inlinable
  public var elementCount: Int { laneCount * length }

  /// The place of the first element of a lane.
  @inlinable
  public func start(ofLane lane: Int) -> Int { (lane / inner) * length * inner + lane % inner }

  /// The places of the elements of a lane.
  @inlinable
  public func places(ofLane lane: Int) -> [Int] {
    let start = start(ofLane: lane)
    return (0..<length).map { start + $0 * inner }
  }

  /// Puts the elements of a lane in their places among those of a tensor.
  @inlinable
  public func place<Element>(
    _ lane: some Sequence<Element>, asLane number: Int, in elements: inout [Element]
  ) {
    let start = start(ofLane: number)
    for (index, element) in lane.enumerated() { elements[start + index * inner] = element }
  }

  /// Whether the elements of a lane lie side by side.
  @inlinable
  public var isContiguous: Bool { inner == 1 }
}

/// A tensor of one of the audited formats, row-major, with the axis its lanes run along.
public struct Tensor<F: BinaryFloat>: Sendable {
  public let geometry: LaneGeometry
  public var elements: [F]

  /// A tensor with the given elements, as many as the geometry has.
  @inlinable
  public init(geometry: LaneGeometry, elements: [F]) {
    precondition(elements.count == geometry.elementCount, "a tensor needs one element per place")
    self.geometry = geometry
    self.elements = elements
  }

  /// A tensor of one format rounded to another.
  @inlinable
  public init<Other: BinaryFloat>(rounding other: Tensor<Other>) {
    self.init(geometry: other.geometry, elements: other.elements.map { F(rounding: $0) })
  }

  /// A lane as an array.
  @inlinable
  @_specialize(where F == Float16)
  @_specialize(where F == BFloat16)
  @_specialize(where F == Float)
  @_specialize(where F == Double)
  public func lane(_ index: Int) -> [F] {
    let start = geometry.start(ofLane: index)
    if geometry.isContiguous { return Array(elements[start..<start + geometry.length]) }
    return (0..<geometry.length).map { elements[start + $0 * geometry.inner] }
  }
}
