/// Finds the parts of a failure that may be anything: vary them, and the property fails all the
/// same.
struct Explanation<Value: Sendable> {
  private let executor: CaseExecutor<Value>
  private let failure: CaseRun<Value>
  private var callsLeft: Int
  private var random: CounterGenerator

  init(_ failure: CaseRun<Value>, executor: CaseExecutor<Value>, configuration: RunConfiguration) {
    self.executor = executor
    self.failure = failure
    callsLeft = configuration.explainCalls
    random = CounterGenerator(seed: configuration.seed, stream: "explain")
  }

  /// The spans and single choices, each of which does not matter; the larger ones first, none
  /// inside another.
  mutating func irrelevantChoices() -> [IrrelevantChoices] {
    var found: [IrrelevantChoices] = []
    let singles = failure.choices.indices.map { position in
      (innermostLabel(at: position), position..<position + 1)
    }
    for (label, range) in failure.spans.map({ ($0.label, $0.range) }) + singles {
      guard !found.contains(where: { $0.positions.overlaps(range) }) else { continue }
      if isIrrelevant(range) { found.append(IrrelevantChoices(label: label, positions: range)) }
    }
    return found.sorted { $0.positions.lowerBound < $1.positions.lowerBound }
  }

  private func innermostLabel(at position: Int) -> String {
    failure.spans.last { $0.range.contains(position) }?.label ?? ""
  }

  /// Whether four variations of the choices all fail as the original does.
  ///
  /// Booleans decide on the structure of a value; they are left alone where other choices can be
  /// varied.
  private mutating func isIrrelevant(_ range: Range<Int>) -> Bool {
    let original = failure.choices.map(\.value)
    let places = range.filter { if case .boolean = original[$0] { false } else { true } }
    guard !places.isEmpty else { return false }
    var hasVaried = false
    for _ in 0..<4 {
      guard callsLeft > 0 else { return false }
      var values = original
      for place in places { values[place] = failure.choices[place].kind.randomValue(&random) }
      if values == original { continue }
      hasVaried = true
      callsLeft -= 1
      if executor.run(replaying: values).failureKind != failure.failureKind { return false }
    }
    return hasVaried
  }
}
