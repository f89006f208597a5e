import CLaneKernels

/// Arrays that filters use again, lane after lane: fresh memory costs as much as the exponentials that go into it.
final class ScratchArrays {
  private var free: [[Double]] = []
  /// Three for each lane of the widest cells.
  private static let capacity = 192

  /// An array of at least `count` elements, rounded up to a whole group, with any content.
  func take(count: Int) -> [Double] {
    let padded = (count + Int(LANE_GROUP) - 1) / Int(LANE_GROUP) * Int(LANE_GROUP)
    if let last = free.popLast(), last.count >= padded, last.count <= 2 * padded { return last }
    return [Double](unsafeUninitializedCapacity: padded) { _, filled in filled = padded }
  }

  /// Takes an array back.
  func give(_ array: consuming [Double]) {
    if free.count < Self.capacity { free.append(array) }
  }
}
