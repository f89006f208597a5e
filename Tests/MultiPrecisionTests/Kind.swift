import MultiPrecision

/// What a number is, as one copyable value: the expectation macros cannot look into a noncopyable
/// one.
enum Kind: Equatable {
  case zero(negative: Bool)
  case number(negative: Bool)
  case infinity(negative: Bool)
  case nan

  init(_ number: borrowing BigFloat) {
    self =
      if number.isNaN {
        .nan
      } else if number.isInfinite {
        .infinity(negative: number.isNegative)
      } else if number.isZero {
        .zero(negative: number.isNegative)
      } else {
        .number(negative: number.isNegative)
      }
  }
}
