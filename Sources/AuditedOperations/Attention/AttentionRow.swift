/// The keys and values that a head of queries reads, in binary64, which holds every format.
package final class AttentionHead: Sendable {
  /// The keys, one after the other.
  package let keys: [Double]
  /// The values, one after the other.
  package let values: [Double]
  /// The number of keys.
  package let count: Int
  /// The number of numbers of a key.
  package let dimension: Int
  /// The number of numbers of a value.
  package let valueDimension: Int
  /// Whether a number of a key is NaN or infinite.
  package let hasSpecialKeys: Bool
  /// Whether a number of a value is NaN or infinite.
  package let hasSpecialValues: Bool

  package init(
    keys: [Double], values: [Double], count: Int, dimension: Int, valueDimension: Int
  ) {
    precondition(keys.count == count * dimension && values.count == count * valueDimension)
    self.keys = keys
    self.values = values
    self.count = count
    self.dimension = dimension
    self.valueDimension = valueDimension
    hasSpecialKeys = !keys.allSatisfy(\.isFinite)
    hasSpecialValues = !values.allSatisfy(\.isFinite)
  }

  /// The numbers of a key.
  package func key(_ index: Int) -> ArraySlice<Double> {
    keys[index * dimension..<(index + 1) * dimension]
  }

  /// A number of a value.
  package func value(_ index: Int, _ channel: Int) -> Double {
    values[index * valueDimension + channel]
  }
}

/// A row of attention: one query against the keys and values of its head.
///
/// With s_j = q . k_j, z_j = c s_j, then bounded by the cap and with the mask added, and p the
/// softmax of z, the sink among its terms: the output is sum p_j v_j, and L the logsumexp of z. A
/// key whose mask is -inf is hidden: it takes no part, whatever stands in it.
package struct AttentionRow: Sendable {
  package let query: [Double]
  package let head: AttentionHead
  /// The scale c, `nil` for 1 / sqrt(dimension) as a real number, the cap, the mask of the row with
  /// -inf for keys that the query must not see, and the sink.
  package let modifiers: LaneModifiers

  package init(query: [Double], head: AttentionHead, modifiers: LaneModifiers = .none) {
    precondition(query.count == head.dimension)
    precondition(modifiers.mask.map { $0.count == head.count } ?? true, "one for each key")
    self.query = query
    self.head = head
    self.modifiers = modifiers
  }

  /// Whether a key is seen.
  package func sees(_ key: Int) -> Bool { modifiers.addend(key) != -.infinity }

  /// Whether the softmax has no term: no key is seen, and there is no sink.
  package var seesNothing: Bool {
    modifiers.sink ?? -.infinity == -.infinity && !(0..<head.count).contains(where: sees)
  }

  /// Whether some score is seen, or a sink, and all numbers that scores and outputs are made of are
  /// finite: then outputs and logsumexp have a value, which no score has to be evaluated for.
  package var isOrdinary: Bool {
    let sink = modifiers.sink ?? -.infinity
    guard !head.hasSpecialKeys, !head.hasSpecialValues, !sink.isNaN, sink < .infinity,
      query.allSatisfy(\.isFinite)
    else { return false }
    guard let mask = modifiers.mask else { return head.count > 0 || sink > -.infinity }
    return mask.allSatisfy { $0 < .infinity }
      && (sink > -.infinity || mask.contains { $0 > -.infinity })
  }

  /// The scale in binary64.
  package var scale: Double {
    modifiers.scale ?? 1 / Double(head.dimension).squareRoot()
  }
}

/// An output of attention.
package enum AttentionPart: String, Sendable, Hashable, CaseIterable {
  /// sum p_j v_j, one number for each of a value's.
  case output
  /// L, one number.
  case logSumExp = "logsumexp"
}
