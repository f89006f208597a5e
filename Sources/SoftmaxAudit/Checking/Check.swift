import FloatFormats
import PropertyTesting

/// Runs a plan: every law on every implementation in every format.
///
/// Units are independent: each has its own instance of the implementation, and is run by one thread from its first case to
/// the last step of shrinking. So results depend neither on the number of threads nor on their speed.
public struct Check: Sendable {
  public let plan: CheckPlan

  public init(_ plan: CheckPlan) { self.plan = plan }

  /// Checks all units.
  ///
  /// - Parameter progress: Called after each unit with the number of units done and the number of all.
  /// - Returns: The rows, by implementation, then format, then law.
  public func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [PropertyRow] {
    let all = plan.units
    let units = chosen(of: all.count).map { all[$0] }
    let plan = plan
    let references = ReferenceCache()
    let rows = try await WorkQueue.results(
      of: units.count, threads: plan.threads, endsWithRun: false, progress: progress
    ) {
      { try LawRun(units[$0], plan: plan, references: references).row() }
    }
    return rank(all).filter { plan.shard?.contains($0) ?? true }.map { unit in
      rows[plan.shard.map { unit / $0.count } ?? unit]
    }.filter { row in
      // Where a law has no case in the domain of an implementation, there is nothing to tell; who asks for it by name is
      // told. Shards keep all rows, for they are put together by their numbers.
      plan.shard != nil || plan.namedLaws.contains(row.law)
        || row.reason?.hasPrefix(LawRun.notAsked) != true
    }
  }

  /// The units that belong to the plan's shard, ascending.
  private func chosen(of count: Int) -> [Int] {
    (0..<count).filter { plan.shard?.contains($0) ?? true }
  }

  /// The units in the order of the results: by implementation, then as they are checked.
  private func rank(_ units: [CheckPlan.Unit]) -> [Int] {
    let order = Dictionary(
      plan.implementations.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    return units.indices.sorted { a, b in
      let (x, y) = (order[units[a].subject.name] ?? 0, order[units[b].subject.name] ?? 0)
      return x != y ? x < y : a < b
    }
  }

  /// What a results file of the shard says of the whole run; nil where there is no shard.
  ///
  /// - Parameter inspections: How many rows there are of what hosts look at by themselves.
  public func shardNote(inspections: Int) -> ShardNote? {
    guard let shard = plan.shard else { return nil }
    let units = plan.units
    let ranked = rank(units)
    var places = ranked.indices.filter { shard.contains(ranked[$0]) }
    places += units.count..<units.count + inspections
    return plan.shardNote(places: places)
  }
}
