/// Puts the results of all shards of a run together.
public enum ShardMerge {
  /// Results and the name of their file.
  public struct Source: Sendable {
    public var name: String
    public var results: AuditResults

    public init(name: String, results: AuditResults) {
      self.name = name
      self.results = results
    }
  }

  /// The results of the whole run, with rows in the order in which it has them.
  ///
  /// Timings are those of the shards, and the environment is that of the first.
  ///
  /// - Parameters:
  ///   - command: The command line of the whole run, made of the words of its plan.
  /// - Throws: ``UserError`` of kind `malformedInput` where the files are not shards of one run; of kind `notMeasured`
  ///   where shards are missing.
  public static func merged(
    _ sources: [Source], command: ([String]) -> String
  ) throws(UserError) -> AuditResults {
    guard let first = sources.first, let record = first.results.shard else {
      throw UserError(.malformedInput, "\(sources.first?.name ?? "nothing") is no shard: \(advice)")
    }
    var seen: [Int: String] = [:]
    var accuracy: [PlacedRow<AccuracyRow>] = []
    var properties: [PlacedRow<PropertyRow>] = []
    for source in sources {
      let own = try self.record(of: source, like: record, in: first)
      if let other = seen.updateValue(source.name, forKey: own.shard.index) {
        throw UserError(
          .malformedInput, "\(other) and \(source.name) are both shard \(own.shard); leave one out")
      }
      accuracy += zip(own.accuracyPlaces, source.results.accuracy).map {
        PlacedRow(place: $0, row: $1)
      }
      properties += zip(own.propertyPlaces, source.results.properties).map {
        PlacedRow(place: $0, row: $1)
      }
    }
    let missing = (1...record.shard.count).filter { seen[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.map { "\($0)/\(record.shard.count)" }.joined(separator: ", ")
      throw UserError(.notMeasured, "not all shards are here; name those of \(names) as well")
    }
    var merged = first.results
    merged.shard = nil
    merged.command = command(record.plan)
    merged.accuracy = try inOrder(accuracy)
    merged.properties = try inOrder(properties)
    for source in sources {
      merged.environment.implementations = union(
        merged.environment.implementations, source.results.environment.implementations)
    }
    return merged
  }

  private static let advice = "name files that commands with --shard wrote"

  private static func record(
    of source: Source, like record: ShardRecord, in first: Source
  ) throws(UserError) -> ShardRecord {
    let (name, results) = (source.name, source.results)
    guard let own = results.shard else {
      throw UserError(.malformedInput, "\(name) is no shard: \(advice)")
    }
    func mustAgree<Value: Equatable>(
      _ what: String, _ value: Value, _ expected: Value
    ) throws(UserError) {
      guard value == expected else {
        throw UserError(
          .malformedInput,
          "\(name) and \(first.name) are not shards of one run: \(what) differs (\(value), \(expected))"
        )
      }
    }
    try mustAgree("the number of shards", own.shard.count, record.shard.count)
    try mustAgree("the program", results.tool.version, first.results.tool.version)
    try mustAgree("the oracle", results.oracle, first.results.oracle)
    try mustAgree("the seed", results.seed, first.results.seed)
    try mustAgree("the plan", own.plan, record.plan)
    guard own.accuracyPlaces.count == results.accuracy.count,
      own.propertyPlaces.count == results.properties.count,
      (1...own.shard.count).contains(own.shard.index)
    else {
      throw UserError(
        .malformedInput, "\(name) does not say of every row where it belongs; make it again")
    }
    return own
  }

  private static func inOrder<Row>(
    _ rows: [PlacedRow<Row>]
  ) throws(UserError) -> [Row] {
    let sorted = rows.sorted { $0.place < $1.place }
    for (a, b) in zip(sorted, sorted.dropFirst()) where a.place == b.place {
      throw UserError(
        .malformedInput, "two shards have a row for the place \(a.place); make them again")
    }
    return sorted.map(\.row)
  }

  private static func union(
    _ a: [String: [String: String]]?, _ b: [String: [String: String]]?
  ) -> [String: [String: String]]? {
    guard let a else { return b }
    return a.merging(b ?? [:]) { first, _ in first }
  }
}
