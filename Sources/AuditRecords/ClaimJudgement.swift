/// The judgement of a published claim.
package struct ClaimJudgement: Codable, Sendable, Equatable {
  /// The verdict on the decimals of a claim.
  package enum Verdict: String, Codable, Sendable {
    /// Every decimal is the correct rounding of the exact value.
    case correct
    /// Off by what arithmetic in the format of the claim explains.
    case arithmetic
    /// Off by what the digits cut from the printed logits explain.
    case printedLogits
    /// Right for arithmetic in a lower precision than the claim's.
    case lowerPrecision
    /// The values of another formula.
    case wrongFormula
    /// None of these.
    case unexplained

    /// Whether the claim may be passed on.
    package var isSound: Bool { self == .correct || self == .arithmetic || self == .printedLogits }
  }

  /// One decimal.
  package struct Decimal: Codable, Sendable, Equatable {
    package var printed: String
    /// 20 digits of the exact value.
    package var exact: String
    /// (printed - exact) in units of the last digit printed.
    package var unitsOff: Figure
    package var correctlyRounded: Bool

    package init(printed: String, exact: String, unitsOff: Figure, correctlyRounded: Bool) {
      self.printed = printed
      self.exact = exact
      self.unitsOff = unitsOff
      self.correctlyRounded = correctlyRounded
    }
  }

  package var id: String
  package var note: String
  package var format: String
  package var shape: [Int]
  package var axis: Int
  package var verdict: Verdict
  /// The verdict in words.
  package var explanation: String
  /// In the order of the tensor.
  package var decimals: [Decimal]

  package init(
    id: String, note: String, format: String, shape: [Int], axis: Int, verdict: Verdict,
    explanation: String, decimals: [Decimal]
  ) {
    self.id = id
    self.note = note
    self.format = format
    self.shape = shape
    self.axis = axis
    self.verdict = verdict
    self.explanation = explanation
    self.decimals = decimals
  }

  /// The decimal that is farthest off, the first of them.
  package var worst: Int? {
    decimals.indices.max { a, b in
      let (first, second) = (abs(decimals[a].unitsOff.value), abs(decimals[b].unitsOff.value))
      return first != second ? first < second : a > b
    }
  }
  /// The number of decimals that are correct roundings.
  package var correctCount: Int { decimals.filter(\.correctlyRounded).count }
}
