import Basics

/// A family of inputs that is selected by its name.
package protocol NamedFamily: Sendable {
  /// The families, in the order in which they are listed and reported.
  static var all: [Self] { get }
  /// The name on the command line and in results.
  var name: String { get }
  /// The purpose of the family, in one sentence.
  var purpose: String { get }
}

extension LogitFamily: NamedFamily {}
extension AttentionFamily: NamedFamily {}

extension NamedFamily {
  /// The families that names and globs select; all for none.
  ///
  /// - Throws: ``UserError`` of kind `usage` for a literal name that is not known, of kind
  ///   `notMeasured` where nothing is selected.
  package static func selected(by patterns: [String]) throws(UserError) -> [Self] {
    guard !patterns.isEmpty else { return all }
    for pattern in patterns where !Glob.isGlob(pattern) {
      guard all.contains(where: { $0.name == pattern }) else {
        let hint = NearMiss.relative(of: pattern, among: all.map(\.name))
        throw UserError(
          .usage,
          "there is no family \"\(pattern)\"; 'softmax-audit list --families' shows those there are\(hint)"
        )
      }
    }
    let selected = all.filter { family in
      patterns.contains { Glob.matches(family.name, $0) }
    }
    guard !selected.isEmpty else {
      throw UserError(
        .notMeasured, "no family matches \(patterns.joined(separator: ", ")); nothing was measured")
    }
    return selected
  }
}
