import Testing

@testable import AuditRecords
@testable import Basics

/// A subject whose every ingredient is there.
private let subject = RunSubject(
  tool: .init(name: "softmax-audit", version: "1.2.3"), library: "MPFR 4.2.0",
  command: ["audit", "--plugin", "mine.so"], seed: 5,
  implementations: ["mine": ["sha256": "aa", "file": "mine.so"]],
  answers: ["mine in float32": "bb"], domain: ["12 cells"], digest: "cc", parts: 12,
  notMeasured: ["yours cannot be loaded"])

/// The subject with each ingredient changed in turn, with the words that a refusal has of it.
private let changes:
  [(words: String, status: UserError.Kind, change: @Sendable (inout RunSubject) -> Void)] = [
    ("made by version 1.2.3; this is 1.2.4", .malformedInput, { $0.tool.version = "1.2.4" }),
    ("the oracle is MPFR 4.2.1", .notMeasured, { $0.library = "MPFR 4.2.1" }),
    ("the SHA-256 of mine is ab", .notMeasured, { $0.implementations["mine"]?["sha256"] = "ab" }),
    ("the version of mine is 2", .notMeasured, { $0.implementations["mine"]?["version"] = "2" }),
    ("mine is there only", .notMeasured, { $0.implementations["mine"] = nil }),
    ("theirs is there only", .notMeasured, { $0.implementations["theirs"] = [:] }),
    ("gives other outputs", .notMeasured, { $0.answers["mine in float32"] = "bc" }),
    ("gives other outputs", .notMeasured, { $0.answers = [:] }),
    ("others than when it was planned", .notMeasured, { $0.seed = 6 }),
    ("others than when it was planned", .notMeasured, { $0.seed = nil }),
    ("others than when it was planned", .notMeasured, { $0.digest = "cd" }),
    ("others than when it was planned", .notMeasured, { $0.parts = 13 }),
    ("others than when it was planned", .notMeasured, { $0.domain = ["13 cells"] }),
    ("mine has no float64", .notMeasured, { $0.notMeasured.append("mine has no float64") }),
    ("can be now", .notMeasured, { $0.notMeasured = [] }),
  ]

@Suite("Plans of units")
struct FleetPlanTests {
  @Test("Every ingredient changes the identity of the plan and of all its units")
  func identities() throws {
    let plan = try FleetPlan(subject, units: 4, estimate: nil)
    var identities = Set([plan.identity])
    var units = Set(plan.units.map(\.identity))
    #expect(units.count == 4)
    let command: @Sendable (inout RunSubject) -> Void = { $0.command[0] = "check" }
    for change in changes.map(\.change) + [command] {
      var other = subject
      change(&other)
      let changed = try FleetPlan(other, units: 4, estimate: nil)
      identities.insert(changed.identity)
      units.formUnion(changed.units.map(\.identity))
    }
    let fewer = try FleetPlan(subject, units: 3, estimate: nil)
    identities.insert(fewer.identity)
    units.formUnion(fewer.units.map(\.identity))
    #expect(identities.count == changes.count + 3)
    #expect(units.count == 4 * (changes.count + 2) + 3)
    let estimated = try FleetPlan(
      subject, units: 4, estimate: FleetEstimate(of: [1], parts: 12, start: 0))
    #expect(estimated.identity == plan.identity)
  }

  @Test("A machine that would measure something else is refused, in a sentence that says why")
  func machines() throws {
    try subject.expectSame(subject, in: "plan.json")
    for (words, kind, change) in changes {
      var here = subject
      change(&here)
      let error = #expect(throws: UserError.self) {
        try subject.expectSame(here, in: "plan.json")
      }
      #expect(error?.kind == kind, "\(words)")
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    // What nobody asked when it was planned may answer here.
    var talkative = subject
    talkative.answers["mine in float64"] = "dd"
    try subject.expectSame(talkative, in: "plan.json")
  }

  @Test("A plan that was changed by hand contradicts itself")
  func flaws() throws {
    let plan = try FleetPlan(subject, units: 3, estimate: nil)
    #expect(try plan.flaw() == nil)
    var other = plan
    other.subject.seed = 6
    #expect(try other.flaw()?.contains("another run") == true)
    other = plan
    other.units.swapAt(0, 1)
    #expect(try other.flaw()?.contains("units") == true)
    other = plan
    other.units.removeLast()
    #expect(try other.flaw()?.contains("identity") == true)
    other.units = []
    #expect(try other.flaw() == "it has no units")
    #expect(throws: UserError.self) { try FleetPlan(subject, units: 0, estimate: nil) }
    #expect(
      try FleetPlan(subject, units: 13, estimate: nil).flaw() == "it has more units than parts")
  }

  @Test("Unit K of N is shard K/N, and there is no other")
  func shards() throws {
    let plan = try FleetPlan(subject, units: 3, estimate: nil)
    #expect(try (1...3).map { try plan.shard(ofUnit: $0).text } == ["1/3", "2/3", "3/3"])
    for unit in [0, -1, 4] {
      #expect(throws: UserError(.usage, "there is no unit \(unit): the plan has units 1 to 3")) {
        try plan.shard(ofUnit: unit)
      }
    }
  }
}

@Suite("Units of plans")
struct FleetUnitsTests {
  private let plan: FleetPlan

  init() throws { plan = try FleetPlan(subject, units: 4, estimate: nil) }

