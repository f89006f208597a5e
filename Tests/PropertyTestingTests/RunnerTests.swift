import FloatFormats
import PropertyTesting
import Synchronization
import Testing

@Suite("PropertyRunner")
struct RunnerTests {
  /// Fails for lanes with a large spread, and is the worse the larger it is.
  static let spread = Property(
    "the spread is small",
    for: .lane(of: Generator<Float>.float(from: -1000, to: 1000), count: 1...64),
    coverage: [CoverageRequirement("constant", share: 0.05)]
  ) { lane, notes in
    let spread = Double((lane.max() ?? 0) - (lane.min() ?? 0))
    notes.score(spread)
    notes.label("constant", where: spread == 0)
    notes.event("\(lane.count / 16)")
    return .require(spread <= 500, "the spread is \(spread)")
  }

  @Test(arguments: seeds)
  func `a report is the same for one, two and three threads`(seed: UInt64) async throws {
    let runner = PropertyRunner(RunConfiguration(seed: seed, cases: 300))
    let alone = runner.check(Self.spread)
    for threads in 1...3 {
      let together = await runner.check(Self.spread, threads: threads)
      #expect(together.conclusion == alone.conclusion)
      #expect(together.found?.choices == alone.found?.choices)
      #expect(together.found?.origin == alone.found?.origin)
      #expect(together.simplest?.value == alone.simplest?.value)
      #expect(together.simplest?.token == alone.simplest?.token)
      #expect(together.worst?.choices == alone.worst?.choices)
      #expect(together.highest?.origin == alone.highest?.origin)
      #expect(together.counts == alone.counts)
      #expect(together.labels == alone.labels)
      #expect(together.events == alone.events)
      #expect(together.coverage == alone.coverage)
      #expect(together.shrinking == alone.shrinking)
      #expect(together.explanation == alone.explanation)
    }
  }

