/// The integers of a witness whose output is quantised.
public struct StepWitness: Codable, Sendable, Equatable {
  /// The integers of the logits, as many as there are logits in the witness; `nil` where those are
  /// not quantised.
  public var logits: [Int]?
  /// The output.
  public var computed: Int
  /// The exact value in steps, v / scale + zero point, not kept within the type.
  public var exact: String
  /// The exact value rounded to nearest, ties to even, and kept within the type.
  public var rounded: Int

  package init(logits: [Int]?, computed: Int, exact: String, rounded: Int) {
    self.logits = logits
    self.computed = computed
    self.exact = exact
    self.rounded = rounded
  }
}