  private func unit(_ number: Int) throws -> (name: String, unit: FleetUnit, document: Int) {
    let unit = try FleetUnit(number, of: plan, status: 0, seconds: 1)
    return ("\(number).json", unit, 10 * number)
  }

  @Test("They come in the order of their numbers, whatever order the files have")
  func order() throws {
    let files = try [3, 1, 4, 2].map(unit)
    let sorted = try FleetUnits.sorted(files, of: plan)
    #expect(sorted.map(\.document) == [10, 20, 30, 40])
    #expect(sorted.map(\.name) == ["1.json", "2.json", "3.json", "4.json"])
  }

  @Test("Foreign, doubled and missing units are all named, and nothing is put together")
  func refusals() throws {
    let other = try FleetPlan(subject, units: 5, estimate: nil)
    let foreign = try FleetUnit(2, of: other, status: 0, seconds: 1)
    let again = try unit(3)
    let files = try [("x.json", foreign, 0), unit(3), ("y.json", again.unit, 30)]
    let mistakes = #expect(throws: Mistakes.self) {
      _ = try FleetUnits.sorted(files, of: plan)
    }
    #expect(
      mistakes?.all == [
        UserError(.notMeasured, "x.json is a unit of another plan; leave it out"),
        UserError(
          .notMeasured, "y.json is unit 3 again; 3.json is it already, leave one out"),
        UserError(.notMeasured, "units 1-2,4 of 4 are missing; do them with run-unit"),
      ])
  }

  @Test("A unit whose identity is not that of its place is foreign")
  func places() throws {
    var moved = try unit(1)
    moved.unit.unit = 2
    #expect(!moved.unit.belongs(to: plan))
    moved.unit.unit = 5
    #expect(!moved.unit.belongs(to: plan))
    #expect(try unit(2).unit.belongs(to: plan))
  }

  @Test("Numbers come as an array job takes them")
  func ranges() {
    #expect(FleetUnits.ranges(of: []) == "")
    #expect(FleetUnits.ranges(of: [7]) == "7")
    #expect(FleetUnits.ranges(of: [1, 2, 4, 6, 7, 8]) == "1-2,4,6-8")
  }

  @Test("Only files named as run-unit names them are units of a directory")
  func names() {
    for number in [1, 12, 100_000] {
      #expect(FleetUnit.number(inFileName: FleetUnit.file(number)) == number)
    }
    for name in ["unit-0.json", "unit-01.json", "unit-1.checkpoint", ".unit-1.json", "unit-x.json"]
    {
      #expect(FleetUnit.number(inFileName: name) == nil, "\(name)")
    }
  }
}

@Suite("Estimates of runs")
struct FleetEstimateTests {
  @Test("The total is the mean times the parts, and its error that of a sample without replacement")
  func totals() {
    // Mean 3, s^2 = 10/4 of 1...5; of 105 parts: 2 * 105 * sqrt(2.5) * sqrt((1 - 5/105) / 5) =
    // sqrt(2 * 105 * 2 * 105 * 2.5 * 100 / 525) = sqrt(21000).
    let estimate = FleetEstimate(of: [1, 2, 3, 4, 5], parts: 105, start: 2)
    #expect(estimate.totalSeconds == 315)
    #expect(estimate.quickestPartSeconds == 1 && estimate.slowestPartSeconds == 5)
    #expect(abs((estimate.uncertaintySeconds ?? 0) - 144.913_767_461_894_38) < 1e-9)
    #expect(estimate.processorSeconds(units: 10) == 335)
  }

  @Test("The time that is no part's is told from that of parts, and units pay it once each")
  func runs() {
    // 3 + m/4 seconds of m parts.
    let runs = [1, 2, 4, 8, 16, 16].map { (parts: $0, seconds: 3 + 0.25 * Double($0)) }
    let estimate = FleetEstimate(ofRuns: runs, parts: 1000, start: 0.5)
    #expect(estimate.startSeconds == 3.5 && estimate.partSeconds == 0.25)
    #expect(estimate.totalSeconds == 250 && estimate.uncertaintySeconds == 0)
    #expect(estimate.measuredParts == 32)
    #expect(estimate.units(ofSeconds: 13.5, parts: 1000) == 25)
    // A first part that takes longer than many others is no start of theirs.
    let unlike = FleetEstimate(ofRuns: [(1, 10), (2, 1), (4, 2)], parts: 8, start: 0)
    #expect(unlike.startSeconds <= 1 && unlike.totalSeconds >= 2)
  }

  @Test("One part of several says nothing of the error; all parts leave none")
  func sureness() {
    #expect(FleetEstimate(of: [1], parts: 2, start: 0).uncertaintySeconds == nil)
    #expect(FleetEstimate(of: [1], parts: 1, start: 0).uncertaintySeconds == 0)
    #expect(FleetEstimate(of: [1, 9], parts: 2, start: 0).uncertaintySeconds == 0)
  }

  @Test("Units take the seconds asked for with their start, and have one part at least")
  func units() {
    let estimate = FleetEstimate(of: [1, 1], parts: 100, start: 5)
    #expect(estimate.units(ofSeconds: 15, parts: 100) == 10)
    #expect(estimate.units(ofSeconds: 16, parts: 100) == 10)
    #expect(estimate.units(ofSeconds: 2, parts: 100) == 100)
    #expect(estimate.units(ofSeconds: 1000, parts: 100) == 1)
    #expect(FleetEstimate(of: [0, 0], parts: 9, start: 0).units(ofSeconds: 60, parts: 9) == 1)
  }
}
