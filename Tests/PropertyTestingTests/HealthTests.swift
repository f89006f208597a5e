import PropertyTesting
import Synchronization
import Testing

@Suite("Health and coverage")
struct HealthTests {
  private func report<Value>(
    _ property: Property<Value>, cases: Int = 500,
    _ change: (inout RunConfiguration) -> Void = { _ in }
  ) -> RunReport<Value> {
    var configuration = RunConfiguration(seed: 1, cases: cases)
    configuration.phases = [.random, .shrink]
    change(&configuration)
    return PropertyRunner(configuration).check(property)
  }

  @Test func `too many discards stop the run, and it is no pass`() {
    let property = Property("rare", for: .integer(in: 0...1_000_000)) { value, _ in
      value == 5 ? .passed : .discarded(reason: "not 5")
    }
    let found = report(property, cases: 10_000)
    #expect(found.healthProblems.first?.name == .tooManyDiscards)
    #expect(found.conclusion == .inconclusive)
    #expect(found.total.all < 200)
    #expect(found.events["discarded: not 5"] == found.total.discarded)
  }

  @Test func `some discards are healthy`() {
    let property = Property("even", for: .integer(in: 0...1000)) { value, _ in
      value.isMultiple(of: 2) ? .passed : .discarded(reason: "odd")
    }
    #expect(report(property).conclusion == .passed)
  }

  @Test func `data too large is reported`() {
    let property = Property(
      "large", for: .array(of: .bits(), count: 100...200)
    ) { _, _ in .passed }
    let found = report(property) { $0.choiceLimit = 50 }
    #expect(found.healthProblems.map(\.name) == [.dataTooLarge, .nothingTested])
    #expect(found.conclusion == .inconclusive)
  }

  @Test func `a run without cases is no pass`() {
    let property = Property("any", for: .integer(in: 0...9)) { _, _ in .passed }
    let found = report(property, cases: 0)
    #expect(found.healthProblems.map(\.name) == [.nothingTested])
    #expect(found.conclusion == .inconclusive)
  }

  @Test func `a suppressed complaint is not heard`() {
    let property = Property("any", for: .integer(in: 0...9)) { _, _ in .passed }
    let found = report(property, cases: 0) { $0.suppressed = [.nothingTested] }
    #expect(found.healthProblems.isEmpty)
    #expect(found.conclusion == .passed)
  }

  @Test func `a failure that does not come back is reported as such, not dropped`() {
    let calls = Mutex(0)
    let property = Property("moody", for: .integer(in: 0...1000)) { value, _ in
      let call = calls.withLock { count in
        count += 1
        return count
      }
      return .require(call != 40, "the fortieth call")
    }
    let found = report(property)
    #expect(found.conclusion == .nondeterministic)
    #expect(found.healthProblems.map(\.name) == [.nondeterministic])
    #expect(found.found?.reason == "the fortieth call")
    #expect(found.simplest?.value == found.found?.value)
  }

  // MARK: Coverage

  private func coverage(_ share: Double, cases: Int) -> CoverageResult.Judgement? {
    let property = Property(
      "tenths", for: .integer(in: 0...9),
      coverage: [CoverageRequirement("zero", share: share)]
    ) { value, notes in
      notes.label("zero", where: value == 0)
      return .passed
    }
    return report(property, cases: cases).coverage.first?.judgement
  }

  @Test func `a share that is covered is met, one that is not is missed`() {
    #expect(coverage(0.05, cases: 2000) == .met)
    #expect(coverage(0.2, cases: 2000) == .missed)
    #expect(coverage(0.1, cases: 50_000) == .met)
  }

  @Test func `few cases leave it open`() {
    #expect(coverage(0.09, cases: 50) == .open)
    #expect(coverage(0.0, cases: 50) == .met)
  }

  @Test func `a run that misses its coverage is no pass`() {
    let property = Property(
      "never", for: .integer(in: 0...9),
      coverage: [CoverageRequirement("never", share: 0.5)]
    ) { _, _ in .passed }
    #expect(report(property).conclusion == .inconclusive)
  }

  @Test func `labels and events are counted`() {
    let property = Property("any", for: .integer(in: 0...1)) { value, notes in
      notes.label("twice")
      notes.label("twice")
      notes.event("seen")
      notes.event("seen")
      notes.label("one", where: value == 1)
      return .passed
    }
    let found = report(property, cases: 100)
    #expect(found.labels["twice"] == 100)
    #expect(found.events["seen"] == 200)
    #expect(20...80 ~= found.labels["one"] ?? 0)
  }
}
