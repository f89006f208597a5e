import CLaneKernels

/// Memory for the terms of a lane, with whole groups of the kernels' and with any content.
final class ScratchBuffer {
  let start: UnsafeMutablePointer<Double>
  let capacity: Int

  init(capacity: Int) {
    start = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { start.deallocate() }
}

/// Buffers that filters use again, lane after lane: fresh memory costs as much as the exponentials
/// that go into it.
final class ScratchBuffers {
  /// Neither method calls anything that could come back here.
  @exclusivity(unchecked) private var free: [ScratchBuffer] = []
  /// Three for each lane of the widest cells.
  private static let capacity = 192

  /// A buffer for at least `count` elements, rounded up to a whole group.
  func take(count: Int) -> ScratchBuffer {
    let padded = (count + Int(LANE_GROUP) - 1) / Int(LANE_GROUP) * Int(LANE_GROUP)
    if let last = free.popLast(), last.capacity >= padded, last.capacity <= 2 * padded {
      return last
    }
    return ScratchBuffer(capacity: padded)
  }

  /// Takes a buffer back.
  func give(_ buffer: consuming ScratchBuffer) {
    if free.count < Self.capacity { free.append(buffer) }
  }
}
