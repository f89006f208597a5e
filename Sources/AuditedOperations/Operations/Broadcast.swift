import Basics

/// A tensor repeated to a larger shape, as NumPy does it: shapes are aligned at their ends, and
/// dimensions of 1 repeat.
package enum Broadcast {
  /// The elements, row-major in the larger shape.
  ///
  /// - Parameters:
  ///   - elements: Those of the tensor, row-major.
  ///   - shape: Its shape.
  ///   - target: The larger shape.
  ///   - name: Its name, for the message.
  /// - Throws: `UserError` of kind `malformedInput` where the shapes do not fit.
  package static func elements(
    _ elements: [Double], of shape: [Int], to target: [Int], name: String
  ) throws(UserError) -> [Double] {
    let own = shape.drop { $0 == 1 }
    guard own.count <= target.count,
      zip(own.reversed(), target.reversed()).allSatisfy({ $0 == $1 || $0 == 1 })
    else {
      throw UserError(
        .malformedInput,
        "\(name) has the shape \(shape), which does not fit \(target); dimensions must agree or be 1"
      )
    }
    if Array(own) == target { return elements }
    // Strides of the tensor along the larger shape, 0 where it repeats.
    var strides = [Int](repeating: 0, count: target.count)
    var step = 1
    for (offset, size) in own.reversed().enumerated() {
      strides[target.count - 1 - offset] = size == 1 ? 0 : step
      step *= size
    }
    let count = target.reduce(1, *)
    var result: [Double] = []
    result.reserveCapacity(count)
    var place = [Int](repeating: 0, count: target.count)
    var source = 0
    for _ in 0..<count {
      result.append(elements[source])
      for axis in target.indices.reversed() {
        place[axis] += 1
        source += strides[axis]
        if place[axis] < target[axis] { break }
        source -= strides[axis] * target[axis]
        place[axis] = 0
      }
    }
    return result
  }
}
