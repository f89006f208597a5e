import FloatFormats
import PropertyTesting
import Testing

/// What targeting is for: it finds what random cases do not, in as many calls.
@Suite("Targeting")
struct TargetingTests {
  private func configuration(seed: UInt64, random: Int, target: Int) -> RunConfiguration {
    var configuration = RunConfiguration(seed: seed, cases: random)
    configuration.phases = [.random, .target]
    configuration.targetCalls = target
    return configuration
  }

  private func highest<Value>(
    _ property: Property<Value>, seed: UInt64, random: Int, target: Int
  ) -> Double {
    let configuration = configuration(seed: seed, random: random, target: target)
    return PropertyRunner(configuration).check(property).highest?.score ?? -.infinity
  }

  static let needle = Property(
    "two numbers are far from a point",
    for: pairs(
      .integer(in: 0...1_000_000), .integer(in: 0...1_000_000))
  ) { pair, notes in
    let distance = abs(pair.0 - 123_456) + abs(pair.1 - 876_543)
    notes.score(-Double(distance))
    return .require(distance > 0, "there")
  }

  @Test(arguments: seeds)
  func `a needle in a haystack of 10^12 is found within 2000 calls, at random never`(seed: UInt64) {
    #expect(highest(Self.needle, seed: seed, random: 0, target: 2000) == 0)
    #expect(highest(Self.needle, seed: seed, random: 4000, target: 0) < -500)
  }

  static let sum = Property(
    "sum", for: .array(of: .integer(in: 0...10_000), count: 0...20)
  ) { list, notes in
    notes.score(Double(list.reduce(0, +)))
    return .passed
  }

  @Test(arguments: seeds)
  func `the largest sum of a list there can be is found within 2000 calls`(seed: UInt64) {
    #expect(highest(Self.sum, seed: seed, random: 0, target: 2000) == 200_000)
    #expect(highest(Self.sum, seed: seed, random: 4000, target: 0) < 160_000)
  }

  static let resonance = Property(
    "floats", for: .array(of: Generator<Float>.float(from: -100, to: 100), count: 2...2)
  ) { pair, notes in
    // The best pair has the least positive difference near 64.
    let gap = Double(pair[1]) - Double(pair[0])
    notes.score(gap > 0 ? -gap - abs(Double(pair[0]) - 64) : -1000)
    return .passed
  }

  @Test(arguments: seeds)
  func `floats are tuned to their last bits`(seed: UInt64) {
    let targeted = highest(Self.resonance, seed: seed, random: 0, target: 4000)
    let random = highest(Self.resonance, seed: seed, random: 4000, target: 0)
    #expect(targeted > -1e-4)
    #expect(random < targeted * 100)
  }

  @Test func `a property without scores costs no calls but the first ones`() {
    let property = Property("no scores", for: .integer(in: 0...9)) { _, _ in .passed }
    let configuration = configuration(seed: 1, random: 0, target: 4000)
    let report = PropertyRunner(configuration).check(property)
    #expect((report.counts[.target]?.all ?? 0) < 600)
  }

  @Test func `the calls are those that were asked for, however many islands there are`() {
    for islands in [1, 3, 7, 64] {
      var configuration = configuration(seed: 1, random: 0, target: 1000)
      configuration.islands = islands
      let report = PropertyRunner(configuration).check(Self.sum)
      #expect(report.counts[.target]?.all == 1000)
    }
  }

  @Test func `a failure that only targeting finds is shrunk`() throws {
    var configuration = RunConfiguration(seed: 1, cases: 50)
    configuration.targetCalls = 4000
    let report = PropertyRunner(configuration).check(Self.needle)
    #expect(report.found?.origin.phase == .target)
    let simplest = try #require(report.simplest?.value)
    #expect(simplest == (123_456, 876_543))
  }
}
