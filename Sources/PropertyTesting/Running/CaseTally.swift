/// The tally of a number of cases: counts, and the few cases worth keeping.
///
/// Tallies are merged in the order of the cases, whichever thread made them, and of equals the
/// earlier one is kept. So a run has the same outcome on any number of threads.
struct CaseTally<Value: Sendable>: Sendable {
  /// A case and its place in the run.
  struct Entry: Sendable {
    let run: CaseRun<Value>
    let origin: CaseOrigin
  }

  private(set) var counts: [Phase: CaseCounts] = [:]
  private(set) var labels: [String: Int] = [:]
  private(set) var events: [String: Int] = [:]
  private(set) var firstFailure: Entry?
  /// The first failure that choices stand behind, so that it can be shrunk.
  private(set) var firstGeneratedFailure: Entry?
  private(set) var worstFailure: Entry?
  private(set) var highest: Entry?

  mutating func add(_ run: CaseRun<Value>, _ phase: Phase, number: Int) {
    switch run.outcome {
    case .passed: counts[phase, default: CaseCounts()].passed += 1
    case .failed: counts[phase, default: CaseCounts()].failed += 1
    case .discarded(let reason):
      counts[phase, default: CaseCounts()].discarded += 1
      events["discarded: \(reason)", default: 0] += 1
    case .overrun: counts[phase, default: CaseCounts()].overran += 1
    }
    for event in run.observations.events { events[event, default: 0] += 1 }
    let isFailure = run.failureKind != nil
    guard isFailure || run.outcome == .passed else { return }
    if phase == .random { for label in run.observations.labels { labels[label, default: 0] += 1 } }
    let entry = Entry(run: run, origin: CaseOrigin(phase: phase, number: number))
    highest = Self.higher(highest, entry)
    guard isFailure else { return }
    firstFailure = firstFailure ?? entry
    if run.isGenerated { firstGeneratedFailure = firstGeneratedFailure ?? entry }
    worstFailure = Self.higher(worstFailure, entry)
  }

  /// Adds the tally of later cases.
  mutating func merge(_ later: CaseTally) {
    counts.merge(later.counts) { earlier, added in
      var sum = earlier
      sum.add(added)
      return sum
    }
    labels.merge(later.labels, uniquingKeysWith: +)
    events.merge(later.events, uniquingKeysWith: +)
    firstFailure = firstFailure ?? later.firstFailure
    firstGeneratedFailure = firstGeneratedFailure ?? later.firstGeneratedFailure
    worstFailure = Self.higher(worstFailure, later.worstFailure)
    highest = Self.higher(highest, later.highest)
  }

  /// The entry with the higher score; the first where they are equal.
  private static func higher(_ first: Entry?, _ second: Entry?) -> Entry? {
    guard let score = second?.run.observations.score else { return first }
    guard let present = first?.run.observations.score else { return second }
    return score > present ? second : first
  }
}
