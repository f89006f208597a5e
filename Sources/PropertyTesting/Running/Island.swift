/// One search for a high score, which knows nothing of the others.
///
/// A climb starts from the best of a few random cases, edits the choices, and goes on from an
/// edited case that scores no less than the last; when it is stuck, it starts afresh. Property
/// testing that aims was proposed by A. Löscher and K. Sagonas, "Targeted property-based testing",
/// ISSTA 2017; climbing over choices, with steps that double as long as they help, is how
/// Hypothesis does it.
struct Island<Value: Sendable> {
  private let executor: CaseExecutor<Value>
  private let stopsAtFailure: Bool
  private let firstNumber: Int
  private let budget: Int
  private var random: CounterGenerator
  private var calls = 0
  private var current: CaseRun<Value>?
  private var fruitless = 0
  private var tally = CaseTally<Value>()

  init(number: Int, executor: CaseExecutor<Value>, configuration: RunConfiguration) {
    self.executor = executor
    stopsAtFailure = !configuration.searchesForWorst
    let (share, rest) = configuration.targetCalls.quotientAndRemainder(
      dividingBy: configuration.islands)
    budget = share + (number < rest ? 1 : 0)
    firstNumber = number * share + min(number, rest)
    random = CounterGenerator(seed: configuration.seed, stream: "target/\(number)")
  }

  private var isOver: Bool {
    calls >= budget || stopsAtFailure && tally.firstFailure != nil
  }

  /// Spends the budget and tells what was found.
  mutating func explore() -> CaseTally<Value> {
    while !isOver {
      start()
      // A property that gives no scores has nothing to climb.
      guard current != nil else { break }
      fruitless = 0
      while !isOver, fruitless < max(60, budget / 4) { climb() }
    }
    return tally
  }

  private mutating func start() {
    current = nil
    for _ in 0..<max(4, budget / 16) where !isOver { _ = attempt([], thenRandom: true) }
  }

  /// Runs an edited case; makes it the current one where its score is at least as high.
  ///
  /// A step sideways must not lengthen the case, so that climbs end.
  private mutating func attempt(_ values: [ChoiceValue], thenRandom: Bool = false) -> Bool {
    let run = executor.run(
      replaying: values,
      then: thenRandom
        ? .random(CounterGenerator(seed: random.next(), stream: "tail")) : .simplest)
    tally.add(run, .target, number: firstNumber + calls)
    calls += 1
    fruitless += 1
    guard let score = run.observations.score, run.outcome == .passed || run.failureKind != nil
    else {
      return false
    }
    guard let present = current?.observations.score else {
      current = run
      return true
    }
    guard score > present || score == present && run.choices.count <= (current?.choices.count ?? 0)
    else { return false }
    if score > present { fruitless = 0 }
    current = run
    return score > present
  }

  // MARK: Edits

  private mutating func climb() {
    guard let choices = current?.choices, !choices.isEmpty else {
      _ = attempt([], thenRandom: true)
      return
    }
    let position = random.integer(0...choices.count - 1)
    switch random.integer(0...9) {
    case 0...4: push(companions(of: position, in: choices))
    case 5: replace(position, in: choices)
    case 6: copy(to: position, in: choices)
    case 7: _ = attempt(choices[..<position].map(\.value), thenRandom: true)
    case 8: duplicateOrDeleteSpan(in: choices)
    default: crossWithFresh(position, in: choices)
    }
  }

  /// Moves choices up or down along a line: by steps that double as long as the score rises, then
  /// by ever smaller ones.
  private mutating func push(_ positions: [Int]) {
    guard let kind = current?.choices[positions[0]].kind else { return }
    var step = Int64(1) << Int64(random.integer(0...kind.largestStepExponent))
    if random.next() & 1 == 0 { step = -step }
    if !move(positions, by: step) {
      step = -step
      guard move(positions, by: step) else { return }
    }
    while step.magnitude < 1 << 61, move(positions, by: 2 * step) { step *= 2 }
    while step != 0, !isOver {
      step /= 2
      if step != 0, !move(positions, by: step) { _ = move(positions, by: -step) }
    }
  }

  /// Attempts the case with some choices moved by a number of steps.
  private mutating func move(_ positions: [Int], by steps: Int64) -> Bool {
    guard !isOver, let choices = current?.choices, positions.allSatisfy(choices.indices.contains)
    else { return false }
    var values = choices.map(\.value)
    for position in positions {
      values[position] = choices[position].kind.moved(values[position], by: steps)
    }
    guard zip(values, choices).contains(where: { $0 != $1.value }) else {
      fruitless += 1
      return false
    }
    return attempt(values)
  }

  /// A position alone, or with another of its kind, or with all of its kind: some scores depend on
  /// differences.
  private mutating func companions(of position: Int, in choices: [RecordedChoice]) -> [Int] {
    let draw = random.integer(0...7)
    guard draw < 3 else { return [position] }
    let others = choices.indices.filter {
      $0 != position && choices[$0].kind == choices[position].kind
    }
    guard !others.isEmpty else { return [position] }
    return draw == 0
      ? [position] + others : [position, others[random.integer(0...others.count - 1)]]
  }

  private mutating func replace(_ position: Int, in choices: [RecordedChoice]) {
    var values = choices.map(\.value)
    values[position] = choices[position].kind.randomValue(&random)
    _ = attempt(values)
  }

  private mutating func copy(to position: Int, in choices: [RecordedChoice]) {
    let others = choices.indices.filter {
      choices[$0].kind == choices[position].kind && choices[$0].value != choices[position].value
    }
    guard !others.isEmpty else {
      replace(position, in: choices)
      return
    }
    var values = choices.map(\.value)
    values[position] = values[others[random.integer(0...others.count - 1)]]
    _ = attempt(values)
  }

  private mutating func duplicateOrDeleteSpan(in choices: [RecordedChoice]) {
    guard let spans = current?.spans.filter({ !$0.range.isEmpty }), !spans.isEmpty else {
      fruitless += 1
      return
    }
    let range = spans[random.integer(0...spans.count - 1)].range
    var values = choices.map(\.value)
    if random.next() & 1 == 0 {
      values.insert(contentsOf: values[range], at: range.upperBound)
    } else {
      values.removeSubrange(range)
    }
    _ = attempt(values)
  }

  /// Makes some of the choices from a position on anew, and keeps the rest.
  private mutating func crossWithFresh(_ position: Int, in choices: [RecordedChoice]) {
    var values = choices.map(\.value)
    let count = 1 + random.integer(0...min(7, choices.count - position - 1))
    for place in position..<position + count where random.next() & 1 == 0 {
      values[place] = choices[place].kind.randomValue(&random)
    }
    _ = attempt(values)
  }
}
