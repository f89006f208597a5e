import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

/// The cells that a rule is about; a part that it does not mention may be anything.
package struct PolicySelector: Sendable, Hashable {
  /// Names and globs; `*` matches slashes too.
  package var implementations: [String] = []
  package var formats: [FloatFormat] = []
  package var outputFormats: [FloatFormat] = []
  package var operations: [String] = []
  package var parameters = PolicyParameters.none
  package var families: [String] = []
  package var lengths: [LengthCondition] = []
  package var regime: PolicyRegime?

  package init() {}

  /// A condition on the length of lanes, such as `<=1024`.
  package struct LengthCondition: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
      // Those of two characters come first, so that a text is read by the longest that fits.
      case atMost = "<="
      case atLeast = ">="
      case below = "<"
      case above = ">"
      case equal = ""
    }

    package var comparison: Comparison
    package var length: Int

    package init(_ comparison: Comparison, _ length: Int) {
      self.comparison = comparison
      self.length = length
    }

    /// A condition as policies write it; nil where the text is none.
    package init?(_ text: String) {
      guard let comparison = Comparison.allCases.first(where: { text.hasPrefix($0.rawValue) })
      else { return nil }
      let digits = text.dropFirst(comparison.rawValue.count).drop { $0 == " " }
      guard let length = Int(digits), length >= 0, digits.allSatisfy(\.isNumber) else { return nil }
      self.init(comparison, length)
    }

    package func holds(_ other: Int) -> Bool {
      switch comparison {
      case .atMost: other <= length
      case .atLeast: other >= length
      case .below: other < length
      case .above: other > length
      case .equal: other == length
      }
    }

    package var text: String { comparison.rawValue + "\(length)" }
  }

  /// Whether only some families or lengths of a scope are selected.
  package var isAboutCells: Bool { !families.isEmpty || !lengths.isEmpty }

  /// Whether all that is selected in a scope can be selected here, whatever the family and length.
  package func matches(_ scope: RowScope) -> Bool {
    // What is cheap to compare comes first: a baseline has hundreds of rules, and a run tens of
    // thousands of cells.
    parameters.row == scope.parameters
      && (formats.isEmpty || formats.contains(scope.input))
      && (outputFormats.isEmpty || outputFormats.contains(scope.output))
      && (operations.isEmpty || operations.contains { Glob.matches(scope.operation.name, $0) })
      && (implementations.isEmpty
        || implementations.contains { Self.names($0, scope.implementation) })
  }

  /// Whether a family is selected.
  package func matches(family: String) -> Bool {
    families.isEmpty || families.contains { Glob.matches(family, $0) }
  }

  /// Whether a length is selected.
  package func matches(length: Int) -> Bool {
    lengths.isEmpty || lengths.contains { $0.holds(length) }
  }

  package func matches(_ cell: PolicyCell) -> Bool {
    matches(length: cell.length) && matches(cell.scope) && matches(family: cell.family)
  }

  /// Whether a pattern selects an implementation; a built-in name without a summation means the
  /// sequential one.
  package static func names(_ pattern: String, _ implementation: String) -> Bool {
    if Glob.isGlob(pattern) { return Glob.matches(implementation, pattern) }
    if implementation == pattern { return true }
    // Only a shorter name of the same algorithm can mean another text; few are worth parsing.
    guard pattern.utf8.count < implementation.utf8.count,
      implementation.utf8.starts(with: pattern.utf8.prefix { $0 != UInt8(ascii: "/") })
    else { return false }
    return AuditedOperation.all.contains {
      DeclaredModel(named: pattern, of: $0)?.name == implementation
    }
  }

  /// The conditions in one line: `implementation mylib*, length <=1024`; `everything` where there
  /// are none.
  package var summary: String {
    let parts = [
      ("implementation", implementations), ("format", formats.map(\.rawValue)),
      ("output-format", outputFormats.map(\.rawValue)), ("operation", operations),
      ("family", families), ("length", lengths.map(\.text)),
      ("regime", regime.map { [$0.rawValue] } ?? []),
    ].filter { !$0.1.isEmpty }
    let words =
      parts.map { "\($0.0) \($0.1.map(Self.shown).joined(separator: " or "))" }
      + [parameters.row?.text].compactMap { $0 }
    return words.isEmpty ? "everything" : words.joined(separator: ", ")
  }

  /// A name in messages: a long one is cut.
  static func shown(_ name: String) -> String {
    name.utf8.count <= 60 ? name : name.prefix(57) + "..."
  }
}
