import FloatFormats
import PropertyTesting
import Synchronization

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
    let units = plan.units
    let plan = plan
    let references = ReferenceCache()
    let (started, done) = (Counter(), Counter())
    let rows = try await withThrowingTaskGroup(of: [(Int, PropertyRow)].self) { group in
      for _ in 0..<max(1, min(plan.threads, units.count)) {
        group.addTask {
          var own: [(Int, PropertyRow)] = []
          while true {
            let index = started.increment() - 1
            guard index < units.count else { return own }
            try Task.checkCancellation()
            own.append((index, try LawRun(units[index], plan: plan, references: references).row()))
            progress(done.increment(), units.count)
          }
        }
      }
      var collected = [PropertyRow?](repeating: nil, count: units.count)
      for try await part in group { for (index, row) in part { collected[index] = row } }
      return collected.compactMap { $0 }
    }
    let order = Dictionary(
      plan.implementations.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    return rows.enumerated().sorted { a, b in
      let (x, y) = (order[a.element.implementation] ?? 0, order[b.element.implementation] ?? 0)
      return x != y ? x < y : a.offset < b.offset
    }.map(\.element)
  }

  /// A number that threads count up together.
  private final class Counter: Sendable {
    private let value = Mutex(0)
    func increment() -> Int {
      value.withLock { value in
        value += 1
        return value
      }
    }
  }
}
