import AuditRecords
import AuditReports
import Basics
import Foundation
import Testing

@Suite("Plans, their units, and what they make together")
struct PlanTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let exhaust =
    "exhaust --implementation max-trick --format float16 --domain tuples --length 2 --limit 8 "
    + "--step 0.125"

  private static let commands = [
    exhaust,
    exhaust + " --max-ulp 0.25",
    "audit --implementation max-trick/* --format float16 --format float32 --family normal-* "
      + "--family dust --length 2 --length 9 --samples 2",
    "check --implementation max-trick --implementation naive --format float16 --effort 0.05 "
      + "--law range --law shift --law overflow",
    "search --implementation online --format float32 --length 5 --budget 3000",
  ]

  @discardableResult
  private func plan(_ command: String, units: Int, seconds: Int = 0) async throws -> String {
    let path = folder.path("plan.json")
    let outcome = try await run(
      "plan --out \(path) --units \(units) --seconds \(seconds) -- \(command)")
    #expect(outcome.status == 0, "\(outcome.notes)")
    return path
  }

  private func unit(_ plan: String, _ number: Int, _ directory: String) async throws -> Outcome {
    try await run("run-unit \(plan) \(number) --directory \(directory) --threads 1")
  }

  @Test("The units of a plan give the whole, to the byte, and its exit status", arguments: commands)
  func whole(command: String) async throws {
    let whole = folder.path("whole.json")
    let expected = try await run("\(command) --json \(whole) --threads 1")
    let count = command.hasPrefix("exhaust") ? 2 : 3
    let plan = try await plan(command, units: count)
    let units = folder.path("units")
    for number in (1...count).reversed() {
      let outcome = try await unit(plan, number, units)
      #expect([0, 1].contains(outcome.status), "\(outcome.notes)")
      #expect(outcome.output == "")
    }
    let merged = folder.path("merged.json")
    let outcome = try await run("merge --plan \(plan) \(units) --json \(merged)")
    #expect(outcome.status == expected.status, "\(outcome.notes)")
    // Text about accuracy has the time of a call.
    #expect(command.hasPrefix("audit") || outcome.output == expected.output)
    #expect(try figures(in: merged) == figures(in: whole))
    #expect(try commandLine(in: merged) == "softmax-audit \(command)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: units).sorted()
        == (1...count).map { "unit-\($0).json" })
  }

  /// The command line that a document names, as words.
  private func commandLine(in path: String) throws -> String {
    let document = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: path)))
    let text = try #require((document as? [String: Any])?["command"] as? String)
    return try #require(text.shellWords).joined(separator: " ")
  }

  @Test("A unit that is done is not done again, and leaves with the status that it had")
  func idempotence() async throws {
    let plan = try await plan(Self.exhaust + " --max-ulp 0.25", units: 2)
    let units = folder.path("units")
    #expect(try await run("run-unit \(plan) --directory \(units) --missing").output == "1\n2\n")
    let first = try await unit(plan, 2, units)
    #expect(first.status == 1)
    #expect(try await run("run-unit \(plan) --directory \(units) --missing").output == "1\n")
    let path = units + "/unit-2.json"
    let content = try Data(contentsOf: URL(fileURLWithPath: path))
    let second = try await unit(plan, 2, units)
    #expect(second.status == 1)
    #expect(second.notes == "note: unit 2/2 is done already\n")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)

    // What is damaged is done again, and nothing else changes.
    try Data(content.dropLast(9)).write(to: URL(fileURLWithPath: path))
    #expect(try await run("run-unit \(plan) --directory \(units) --missing").output == "1\n2\n")
    let third = try await unit(plan, 2, units)
    #expect(third.status == 1)
    #expect(third.notes.contains("it is done again"), "\(third.notes)")
    let (old, new) = try (
      UnitJSON.decode(content, name: "old"),
      UnitJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: "new")
    )
    #expect(old.results == new.results)
    #expect(old.unit.identity == new.unit.identity)
  }

  @Test("Processes that do one unit at once spoil nothing")
  func together() async throws {
    let plan = try await plan(Self.exhaust, units: 1)
    let units = folder.path("units")
    let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<3 {
        group.addTask {
          try await run("run-unit \(plan) 1 --directory \(units) --threads 1").status
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == [0, 0, 0])
    #expect(try FileManager.default.contentsOfDirectory(atPath: units) == ["unit-1.json"])
    #expect(try await run("merge --plan \(plan) \(units)").status == 0)
  }

  @Test("Foreign, doubled and missing units are refused by name, with exit status 2")
  func refusals() async throws {
    let plan = try await plan(Self.exhaust, units: 2)
    let units = folder.path("units")
    #expect(try await unit(plan, 1, units).status == 0)
    let other = folder.path("other.json")
    try await run("plan --out \(other) --units 2 --seconds 0 -- \(Self.exhaust) --judge nothing")
    let foreign = folder.path("foreign")
    #expect(try await unit(other, 2, foreign).status == 0)
    let json = folder.path("none.json")
    let outcome = try await run(
      "merge --plan \(plan) \(units) \(units)/unit-1.json \(foreign) --json \(json)")
    #expect(outcome.status == 2)
    #expect(outcome.notes.contains("\(foreign)/unit-2.json is a unit of another plan"))
    #expect(outcome.notes.contains("\(units)/unit-1.json is unit 1 again"))
    #expect(outcome.notes.contains("unit 2 of 2 is missing"))
    #expect(!FileManager.default.fileExists(atPath: json))

    // The same in the way of a unit that is to be done.
    let mine = try await unit(plan, 2, foreign)
    #expect(mine.status == 2)
    #expect(mine.notes.contains("is a unit of another plan; name another directory"))
    let bare = try await run("merge \(units)/unit-1.json")
    #expect(bare.status == 65)
    #expect(bare.notes.contains("name the plan with --plan"), "\(bare.notes)")
    let wrong = try await run("merge --plan \(plan) \(plan)")
    #expect(wrong.status == 65)
    #expect(wrong.notes.contains("this version reads \"softmax-audit/unit/1\""), "\(wrong.notes)")
  }

  @Test("A unit that does not exist, and a plan that is damaged or of another version, are refused")
  func badInput() async throws {
    let plan = try await plan(Self.exhaust, units: 2)
    for number in ["0", "3", "-1"] {
      let outcome = try await run("run-unit \(plan) --directory \(folder.path("u")) \(number)")
      #expect(outcome.status == 64, "\(number): \(outcome.notes)")
    }
    let text = try String(contentsOfFile: plan, encoding: .utf8)
    let open = text.replacing(/^\{"checksum":"[^"]*",/, with: "{")
    let damaged = try folder.file("damaged.json", Data(text.dropLast(9).utf8))
    // Another version makes a plan that is sound by itself.
    let read = try PlanJSON.decode(Data(text.utf8), name: "plan")
    var subject = read.subject
    subject.tool.version = "9.9.9"
    let later = try folder.file(
      "later.json", PlanJSON.encode(FleetPlan(subject, units: 2, estimate: nil)))
    subject = read.subject
    subject.library = "MPFR 9.9.9"
    let library = try folder.file(
      "library.json", PlanJSON.encode(FleetPlan(subject, units: 2, estimate: nil)))
    subject = read.subject
    let name = try #require(subject.answers.keys.sorted().first)
    subject.answers[name] = String(repeating: "0", count: 64)
    let processor = try folder.file(
      "processor.json", PlanJSON.encode(FleetPlan(subject, units: 2, estimate: nil)))
    let changed = try folder.file(
      "changed.json",
      DocumentChecksum.seal(Data(open.replacing("\"parts\":", with: "\"parts\":1").utf8)))
    for (path, status, words) in [
      (damaged, 65, "damaged.json is not a plan file"),
      (changed, 65, "changed.json contradicts itself"),
      (later, 65, "was made by version 9.9.9"),
      (library, 2, "that of the plan is MPFR 9.9.9"),
      (processor, 2, "\(name) gives other outputs on this processor"),
      ("/nowhere.json", 65, "cannot read"),
    ] as [(String, Int32, String)] {
      let outcome = try await unit(path, 1, folder.path("u"))
      #expect(outcome.status == status, "\(outcome.notes)")
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("u") + "/unit-1.json"))
  }

  @Test("A plug-in that changed after planning is refused, and is not measured")
  func changedPlugin() async throws {
    func library(_ factor: String) throws -> String {
      try sharedLibrary(
        of: "Tests/CommandLineTests/Plugins/naive_plugin.c", named: "mine", in: folder,
        flags: ["-DFACTOR=\(factor)"])
    }
    let path = try library("1.0f")
    let plan = try await plan(
      "exhaust --plugin mine=\(path) --format float32 --domain tuples --length 2 --limit 2 --step 0.25",
      units: 1)
    _ = try library("1.5f")
    let refused = try await unit(plan, 1, folder.path("units"))
    #expect(refused.status == 2)
    #expect(refused.notes.contains("the SHA-256 of mine is"), "\(refused.notes)")
    try FileManager.default.removeItem(atPath: path)
    let lost = try await unit(plan, 1, folder.path("units"))
    #expect(lost.status == 2, "\(lost.notes)")
    _ = try library("1.0f")
    #expect(try await unit(plan, 1, folder.path("units")).status == 0)
    #expect(try await run("merge --plan \(plan) \(folder.path("units"))").status == 0)
  }

  @Test("A time is estimated from parts of the run, and gives the number of units")
  func estimate() async throws {
    let path = folder.path("plan.json")
    let outcome = try await run("plan --out \(path) --seconds 60 --minutes 60 -- \(Self.exhaust)")
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.hasPrefix("1 unit of exhaust, each with 2 of 2 blocks\n"))
    #expect(outcome.output.contains("of one processor like this: every block was measured"))
    let plan = try PlanJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: path)
    #expect(plan.estimate?.measuredParts == 2)
    #expect((plan.estimate?.totalSeconds ?? -1) > 0)
  }

  @Test(
    "What a plan cannot hold is a usage error, and bad options fail before anything is written",
    arguments: [
      ("", "a plan is of audit, check, search or exhaust"),
      ("report x.json", "a plan is of"),
      ("exhaust --implementation max-trick --shard 1/2", "--shard has no place in a plan"),
      ("exhaust --implementation max-trick --json=x", "--json has no place in a plan"),
      ("exhaust --implementation max-trick --threads 2", "--threads has no place in a plan"),
      ("exhaust --implementation max-trick --checkpoint x", "--checkpoint has no place"),
      ("search --implementation max-trick --best x", "--best has no place"),
      ("exhaust --implementation nothing --format float16", "nothing"),
      ("exhaust --format float16", "name what to exhaust"),
      ("audit --samples 0", "--samples 0"),
      ("audit --seed 1 --seed 2", "--seed was given 2 times"),
      ("exhaust --frobnicate", "Unknown option"),
    ])
  func misplaced(command: String, words: String) async throws {
    let path = folder.path("plan.json")
    let outcome = try await run("plan --out \(path) --units 1 --seconds 0 -- \(command)")
    #expect(outcome.status == 64, "\(outcome.notes)")
    #expect(outcome.notes.contains(words), "\(outcome.notes)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("More units than parts, and units beside minutes, are usage errors; a random seed is drawn")
  func options() async throws {
    let path = folder.path("plan.json")
    for (options, words) in [
      ("--units 3 --seconds 0", "a unit has one at least"),
      ("--units 0 --seconds 0", "--units 0: use a number from 1"),
      ("--units 2 --minutes 3", "choose one"), ("--seconds 0", "give --units"),
      ("--minutes 0", "--minutes 0.0"), ("--seconds -1", "--seconds -1.0"),
    ] {
      let outcome = try await run("plan --out \(path) \(options) -- \(Self.exhaust)")
      #expect(outcome.status == 64, "\(outcome.notes)")
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
    let audit =
      "audit --implementation naive --format float32 --family dust --length 4 --seed random"
    let plan = try await plan(audit, units: 1)
    let read = try PlanJSON.decode(Data(contentsOf: URL(fileURLWithPath: plan)), name: plan)
    let seed = try #require(read.subject.seed)
    #expect(read.subject.command.suffix(2) == ["--seed", "\(seed)"])
    let again = try await self.plan(audit, units: 1)
    let other = try PlanJSON.decode(Data(contentsOf: URL(fileURLWithPath: again)), name: again)
    #expect(other.subject.seed != seed && other.identity != read.identity)
  }
}
