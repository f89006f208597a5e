import AuditedOperations

extension ExactFunction {
  /// For each element of a lane the first one that has the same inputs, and so the same value: the
  /// slot of both.
  ///
  /// Lanes of thousands of logits have few different ones where tests make them, and upstreams of
  /// small integers or of zeros but for one repeat as much.
  ///
  /// - Parameter inputs: The two numbers that an element's value depends on beside sums over the
  ///   lane.
  static func firstEqualElements(
    of lane: OperationLane, _ inputs: (Int) -> (UInt64, UInt64)
  ) -> [Int32] {
    var first: [EqualElement: Int32] = [:]
    return (0..<lane.outputCount).map { index in
      let (one, other) = inputs(index)
      let key = EqualElement(one: one, other: other)
      if let known = first[key] { return known }
      first[key] = Int32(index)
      return Int32(index)
    }
  }
}

/// The inputs of an element.
private struct EqualElement: Hashable {
  let one, other: UInt64
}
