import AuditedOperations
import Basics
import FloatFormats

extension BuiltInImplementation {
  /// The implementations of an operation that names and globs select, in the order of the list; all
  /// for none.
  ///
  /// A name without a summation means sequential summation. A glob narrows to what is offered for
  /// one of the formats; a literal name selects the implementation whatever it is offered for.
  ///
  /// - Throws: ``UserError`` of kind `usage` for a literal name that is not known, of kind
  ///   `notMeasured` where nothing is selected.
  package static func selected(
    by patterns: [String], of operation: AuditedOperation, in formats: [FloatFormat]
  ) throws(UserError) -> [BuiltInImplementation] {
    let all = BuiltInImplementation.all(of: operation)
    var named = Set<String>()
    var matched = Set<String>()
    for pattern in patterns.isEmpty ? ["*"] : patterns {
      let name = name(writtenAs: pattern, of: operation)
      if Glob.isGlob(pattern) {
        matched.formUnion(all.map(\.name).filter { Glob.matches($0, pattern) })
      } else if all.contains(where: { $0.name == name }) {
        named.insert(name)
      } else {
        let hint = NearMiss.relative(of: pattern, among: all.map(\.name))
        let (what, words) =
          operation == .softmax ? ("", "") : (" of \(operation)", " --operation \(operation)")
        throw UserError(
          .usage,
          "there is no implementation \"\(pattern)\"\(what); 'softmax-audit list\(words)' shows those there are\(hint)"
        )
      }
    }
    let selected = all.filter {
      named.contains($0.name)
        || matched.contains($0.name) && $0.formats.contains(where: formats.contains)
    }
    guard !selected.isEmpty else {
      let wanted = patterns.joined(separator: ", ")
      guard !matched.isEmpty else {
        throw UserError(
          .notMeasured, "no implementation matches \(wanted); nothing was measured")
      }
      let offered = FloatFormat.everyOne.filter { format in
        all.contains { matched.contains($0.name) && $0.formats.contains(format) }
      }
      throw UserError(
        .notMeasured,
        "no implementation that matches \(wanted) is offered for \(formats.listed); there --format can be \(offered.listed)"
      )
    }
    return selected
  }

  /// The name of the implementation that a text means; the text where it names none.
  ///
  /// A name without a summation means sequential summation.
  package static func name(writtenAs text: String, of operation: AuditedOperation) -> String {
    DeclaredModel(named: text, of: operation)?.name ?? text
  }
}
