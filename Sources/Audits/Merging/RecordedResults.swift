import AuditRecords
import Basics

/// Results in files that are judged together: one, or several that belong together.
package enum RecordedResults {
  /// The results of all files as one.
  ///
  /// Shards of one run are put together first; what is left has to come from the same versions of
  /// everything, to be judged in the same way, and to measure each cell and law once.
  ///
  /// - Parameter files: The results with the names of their files, at least one.
  /// - Throws: ``UserError`` of kind `malformedInput` where files are damaged or do not belong
  ///   together, of kind `notMeasured` where shards are missing.
  package static func joined(
    _ files: [(name: String, results: AuditResults)]
  ) throws -> AuditResults {
    var parts: [(name: String, results: AuditResults)] = files.filter { $0.results.shard == nil }
    let shards = Dictionary(grouping: files) { $0.results.shard?.plan }
    for (plan, files) in shards.sorted(by: { ($0.value[0].name) < ($1.value[0].name) })
    where plan != nil {
      let sorted = try ShardFiles.sorted(
        files.map { file in
          (
            name: file.name,
            shard: file.results.shard.map { (index: $0.index, count: $0.count) },
            document: file.results
          )
        })
      parts.append((files[0].name, try ShardFiles.merge(sorted.map { ($0.name, $0.document) })))
    }
    var whole = parts[0].results
    for (name, results) in parts.dropFirst() {
      try add(results, of: name, to: &whole, of: parts[0].name)
    }
    return whole
  }

  private static func add(
    _ results: AuditResults, of name: String, to whole: inout AuditResults, of first: String
  ) throws {
    try ShardFiles.expectSameOrigin(results, of: name, as: whole, of: first)
    func expectSame<Value: Equatable>(_ what: String, _ a: Value?, _ b: Value?) throws {
      guard a == b else {
        throw UserError(
          .malformedInput, "\(name) and \(first) differ in \(what); give them to gates of their own"
        )
      }
    }
    if !whole.accuracy.isEmpty, !results.accuracy.isEmpty {
      try expectSame("how rows are judged", results.judging, whole.judging)
    }
    if !whole.properties.isEmpty, !results.properties.isEmpty {
      try expectSame("how laws are checked", results.checking, whole.checking)
    }
    whole.judging = whole.accuracy.isEmpty ? results.judging : whole.judging
    whole.checking = whole.properties.isEmpty ? results.checking : whole.checking
    whole.accuracy += results.accuracy
    whole.properties += results.properties
    whole.gate = nil
    whole.environments = ShardFiles.environments(of: [whole, results])
    whole.environment.implementations = (whole.environment.implementations ?? [:])
      .merging(results.environment.implementations ?? [:]) { own, _ in own }
    if let contradiction = ResultsConsistency.contradiction(in: whole) {
      throw UserError(
        .malformedInput,
        "\(name) does not go with the files before it: \(contradiction); name each file once")
    }
  }
}
