import Synchronization

/// Checks properties: looks for a failure, shrinks it, and hunts for the worst.
///
/// ```swift
/// let property = Property(
///   "the mean lies between the least and the largest element",
///   for: .lane(of: Generator<Float>.float(classes: .finite), count: 1...1000)
/// ) { lane, notes in
///   let mean = lane.reduce(0, +) / Float(lane.count)
///   notes.score(Double(abs(mean)))
///   return .require(lane.min()! <= mean && mean <= lane.max()!, "the mean is \(mean)")
/// }
/// let report = PropertyRunner(RunConfiguration(seed: 1, cases: 1000)).check(property)
/// print(report.conclusion, report.simplest?.value ?? [], report.simplest?.token ?? "")
/// ```
///
/// A run goes through the cases of each ``Phase`` in turn; the first failure is handed to the
/// ``FailureStore``, run again to see that it is one, shrunk and explained.
///
/// Case k of the random phase depends on the seed and k alone, and each search of the target phase
/// on the seed and its number; so the report is the same for any number of threads, and on every
/// machine.
package struct PropertyRunner: Sendable {
  package var configuration: RunConfiguration

  package init(_ configuration: RunConfiguration = RunConfiguration()) {
    self.configuration = configuration
  }

  /// Checks a property, one case after the other.
  package func check<Value>(
    _ property: Property<Value>, store: any FailureStore<Value> = NoFailureStore<Value>()
  ) -> RunReport<Value> {
    var session = Session(property, configuration: configuration, store: store)
    let work = session.worker
    session.runKnownCases()
    while let batch = session.nextBatch() { session.absorb(batch.map(work)) }
    return session.conclude()
  }

  /// Checks a property, several cases at once; shrinking goes one by one.
  package func check<Value>(
    _ property: Property<Value>, store: any FailureStore<Value> = NoFailureStore<Value>(),
    threads: Int
  ) async -> RunReport<Value> {
    var session = Session(property, configuration: configuration, store: store)
    let work = session.worker
    session.runKnownCases()
    while let batch = session.nextBatch() {
      session.absorb(await results(of: batch, threads: threads, work))
    }
    return session.conclude()
  }

  /// Makes the value of a choice sequence again and checks it, once.
  ///
  /// Throws where the generator does not take just these choices, as when it was changed since.
  package func replay<Value>(
    _ choices: [ChoiceValue], of property: Property<Value>
  ) throws(Abandonment) -> Witness<Value> {
    let executor = CaseExecutor(property: property, choiceLimit: configuration.choiceLimit)
    let run = executor.run(replaying: choices)
    if case .discarded(let reason) = run.outcome { throw .discarded(reason: reason) }
    guard run.value == nil || run.took(choices) else {
      throw .discarded(reason: "the generator makes another value of these choices")
    }
    guard let witness = Witness(run, origin: .init(phase: .regressions, number: 0)) else {
      throw .overrun
    }
    return witness
  }
}

/// The results of jobs in the order of the jobs; each thread takes the next job that none has
/// taken.
private func results<Job: Sendable, Result: Sendable>(
  of jobs: [Job], threads: Int, _ work: @escaping @Sendable (Job) -> Result
) async -> [Result] {
  let next = NextIndex()
  return await withTaskGroup(of: [(Int, Result)].self) { group in
    for _ in 0..<max(1, min(threads, jobs.count)) {
      group.addTask {
        var own: [(Int, Result)] = []
        while let index = next.take(below: jobs.count) { own.append((index, work(jobs[index]))) }
        return own
      }
    }
    var all: [(Int, Result)] = []
    for await own in group { all += own }
    return all.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

private final class NextIndex: Sendable {
  private let value = Mutex(0)

  func take(below count: Int) -> Int? {
    value.withLock { next in
      guard next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }
}
