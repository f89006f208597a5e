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
    let repeated = try RepeatedNumbers(elements, of: shape, to: target, name: name)
    return repeated.run(at: 0, count: target.reduce(1, *))
  }
}

/// The numbers of a tensor that repeats to a larger shape, stored once.
package struct RepeatedNumbers: Sendable, Hashable {
  /// The numbers of the tensor, row-major.
  package let elements: [Double]
  /// The larger shape.
  package let shape: [Int]
  /// The strides of the tensor along the larger shape, 0 where it repeats.
  private let strides: [Int]
  /// Whether nothing repeats.
  private let isWhole: Bool

  /// - Parameters:
  ///   - elements: Those of the tensor, row-major.
  ///   - shape: Its shape.
  ///   - target: The larger shape.
  ///   - name: Its name, for the message.
  /// - Throws: `UserError` of kind `malformedInput` where the shapes do not fit.
  package init(
    _ elements: [Double], of shape: [Int], to target: [Int], name: String
  ) throws(UserError) {
    let own = shape.drop { $0 == 1 }
    guard own.count <= target.count,
      zip(own.reversed(), target.reversed()).allSatisfy({ $0 == $1 || $0 == 1 })
    else {
      throw UserError(
        .malformedInput,
        "\(name) has the shape \(shape), which does not fit \(target); dimensions must agree or be 1"
      )
    }
    var strides = [Int](repeating: 0, count: target.count)
    var step = 1
    for (offset, size) in own.reversed().enumerated() {
      strides[target.count - 1 - offset] = size == 1 ? 0 : step
      step *= size
    }
    self.elements = elements
    self.shape = target
    self.strides = strides
    isWhole = Array(own) == target
  }

  /// Numbers of the larger shape that follow one another, row-major.
  package func run(at start: Int, count: Int) -> [Double] {
    guard count > 0 else { return [] }
    if isWhole { return Array(elements[start..<start + count]) }
    var place = [Int](repeating: 0, count: shape.count)
    var (rest, source) = (start, 0)
    for axis in shape.indices.reversed() {
      (rest, place[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
      source += place[axis] * strides[axis]
    }
    var result: [Double] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      result.append(elements[source])
      for axis in shape.indices.reversed() {
        place[axis] += 1
        source += strides[axis]
        if place[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        place[axis] = 0
      }
    }
    return result
  }
}
