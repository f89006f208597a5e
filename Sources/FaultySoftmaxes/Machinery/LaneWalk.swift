import AuditedOperations

/// The order in which an implementation goes through the lanes of a tensor, right or wrong.
///
/// A place beyond the tensor is wrapped around: what a wrong index would find is some other number.
struct LaneWalk: Sendable {
  var laneCount: Int
  var length: Int
  /// The distance between neighbours of a lane.
  var stride: Int
  /// The place of the first element of a lane; nil for a lane that is passed over.
  var start: @Sendable (Int) -> Int?
  /// Places from here on are not reached.
  var limit = Int.max

  init(_ geometry: LaneGeometry) {
    self.init(outer: geometry.outer, length: geometry.length, inner: geometry.inner)
  }

  /// The lanes of a tensor taken as (outer, length, inner).
  init(outer: Int, length: Int, inner: Int) {
    self.init(laneCount: outer * inner, length: length, stride: inner) { lane in
      (lane / inner) * length * inner + lane % inner
    }
  }

  init(laneCount: Int, length: Int, stride: Int, start: @escaping @Sendable (Int) -> Int?) {
    self.laneCount = laneCount
    self.length = length
    self.stride = stride
    self.start = start
  }

  /// The same walk with other first elements.
  func starting(_ start: @escaping @Sendable (Int) -> Int?) -> LaneWalk {
    var result = self
    result.start = start
    return result
  }
}

extension LaneGeometry {
  /// The lanes along another axis of the same tensor.
  func walk(alongAxis axis: Int) -> LaneWalk {
    LaneWalk(
      outer: shape[..<axis].reduce(1, *), length: shape[axis],
      inner: shape[(axis + 1)...].reduce(1, *))
  }
}
