import FloatFormats

/// The possible outcomes of a decision, and the order in which its values count as simple.
///
/// Each kind numbers its values by *simplicity index*: a smaller index is a simpler value. The
/// shrinker sees nothing else of a value, so the order chosen here decides what a minimal witness
/// looks like.
package enum ChoiceKind: Hashable, Sendable {
  /// An integer of a range; the nearer to `simplest`, the simpler, and above it before below it.
  case integer(ClosedRange<Int64>, simplest: Int64)
  /// A boolean that is true with the given probability; false is simpler. At 0 and 1 the outcome is
  /// forced, yet recorded, so that what follows keeps its place while the shrinker deletes.
  case boolean(probability: Double)
  /// A float; simple ones are the first of ``FloatOrder``.
  case float(FloatConstraint)
  /// An unsigned integer of the given number of bits, 1 to 64; smaller is simpler.
  case bits(width: Int)

  /// Whether a value is a possible outcome.
  package func permits(_ value: ChoiceValue) -> Bool {
    switch (self, value) {
    case (.integer(let range, _), .integer(let number)): range.contains(number)
    case (.boolean(let probability), .boolean(let outcome)):
      outcome ? probability > 0 : probability < 1
    case (.float(let constraint), .float(let format, let bits)):
      format == constraint.format && constraint.permits(bits)
    case (.bits(let width), .bits(let word)): width >= 64 || word >> UInt64(width) == 0
    default: false
    }
  }

  /// The value with the least index.
  package var simplest: ChoiceValue {
    switch self {
    case .integer(_, let simplest): .integer(simplest)
    case .boolean(let probability): .boolean(probability >= 1)
    case .float(let constraint): .float(constraint.format, bits: constraint.simplest)
    case .bits: .bits(0)
    }
  }

  /// The value itself where it is a possible outcome, else the simplest one.
  ///
  /// A replayed sequence may ask for something else than it did when it was recorded, for instance
  /// after the shrinker shortened what comes before.
  package func repaired(_ value: ChoiceValue) -> ChoiceValue { permits(value) ? value : simplest }

  /// The simplicity index of a permitted value.
  package func index(of value: ChoiceValue) -> UInt64 {
    switch (self, value) {
    case (.integer(let range, let simplest), .integer(let number)):
      Self.index(of: number, in: range, simplest: simplest)
    case (.boolean(let probability), .boolean(let outcome)): outcome && probability < 1 ? 1 : 0
    case (.float(let constraint), .float(_, let bits)): constraint.order.rank(of: bits)
    case (.bits, .bits(let word)): word
    default: UInt64.max
    }
  }

  /// The value with the given simplicity index, nil where none has it.
  package func value(at index: UInt64) -> ChoiceValue? {
    switch self {
    case .integer(let range, let simplest):
      return Self.integer(at: index, in: range, simplest: simplest).map { .integer($0) }
    case .boolean(let probability):
      if probability >= 1 { return index == 0 ? .boolean(true) : nil }
      return index == 0 ? .boolean(false) : index == 1 && probability > 0 ? .boolean(true) : nil
    case .float(let constraint):
      guard index <= constraint.order.lastRank else { return nil }
      let bits = constraint.order.bits(at: index)
      return constraint.permits(bits) ? .float(constraint.format, bits: bits) : nil
    case .bits(let width):
      return width >= 64 || index >> UInt64(width) == 0 ? .bits(index) : nil
    }
  }
}

// MARK: - Integers around the simplest one

extension ChoiceKind {
  /// Distances are taken modulo 2^64: the full range of `Int64` has distances that no `Int64`
  /// holds.
  private static func distance(_ low: Int64, _ high: Int64) -> UInt64 {
    UInt64(bitPattern: high) &- UInt64(bitPattern: low)
  }

  private static func index(
    of number: Int64, in range: ClosedRange<Int64>, simplest: Int64
  ) -> UInt64 {
    let above = distance(simplest, range.upperBound)
    let below = distance(range.lowerBound, simplest)
    let isAbove = number > simplest
    let step = isAbove ? distance(simplest, number) : distance(number, simplest)
    // Both sides alternate as far as the shorter one reaches; what is left of the longer one
    // follows.
    let shorter = min(above, below)
    if step > shorter { return step &+ shorter }
    return isAbove ? 2 &* step &- 1 : 2 &* step
  }

  private static func integer(
    at index: UInt64, in range: ClosedRange<Int64>, simplest: Int64
  ) -> Int64? {
    let above = distance(simplest, range.upperBound)
    let below = distance(range.lowerBound, simplest)
    guard index <= above &+ below else { return nil }
    let shorter = min(above, below)
    let isAlternating = shorter > UInt64.max / 2 || index <= 2 &* shorter
    let step = isAlternating ? index / 2 + index % 2 : index &- shorter
    let isAbove = isAlternating ? index % 2 == 1 : above > below
    let origin = UInt64(bitPattern: simplest)
    return Int64(bitPattern: isAbove ? origin &+ step : origin &- step)
  }
}
