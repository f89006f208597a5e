import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import PropertyTesting
import Synchronization

/// Runs a plan: every law on every implementation in every format.
///
/// Each unit has its own instance of the implementation, and is run by one thread from its first
/// case to the last step of shrinking. So results depend neither on the number of threads nor on
/// their speed.
///
/// Where an instance takes seconds to start, the laws of a format go in two rows, and each hands
/// its instance to the next as long as laws are kept. A law that is broken is tried again with an
/// instance of its own: whatever is told of it is told of that one, unless it keeps the law, and
/// then the failure depends on what was called before.
public struct Check: Sendable {
  public let plan: CheckPlan

  public init(_ plan: CheckPlan) { self.plan = plan }

  /// Checks all units.
  ///
  /// - Parameter progress: Called after each unit with the number of units done and the number of
  ///   all.
  /// - Returns: The rows, by implementation, then format, then law.
  public func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [PropertyRow] {
    let all = plan.units
    let units = chosen(of: all.count).map { all[$0] }
    let plan = plan
    let references = ReferenceCache()
    let chains = Self.chains(of: units)
    let done = Counter()
    let byChain = try await WorkQueue.results(
      of: chains.count, threads: plan.threads, endsWithRun: false
    ) {
      { chain in
        var instance: (any SoftmaxImplementation)?
        return try chains[chain].map { number in
          let row = try Self.row(
            of: units[number], plan: plan, references: references, instance: &instance)
          progress(done.next(), units.count)
          return (number, row)
        }
      }
    }
    let rows = byChain.joined().sorted { $0.0 < $1.0 }.map(\.1)
    return rank(all).filter { plan.shard?.contains($0) ?? true }.map { unit in
      rows[plan.shard.map { unit / $0.count } ?? unit]
    }.filter { row in
      // Where a law has no case in the domain of an implementation, there is nothing to tell; who
      // asks for it by name is told. Shards keep all rows, for they are put together by their
      // numbers.
      plan.shard != nil || !row.isNotAsked
    }
  }

  /// The number of rows of laws that one slow implementation has in a format: threads have
  /// something to share, and few instances are started.
  private static var slowChains: Int { 2 }

  /// The numbers of units that one thread runs one after the other.
  private static func chains(of units: [CheckPlan.Unit]) -> [[Int]] {
    var chains: [[Int]] = []
    var slow: [String: [Int]] = [:]
    for (number, unit) in units.enumerated() {
      guard unit.implementation.startsSlowly else {
        chains.append([number])
        continue
      }
      let key = "\(unit.subject.input.rawValue) \(unit.subject.name)"
      var own = slow[key] ?? []
      if own.count < slowChains {
        own.append(chains.count)
        chains.append([number])
      } else {
        // In turn: the first of the list takes the next law.
        let next = own.removeFirst()
        chains[next].append(number)
        own.append(next)
      }
      slow[key] = own
    }
    return chains
  }

  /// The row of a unit.
  ///
  /// - Parameter instance: What the last law of the row has left, and what this one leaves; nil for
  ///   nothing.
  private static func row(
    of unit: CheckPlan.Unit, plan: CheckPlan, references: ReferenceCache,
    instance: inout (any SoftmaxImplementation)?
  ) throws -> PropertyRow {
    let used = instance
    instance = nil
    let run = try LawRun(unit, plan: plan, references: references, instance: used)
    let row = try run.row()
    let isBroken = row.verdict == .failed || row.verdict == .waived
    if !isBroken, unit.implementation.startsSlowly { instance = run.instance }
    guard isBroken, used != nil else { return row }
    let own = try LawRun(unit, plan: plan, references: references).row()
    if own.verdict == .failed || own.verdict == .waived || own.verdict == .notMeasured {
      // Not measured: it was given up in the meantime, and what was found stands.
      return own.verdict == .notMeasured ? row : own
    }
    var found = row
    found.reason = "depends on the laws checked before: \(row.reason ?? ""); alone it is kept"
    return found
  }

  /// Counts from several threads.
  private final class Counter: Sendable {
    private let count = Atomic(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
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

  /// The note that a results file of the shard makes on the whole run; `nil` where there is no
  /// shard.
  ///
  /// - Parameter inspections: How many rows there are of what hosts look at by themselves.
  package func shardNote(inspections: Int) -> ShardNote? {
    guard let shard = plan.shard else { return nil }
    let units = plan.units
    let ranked = rank(units)
    var places = ranked.indices.filter { shard.contains(ranked[$0]) }
    places += units.count..<units.count + inspections
    return plan.shardNote(places: places)
  }
}
