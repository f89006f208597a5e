import AuditRecords
import Basics
import FloatFormats

extension ShardFiles {
  /// The findings of a whole search.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the shards are not those of one run.
  package static func merge(_ parts: [(name: String, results: SearchResults)]) throws
    -> SearchResults
  {
    let (firstName, first) = parts[0]
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    func keys(_ row: SearchRow) -> String {
      [
        row.implementation, row.inputFormat.rawValue, row.outputFormat.rawValue, "\(row.length)",
        row.objective.rawValue, row.model ?? "",
      ].joined(separator: " ")
    }
    for (name, results) in parts {
      try expectSame("version", results.tool.version, first.tool.version, in: name, and: firstName)
      try expectSame("seed", results.seed, first.seed, in: name, and: firstName)
      try expectSame("budget", results.budget, first.budget, in: name, and: firstName)
      try expectSame(
        "largest logit", results.largestLogit?.value ?? .infinity,
        first.largestLogit?.value ?? .infinity, in: name, and: firstName)
      try expectSameImplementations(
        (results.oracle, results.environment), of: name, as: (first.oracle, first.environment),
        of: firstName)
      try expectSame(
        "list of searches", results.searches.map(keys), first.searches.map(keys), in: name,
        and: firstName)
      for row in results.searches where row.failure == nil {
        let own = (0..<WorstCaseSearch.islands).filter { results.shard?.contains($0) ?? true }
        // No search looks at 2^50 outputs; sums of larger numbers may be too large.
        guard max(row.lanes, row.elements) < 1 << 50 else {
          throw refuse(name, "is damaged: it counts \(row.elements) outputs")
        }
        guard row.islands == own else {
          throw refuse(name, "is damaged: it does not have the islands of its shard")
        }
      }
    }
    for (_, results) in parts.dropFirst() {
      for index in results.searches.indices { whole.searches[index].merge(results.searches[index]) }
    }
    return whole
  }
}
