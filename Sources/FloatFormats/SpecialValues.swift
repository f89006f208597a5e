/// The encodings of a format that are no finite numbers.
public enum SpecialValues: Sendable {
  /// Those with the largest exponent field, as IEEE 754 has it: two infinities, and NaNs.
  case infinitiesAndNaNs
  /// Those with all bits set below the sign, which are NaN; there are no infinities (`fn`).
  case nanOfAllOnes
  /// That of -0, which is NaN; there are no infinities, and one zero (`fnuz`).
  case nanForNegativeZero
}
