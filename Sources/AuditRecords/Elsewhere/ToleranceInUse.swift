import AuditedOperations
import FloatFormats

/// A tolerance with which some library tests its softmax.
///
/// To add one: a value in the list of `TolerancesInUse.swift`.
///
/// The reference is the exact value p, of other operations v, never rounded: more than those tests
/// have, who compare with another softmax of the same format. Their arithmetic is that of real
/// numbers here; the constants are the binary64 numbers nearest to what the sources say.
package struct ToleranceInUse: Sendable, Equatable {
  /// The name that its users give it.
  package let name: String
  /// The same in at most five characters, for tables.
  package let label: String
  /// The condition on an accepted output y, in words.
  package let formula: String
  /// The file that it stands in.
  package let source: String
  /// Whether it is one of tests of softmax, and not of every function.
  package let isOfSoftmax: Bool
  /// The condition on outputs of a format; `nil` for formats that it is not used for.
  package let rule: @Sendable (FloatFormat) -> Rule?

  init(
    _ name: String, label: String, formula: String, source: String, isOfSoftmax: Bool = false,
    rule: @escaping @Sendable (FloatFormat) -> Rule?
  ) {
    self.name = name
    self.label = label
    self.formula = formula
    self.source = source
    self.isOfSoftmax = isOfSoftmax
    self.rule = rule
  }

  /// The tolerance of a name in results; one that is not in use elsewhere is somebody's own.
  package static func named(_ name: String) -> ToleranceInUse {
    all.first { $0.name == name }
      ?? ToleranceInUse(name, label: "own", formula: name, source: "--rtol and --atol") { _ in
        .close(relative: 0, absolute: 0)
      }
  }

  /// Whether it is used for outputs of a format.
  package func covers(_ format: FloatFormat) -> Bool { rule(format) != nil }

  /// Whether outputs of an operation are tested with it.
  package func isUsed(for operation: AuditedOperation) -> Bool {
    !isOfSoftmax || operation == .softmax
  }

  /// Two of one name are one.
  package static func == (one: ToleranceInUse, other: ToleranceInUse) -> Bool {
    one.name == other.name
  }

  /// A condition on an output y; one that is not finite is never accepted.
  package indirect enum Rule: Sendable {
    /// |y - p| <= absolute + relative |p|.
    case close(relative: Double, absolute: Double)
    /// |y - p| < limit.
    case strictlyWithin(Double)
    /// y is p rounded to nearest.
    case nearest
    /// At most so many numbers of the format from p rounded to nearest, for each logit of the lane
    /// and beyond.
    case places(each: Int, more: Int)
    /// |y - p| <= absolute for p up to a limit, |y - p| <= relative p above it.
    case byMagnitude(limit: Double, absolute: Double, relative: Double)
    /// Any of two.
    case either(Rule, Rule)
  }
}
