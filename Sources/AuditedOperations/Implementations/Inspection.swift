/// An observation of an implementation's own host beyond calls with tensors: integers as input, the
/// type of the output, outputs of earlier calls.
public struct Inspection: Sendable, Hashable, Codable {
  /// The name of what was looked at, in the style of laws.
  public var law: String
  public var passed: Bool
  /// The observation, in one sentence.
  public var explanation: String

  public init(law: String, passed: Bool, explanation: String) {
    self.law = law
    self.passed = passed
    self.explanation = explanation
  }

  /// The law about input that is not floating-point.
  public static let integerInput = "integer-input"

  /// The names of the inspections of hosts, with the law in one sentence.
  public static let statements = [
    "outputs-kept": "A call leaves the outputs of earlier calls as they were.",
    "output-type": "The output has the format of the input, or one that contains it.",
    integerInput:
      "Integers and truth values as input give a right answer or a clear error, never rubbish.",
  ]
}
