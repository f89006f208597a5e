import AuditedOperations
import FloatFormats

/// Lanes of one length, one behind the other in one array, as the kernels take them.
package struct EncodedLanes: Sendable {
  /// The elements of all lanes.
  package let elements: EncodedLane
  /// The number of lanes.
  package let count: Int
  /// The number of elements of each lane.
  package let length: Int

  /// The lanes that an array holds.
  ///
  /// - Parameter elements: As many as the lanes have together.
  package init<F: BinaryFloat>(_ elements: [F], count: Int, length: Int) {
    precondition(elements.count == count * length)
    self.elements = EncodedLane(elements)
    self.count = count
    self.length = length
  }

  /// The same lanes, each an array of its own; all have the length of the first.
  package init<F: BinaryFloat>(_ lanes: [[F]]) {
    let length = lanes.first?.count ?? 0
    precondition(lanes.allSatisfy { $0.count == length })
    self.init(lanes.flatMap { $0 }, count: lanes.count, length: length)
  }

  package var format: FloatFormat { elements.format }

  /// Consecutive lanes as one.
  package subscript(lanes: Range<Int>) -> EncodedLane {
    elements[lanes.lowerBound * length..<lanes.upperBound * length]
  }
}

extension EncodedLanes: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(lane: Int) -> EncodedLane { self[lane..<lane + 1] }
}

extension Tensor {
  /// The lanes of the tensor; where they lie side by side in its own array.
  package var encodedLanes: EncodedLanes {
    let (count, length) = (geometry.laneCount, geometry.length)
    return EncodedLanes(
      geometry.isContiguous ? elements : (0..<count).flatMap { lane($0) }, count: count,
      length: length)
  }
}
