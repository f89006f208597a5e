import FloatFormats

/// The outcome of one decision that a generator made.
///
/// Values are all that a replay token or a regression file keeps: the generator that replays them
/// knows what it asks for, so the kind of each decision comes back by itself.
package enum ChoiceValue: Hashable, Sendable {
  case integer(Int64)
  case boolean(Bool)
  /// A float as its encoding, so that NaN payloads and the signs of zeros survive.
  case float(FloatFormat, bits: UInt64)
  case bits(UInt64)
}

/// Stops the program: a choice came out as another type than its kind has, which
/// ``ChoiceKind/repaired(_:)`` rules out.
func wrongType(of value: ChoiceValue) -> Never {
  preconditionFailure("the choice \(value) has not the type that was asked for")
}
