/// Looks for the simplest choice sequence whose case is still accepted.
///
/// The shrinker edits the sequence, runs the case again and keeps the edit where the case is
/// accepted and the choices that were made are simpler, in the order of ``isSimpler(_:than:)``. Its
/// passes know of spans and of kinds of choices, not of values; each is a method in a file of this
/// folder, and they take turns until none finds anything. The repertoire is that of Hypothesis and
/// minithesis.
struct Shrinker<Value: Sendable> {
  private let executor: CaseExecutor<Value>
  private let accepts: (CaseRun<Value>) -> Bool
  private let onImprovement: (CaseRun<Value>) -> Void
  private let callLimit: Int
  private let workLimit: Int
  /// The number of choices that each tried sequence took, 0 where it came to no value.
  private var tried: [ChoiceDigest: Int] = [:]

  /// The simplest accepted case so far.
  private(set) var best: CaseRun<Value>
  /// The values of its choices.
  private(set) var values: [ChoiceValue]
  /// Its spans by kinship, see ``CaseRun/families``.
  private(set) var families: [[Int]]
  private(set) var statistics = ShrinkStatistics()

  /// A shrinker of one case.
  ///
  /// - Parameters:
  ///   - start: an accepted case.
  ///   - accepts: whether a case is still worth having.
  ///   - onImprovement: is told each simpler case at once.
  init(
    _ start: CaseRun<Value>, executor: CaseExecutor<Value>, callLimit: Int, workLimit: Int = .max,
    accepts: @escaping (CaseRun<Value>) -> Bool,
    onImprovement: @escaping (CaseRun<Value>) -> Void = { _ in }
  ) {
    self.executor = executor
    self.callLimit = callLimit
    self.workLimit = workLimit
    self.accepts = accepts
    self.onImprovement = onImprovement
    best = start
    values = start.choices.map(\.value)
    families = start.families
  }

  /// Whether all calls or all work is spent.
  var isExhausted: Bool { callsLeft <= 0 || statistics.work >= workLimit }
  var callsLeft: Int { callLimit - statistics.calls }

  /// Runs the passes until none of them finds a simpler case, or the calls are spent.
  mutating func shrink() {
    var before: Int
    halveNumbers()
    repeat {
      before = statistics.improvements
      dropDiscardedSpans()
      deleteSiblings()
      simplifySpans()
      liftDescendants()
      minimizeDuplicates()
      minimizeChoices()
      lowerAndDelete()
      deleteAndLower()
      deleteChunks()
      sortSiblings()
      lowerPairs()
      redistributePairs()
      deleteAndStretch()
    } while statistics.improvements > before && !isExhausted
    statistics.end = callsLeft <= 0 ? .outOfCalls : isExhausted ? .outOfWork : .minimal
  }

  /// Runs an edited sequence, and keeps it where it is accepted and simpler.
  mutating func attempt(_ candidate: [ChoiceValue]) -> Bool {
    run(candidate).isKept
  }

  /// As ``attempt(_:)``; tells besides how many choices the case took, 0 where it came to no value.
  mutating func run(_ candidate: [ChoiceValue]) -> (isKept: Bool, choicesTaken: Int) {
    guard !isExhausted, candidate.count <= values.count, candidate != values else {
      return (false, 0)
    }
    let digest = ChoiceDigest(candidate)
    if let taken = tried[digest] { return (false, taken) }
    statistics.calls += 1
    // Where the edit made the generator ask for more, it gets the simplest, as long as the case
    // stays no longer than the best.
    let run = executor.run(replaying: candidate, then: .simplest, limit: values.count)
    if let value = run.value { statistics.work += executor.property.work(value) }
    let taken = run.value == nil ? 0 : run.choices.count
    tried[digest] = taken
    guard accepts(run), isSimpler(run.choices, than: best.choices) else { return (false, taken) }
    best = run
    values = run.choices.map(\.value)
    families = run.families
    statistics.improvements += 1
    onImprovement(run)
    return (true, taken)
  }

  /// Attempts the sequence without some choices.
  mutating func attempt(removing range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    var candidate = values
    candidate.removeSubrange(range)
    return attempt(candidate)
  }
}

/// The least number from `floor` up that is accepted, by bisection, where `high` is known to be
/// accepted.
///
/// Exact where acceptance is monotone; else some accepted number whose predecessors nearby are not.
func leastAccepted(
  from floor: UInt64, below high: UInt64, _ accept: (UInt64) -> Bool
) -> UInt64 {
  guard floor < high else { return high }
  if accept(floor) { return floor }
  var (rejected, accepted) = (floor, high)
  while accepted - rejected > 1 {
    let middle = rejected + (accepted - rejected) / 2
    if accept(middle) { accepted = middle } else { rejected = middle }
  }
  // A condition on parity defeats bisection; steps that are powers of two, and not 1, keep to it.
  guard accepted >= floor + 2, accept(accepted - 2) else { return accepted }
  accepted -= 2
  var step: UInt64 = 1 << 62
  while step >= 2 {
    if step <= accepted - floor, accept(accepted - step) { accepted -= step } else { step /= 2 }
  }
  return accepted
}
