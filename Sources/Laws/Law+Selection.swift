import Basics

extension Law {
  /// The laws that names and globs select; all for none.
  ///
  /// - Throws: ``UserError`` of kind `usage` for a literal name that is not known, of kind
  ///   `notMeasured` where nothing is selected.
  package static func selected(by patterns: [String]) throws(UserError) -> [Law] {
    guard !patterns.isEmpty else { return all }
    for pattern in patterns where !Glob.isGlob(pattern) && named(pattern) == nil {
      let hint = NearMiss.relative(of: pattern, among: all.map(\.name))
      throw UserError(
        .usage,
        "there is no law \"\(pattern)\"; 'softmax-audit list --laws' shows those there are\(hint)")
    }
    let selected = all.filter { law in
      patterns.contains { Glob.matches(law.name, $0) }
    }
    guard !selected.isEmpty else {
      throw UserError(
        .notMeasured, "no law matches \(patterns.joined(separator: ", ")); nothing was checked")
    }
    return selected
  }
}
