import FloatFormats

/// A choice seen as a number: a side of the simplest value, and a distance from it.
///
/// Integers, words and floats that are small integers can be lowered and balanced against each
/// other alike.
struct NumericChoice {
  private let kind: ChoiceKind
  /// The simplest value, or 0 where the kind counts from there.
  private let origin: Int64
  private let isBelow: Bool
  let magnitude: UInt64

  fileprivate init?(_ choice: RecordedChoice) {
    kind = choice.kind
    switch (choice.kind, choice.value) {
    case (.integer(_, let simplest), .integer(let value)):
      origin = simplest
      isBelow = value < simplest
      let distance = UInt64(bitPattern: value) &- UInt64(bitPattern: simplest)
      magnitude = isBelow ? 0 &- distance : distance
    case (.bits, .bits(let word)):
      (origin, isBelow, magnitude) = (0, false, word)
    case (.float(let constraint), .float(_, let bits)):
      let order = constraint.order
      let rank = order.rank(of: bits)
      let magnitudeRank = rank & ~order.signBit
      guard magnitudeRank < order.integerCount else { return nil }
      (origin, isBelow, magnitude) = (0, rank != magnitudeRank, magnitudeRank)
    default: return nil
    }
  }

  /// The choice with another distance on the same side, where that is permitted.
  func with(magnitude: UInt64) -> ChoiceValue? { value(magnitude, isBelow: isBelow) }

  /// The choice at the same distance on the simpler side.
  var mirrored: ChoiceValue? { isBelow ? value(magnitude, isBelow: false) : nil }

  /// The choice moved away from `other`'s side of the origin by a distance.
  ///
  /// With `other` lowered by as much, the sum of both stays what it was.
  func balancing(_ distance: UInt64, of other: NumericChoice) -> ChoiceValue? {
    if isBelow == other.isBelow {
      let (sum, overflow) = magnitude.addingReportingOverflow(distance)
      return overflow ? nil : value(sum, isBelow: isBelow)
    }
    return distance <= magnitude
      ? value(magnitude - distance, isBelow: isBelow)
      : value(distance - magnitude, isBelow: !isBelow)
  }

  private func value(_ magnitude: UInt64, isBelow: Bool) -> ChoiceValue? {
    let value: ChoiceValue
    switch kind {
    case .integer(let range, _):
      let limit = isBelow ? range.lowerBound : range.upperBound
      let room = UInt64(bitPattern: limit) &- UInt64(bitPattern: origin)
      guard magnitude <= (isBelow ? 0 &- room : room) else { return nil }
      let start = UInt64(bitPattern: origin)
      value = .integer(Int64(bitPattern: isBelow ? start &- magnitude : start &+ magnitude))
    case .bits:
      guard !isBelow else { return nil }
      value = .bits(magnitude)
    case .float(let constraint):
      let order = constraint.order
      guard magnitude < order.integerCount else { return nil }
      value = .float(
        constraint.format, bits: order.bits(at: magnitude) | (isBelow ? order.signBit : 0))
    case .boolean: return nil
    }
    return kind.permits(value) ? value : nil
  }
}

extension RecordedChoice {
  /// The choice as a number, where it is one.
  var number: NumericChoice? { NumericChoice(self) }
}