  @Test(arguments: seeds)
  func `the lowest failing case wins when the run stops there`(seed: UInt64) async throws {
    var configuration = RunConfiguration(seed: seed, cases: 500)
    configuration.searchesForWorst = false
    configuration.phases = [.random, .shrink]
    let property = Property("rarely fails", for: .integer(in: 0...10_000)) { value, _ in
      .require(value > 100, "small")
    }
    let runner = PropertyRunner(configuration)
    let alone = runner.check(property)
    let together = await runner.check(property, threads: 3)
    #expect(alone.found?.origin == together.found?.origin)
    #expect(alone.counts == together.counts)
    if let origin = alone.found?.origin { #expect(alone.total.all == origin.number + 1) }
  }

  @Test func `case k depends on the seed and k alone`() {
    let values = Mutex<[Int]>([])
    func drawn(cases: Int) -> [Int] {
      values.withLock { $0 = [] }
      var configuration = RunConfiguration(seed: 9, cases: cases)
      configuration.phases = [.random]
      let property = Property("any", for: .integer(in: 0...1_000_000)) { value, _ in
        values.withLock { $0.append(value) }
        return .passed
      }
      _ = PropertyRunner(configuration).check(property)
      return values.withLock { $0 }
    }
    let many = drawn(cases: 200)
    #expect(many.count == 200)
    #expect(drawn(cases: 70) == Array(many.prefix(70)))
  }

  @Test func `the report has the simplest failure, the worst, and the simplest of the severe`()
    throws
  {
    var configuration = RunConfiguration(seed: 1, cases: 300)
    configuration.targetCalls = 2000
    configuration.severeShare = 0.75
    let report = PropertyRunner(configuration).check(Self.spread)
    #expect(report.conclusion == .failed)
    #expect(report.simplest?.value == [501, 0])
    #expect(report.simplest?.reason == "the spread is 501.0")
    let worst = try #require(report.worst?.score)
    #expect(worst == 2000)
    // Both [1000, -500] and [-1000, 500] are as simple as their neighbours allow.
    #expect(report.severe?.score == 1500)
    #expect(report.severe?.value.count == 2)
    #expect(report.highest?.score == worst)
    #expect(report.shrinking?.end == .minimal)
  }

  @Test func `a property that holds passes, and every case is counted`() {
    let property = Property("holds", for: .integer(in: 0...9), examples: [3]) { _, _ in .passed }
    let report = PropertyRunner(RunConfiguration(seed: 1, cases: 150)).check(property)
    #expect(report.conclusion == .passed)
    #expect(report.counts[.random]?.passed == 150)
    #expect(report.counts[.examples]?.passed == 1 + 1 + 20)
    #expect(report.simplest == nil && report.found == nil && report.worst == nil)
  }

  @Test func `examples come first, then the simplest value, then edges`() throws {
    let seen = Mutex<[Double]>([])
    let property = Property(
      "any", for: Generator<Double>.float(edges: [709.5]), examples: [42, 43]
    ) { value, _ in
      seen.withLock { $0.append(value) }
      return .passed
    }
    var configuration = RunConfiguration()
    configuration.phases = [.examples]
    configuration.edgeCases = 30
    _ = PropertyRunner(configuration).check(property)
    let order = seen.withLock { $0 }
    #expect(order.prefix(3) == [42, 43, 0])
    #expect(order.contains(709.5) && order.contains(.infinity) && order.contains(where: \.isNaN))
  }

  // MARK: Stored failures

  @Test func `stored cases run first, and are counted apart`() {
    let seen = Mutex<[Int]>([])
    let property = Property("small", for: .integer(in: 0...1000), examples: [1]) { value, _ in
      seen.withLock { $0.append(value) }
      return .require(value < 2000, "large")
    }
    let store = RecordingStore<Int>([.choices([.integer(77)]), .value(5000)])
    let report = PropertyRunner(RunConfiguration(seed: 1, cases: 10)).check(property, store: store)
    #expect(seen.withLock { Array($0.prefix(3)) } == [77, 5000, 1])
    #expect(report.found?.origin == CaseOrigin(phase: .regressions, number: 1))
    #expect(report.simplest?.value == 5000)
    #expect(report.simplest?.token == nil)
    #expect(report.counts[.regressions]?.checked == 2)
  }

  @Test func `a stored case that the generator can no longer make is reported`() {
    let property = Property("any", for: .array(of: .integer(in: 0...9))) { _, _ in .passed }
    let stale: [[ChoiceValue]] = [
      [.boolean(true), .integer(4)], [.boolean(true), .integer(10), .boolean(false)],
      [.boolean(false), .boolean(false)],
    ]
    for choices in stale {
      let store = RecordingStore<[Int]>([.choices(choices)])
      let report = PropertyRunner().check(property, store: store)
      #expect(report.healthProblems.map(\.name) == [.staleRegression])
      #expect(report.conclusion == .inconclusive)
    }
  }

  @Test func `a failure is stored before shrinking starts, and after each step`() throws {
    let property = Property("small", for: .integer(in: 0...100_000)) { value, _ in
      .require(value < 1234, "large")
    }
    let store = RecordingStore<Int>()
    var configuration = RunConfiguration(seed: 1)
    configuration.phases = [.random, .shrink]
    let report = PropertyRunner(configuration).check(property, store: store)
    let entries = store.entries
    let first = try #require(entries.first)
    #expect(first.stage == .found)
    #expect(first.witness.value == report.found?.value)
    #expect(first.property == "small")
    #expect(entries.last?.stage == .simplest)
    #expect(entries.last?.witness.value == 1234)
    let steps = entries.filter { $0.stage == .shrinking }.map(\.witness.value)
    #expect(steps.count == report.shrinking?.improvements)
    #expect(steps == steps.sorted(by: >))
  }

  // MARK: Replay

  @Test(arguments: seeds)
  func `a token makes the same value again, in one call`(seed: UInt64) throws {
    let calls = Mutex(0)
    let property = Property(
      "any",
      for: pairs(
        .lane(
          of: Generator<Double>.float(), count: 0...50, offset: Generator<Double>.float()),
        Generator<[Int]>.array(of: .oneOf([.always(3), .integer(in: -5...5)])))
    ) { value, _ in
      calls.withLock { $0 += 1 }
      return .failed(reason: "\(value.0.map(\.bitPattern)) \(value.1)")
    }
    var configuration = RunConfiguration(seed: seed, cases: 20)
    configuration.phases = [.random]
    let runner = PropertyRunner(configuration)
    let found = try #require(runner.check(property).found)
    let token = try #require(found.token)
    calls.withLock { $0 = 0 }
    let again = try runner.replay(ReplayToken.decode(token), of: property)
    #expect(again.reason == found.reason)
    #expect(again.choices == found.choices)
    #expect(calls.withLock { $0 } == 1)
  }

  @Test func `a replay of too few, too many or other choices fails`() {
    let property = Property("any", for: .integer(in: 0...9)) { _, _ in .passed }
    #expect(throws: Abandonment.overrun) { try PropertyRunner().replay([], of: property) }
    for choices in [[ChoiceValue.integer(10)], [.integer(1), .integer(1)], [.boolean(true)]] {
      #expect(throws: Abandonment.self) { try PropertyRunner().replay(choices, of: property) }
    }
  }

  // MARK: Kinds of failures, explanation

  @Test(arguments: seeds)
  func `shrinking does not slip to a failure of another kind`(seed: UInt64) throws {
    let property = Property("kinds", for: .integer(in: 0...100_000)) { value, _ in
      if value > 50_000 { return .failed(reason: "large", kind: "large") }
      return value > 20_000 ? .failed(reason: "middling", kind: "middling") : .passed
    }
    let report = report(property, seed: seed)
    let found = try #require(report.found)
    #expect(report.simplest?.kind == found.kind)
    #expect(report.simplest?.value == (found.kind == "large" ? 50_001 : 20_001))
  }

  @Test func `what does not matter is explained`() throws {
    let triples = Generator { source in
      try ["first", "second", "third"].map { label in
        try source.span(label) { try $0.integer(in: 0...100_000) }
      }
    }
    let property = Property("the second is not 0", for: triples) { numbers, _ in
      .require(numbers[1] > 0, "it is 0")
    }
    let report = PropertyRunner(RunConfiguration(seed: 3)).check(property)
    #expect(report.simplest?.value == [0, 0, 0])
    #expect(report.explanation.map(\.label) == ["first", "third"])
    #expect(report.explanation.map(\.positions) == [0..<1, 2..<3])
  }
}
