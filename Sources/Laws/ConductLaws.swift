import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Every call for lanes of one logit or more is answered.
  ///
  /// A crash, a hang, a refusal or rubbish in place of a tensor. Any law whose case is not answered
  /// fails; this one looks for nothing else.
  static let answers = Law(
    "answers",
    "Every tensor with lanes of one or more logits is answered: no crash, no hang, no refusal.",
    grade: .required, tolerance: "none", catches: [.emptiness, .tails, .indexWidth],
    budget: Budget(random: 200, edges: 24), form: .tensor(),
    cases: { format in
      .frequency([
        (2, TensorCases.tensors(format)), (1, LaneCases.lanes(format, count: 1...5000).cases),
      ])
    }
  ) { input, trial, _ in
    _ = try trial.outputs(of: input)
    return .kept
  }

  /// The logits are the caller's, and stay as they are.
  static let inputUntouched = conduct(
    "input-untouched", "A call leaves its logits as they were.", .inputModified)

  /// Nothing is written outside the output.
  static let outputContained = conduct(
    "output-contained", "A call writes nothing outside its output.", .wroteOutsideOutput)

  /// Rounding mode and flush-to-zero are the caller's too.
  static let environmentKept = conduct(
    "environment-kept", "A call leaves rounding mode and flush-to-zero as they were.",
    .changedFloatingPointEnvironment)

  /// The laws about conduct, by what breaks them.
  private static let byMisconduct: [(kind: Misconduct.Kind, law: Law)] = [
    (.inputModified, .inputUntouched), (.wroteOutsideOutput, .outputContained),
    (.changedFloatingPointEnvironment, .environmentKept),
  ]

  /// The names of the laws that nobody can judge where these kinds of misconduct are looked for and
  /// no others.
  public static func unwatched(with watched: Set<Misconduct.Kind>) -> [String] {
    byMisconduct.filter { !watched.contains($0.kind) }.map(\.law.name)
  }

  /// The key of the environment of an implementation that names the laws that nobody can judge.
  public static let unwatchedKey = "laws not watched"

  private static func conduct(
    _ name: String, _ statement: String, _ kind: Misconduct.Kind
  ) -> Law {
    Law(
      name, statement, grade: .required, tolerance: "none",
      catches: [.conduct, .memoryLayout, .tails],
      budget: Budget(random: 60, edges: 16), form: .tensor(),
      inapplicability: { subject in
        subject.watchedConduct.contains(kind) ? nil : "nobody watches for it where it is called"
      },
      cases: { format in
        .frequency([
          (1, TensorCases.tensors(format)), (1, LaneCases.lanes(format, count: 1...1100).cases),
        ])
      }
    ) { input, trial, _ in
      _ = try trial.outputs(of: input)
      guard let seen = trial.misconduct.first(where: { $0.kind == kind }) else { return .kept }
      return .broken(Violation(seen.explanation, kind: kind.rawValue))
    }
  }
}
