import FloatFormats

/// A tensor whose lanes are read one at a time.
package protocol LaneSource: Sendable {
  var shape: [Int] { get }
  /// The format of the elements.
  var format: FloatFormat { get }

  /// A lane as an array.
  ///
  /// - Parameters:
  ///   - number: The number of the lane.
  ///   - geometry: That of the tensor's shape along some axis.
  ///   - type: The type of the tensor's format.
  func lane<F: BinaryFloat>(_ number: Int, of geometry: LaneGeometry, as type: F.Type) -> [F]

  /// Consecutive lanes, one behind the other in one array.
  func lanes<F: BinaryFloat>(_ numbers: Range<Int>, of geometry: LaneGeometry, as type: F.Type)
    -> [F]
}

extension LaneSource {
  package func lanes<F: BinaryFloat>(
    _ numbers: Range<Int>, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] {
    var elements: [F] = []
    elements.reserveCapacity(numbers.count * geometry.length)
    for number in numbers { elements += lane(number, of: geometry, as: F.self) }
    return elements
  }

  /// A lane in binary64, which holds every format.
  package func exactLane(_ number: Int, of geometry: LaneGeometry) -> [Double] {
    switch format {
    case .float16: lane(number, of: geometry, as: Float16.self).exactDoubles
    case .bfloat16: lane(number, of: geometry, as: BFloat16.self).exactDoubles
    case .float32: lane(number, of: geometry, as: Float.self).exactDoubles
    case .float64: lane(number, of: geometry, as: Double.self)
    default: widened(number, of: geometry, format.type)
    }
  }

  private func widened<F: BinaryFloat>(
    _ number: Int, of geometry: LaneGeometry, _ type: F.Type
  ) -> [Double] {
    lane(number, of: geometry, as: type).exactDoubles
  }
}
