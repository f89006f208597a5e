import AuditRecords
import Basics

extension ShardFiles {
  /// The results of a whole run of audit or check.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the shards are not those of one run.
  package static func merge(_ parts: [(name: String, results: AuditResults)]) throws -> AuditResults
  {
    let (firstName, first) = parts[0]
    var accuracy: [(place: Int, row: AccuracyRow)] = []
    var properties: [(place: Int, row: PropertyRow)] = []
    for (name, results) in parts {
      guard let note = results.shard else { continue }
      try expectSameOrigin(results, of: name, as: first, of: firstName)
      try expectSame("oracle", results.oracle.tier, first.oracle.tier, in: name, and: firstName)
      guard results.judging == first.judging else {
        throw UserError(
          .malformedInput,
          "\(name) was judged in another way than \(firstName); run both with the same options")
      }
      guard note.plan == first.shard?.plan else {
        throw UserError(
          .malformedInput,
          "\(name) belongs to another run than \(firstName): it was asked for other implementations, formats, families, lengths, lanes or laws; run both with the same options, but for --shard"
        )
      }
      guard results.accuracy.isEmpty || results.properties.isEmpty,
        note.places.count == results.accuracy.count + results.properties.count
      else {
        throw refuse(name, "is damaged: it has not one place for each of its rows")
      }
      accuracy += zip(note.places, results.accuracy).map { (place: $0, row: $1) }
      properties += zip(note.places, results.properties).map { (place: $0, row: $1) }
    }
    let places = (accuracy.map(\.place) + properties.map(\.place)).sorted()
    guard places == Array(0..<places.count) else {
      let twice = zip(places, places.dropFirst()).first { $0 == $1 }
      throw refuse(
        firstName,
        twice.map { "and the others overlap: both have row \($0.0)" }
          ?? "and the others are damaged: together they do not have every row")
    }
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    whole.environments = environments(of: parts.map(\.results))
    whole.accuracy = accuracy.sorted { $0.place < $1.place }.map(\.row)
    // Each shard has explained its own worst witnesses; the whole explains the worst of all.
    let explained = Set(BlameFinder.places(in: whole.accuracy))
    for index in whole.accuracy.indices where !explained.contains(index) {
      whole.accuracy[index].leadingWitness?.blame = nil
    }
    whole.properties = properties.sorted { $0.place < $1.place }.map(\.row)
    return whole
  }
}
