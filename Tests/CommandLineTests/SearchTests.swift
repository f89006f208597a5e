import AuditRecords
import AuditReports
import AuditedOperations
import Foundation
import Testing

@Suite("The search command")
struct SearchTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let small =
    "search --implementation max-trick --format float32 --length 17 --budget 20000"

  private func found(_ path: String) throws -> SearchResults {
    try SearchJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: path)
  }

  @Test("It prints what it found, writes it as JSON, and the witness replays")
  func oneSearch() async throws {
    let json = folder.path("found.json")
    let outcome = try await run("\(small) --json \(json)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.lines.first == "float32, error in ulp")
    let row = try #require(found(json).searches.first)
    #expect(row.length == 17 && row.islands.count == 64)
    let finding = try #require(row.found)
    let replay = try #require(finding.replay)
    let again = try await run(String(replay.dropFirst("softmax-audit ".count)))
    #expect(again.status == 0)
    #expect(
      again.output.contains("output \(finding.index) = \(finding.computed), exact \(finding.exact)")
    )
  }

  @Test("What goes wrong in the fourth lane of a call is found, however few lanes there are")
  func fourthLane() async throws {
    let library = try sharedLibrary(
      of: PluginTests.faulty, named: "mine", in: folder, flags: ["-DFAULT_LANE_3"])
    // A hundred lanes, and less than one in four of them for each island.
    let outcome = try await run([
      "search", "--plugin", library, "--length", "5000", "--budget", "500000",
    ])
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.notes)")
    #expect(outcome.output.contains("depends on the batch: lane 3 of "), "\(outcome.output)")
  }

  @Test("The replay of a lane that fails fails")
  func failingReplay() async throws {
    let json = folder.path("found.json")
    let search =
      "search --implementation naive --format float32 --length 4 --budget 2000 --declare max-trick"
    #expect(try await run("\(search) --json \(json)").status == 1)
    let row = try #require(found(json).searches.first)
    let replay = try #require((row.mismatch ?? row.found)?.replay)
    let again = try await run(String(replay.dropFirst("softmax-audit ".count)))
    #expect(again.status == 1, "\(again.output)\(again.notes)")
  }

  @Test("Logits stay within the limit that is asked for, in the search, its results and its replay")
  func largestLogit() async throws {
    let json = folder.path("found.json")
    let outcome = try await run("\(small) --largest-logit 20 --json \(json)")
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.notes == "not asked: logits beyond 20\n")
    let results = try found(json)
    #expect(results.largestLogit == 20.0)
    let finding = try #require(results.searches.first?.found)
    #expect(finding.logits.allSatisfy { abs(Double($0) ?? .infinity) <= 20 }, "\(finding.logits)")
    let replay = try #require(finding.replay)
    #expect(replay.contains(" --largest-logit 20.0 "), "\(replay)")
    let again = try await run(String(replay.dropFirst("softmax-audit ".count)))
    #expect(again.output.contains("output \(finding.index) = \(finding.computed)"))
    try await run("\(small) --largest-logit 3").expectRefusal(
      64, "--largest-logit 3.0: use a finite number of at least 16")
  }

  @Test("The worst lanes stay on disk; a lesser one does not replace them")
  func bestLanes() async throws {
    let best = folder.path("best")
    try await run(
      "search --implementation max-trick --format float32 --length 17 --budget 60000 --best \(best)"
    )
    let names = try FileManager.default.contentsOfDirectory(atPath: best).sorted()
    #expect(
      names == [
        "max-trick_sequential-float32-float32-17-ulp.json",
        "max-trick_sequential-float32-float32-17-ulp.npy",
      ])
    let file = best + "/" + names[0]
    let before = try Data(contentsOf: URL(fileURLWithPath: file))
    try await run(
      "search --implementation max-trick --format float32 --length 17 --budget 1 --best \(best)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    let audit = try await run(
      "audit --implementation max-trick --logits \(best)/\(names[1]) --json \(folder.path("a.json"))"
    )
    #expect(audit.status == 0)
    let row = try JSONDecoder().decode(SearchRow.self, from: before)
    let measured = try results(in: folder.path("a.json")).accuracy.first?.maxUlp?.value
    #expect(measured == abs(row.found?.ulp?.value ?? 0))

    try Data("{}".utf8).write(to: URL(fileURLWithPath: file))
    #expect(try await run("\(small) --best \(best)").status == 65)
  }

  @Test(
    "Every operation is searched for its leading figure, and the witness replays with all its inputs",
    arguments: [
      ("log-softmax", "logsumexp-shifted", false), ("logsumexp", "max-trick", false),
      ("cross-entropy", "of-log-softmax", true), ("softmax-vjp", "recomputed", true),
      ("softmax-backward", "centred", true), ("log-softmax-vjp", "exp-of-log", true),
      ("cross-entropy-vjp", "softmax-less-target", true), ("softmax-jacobian", "outer", false),
    ])
  func operations(_ operation: String, _ variant: String, takesMore: Bool) async throws {
    let json = folder.path("found.json")
    let outcome = try await run(
      "search --operation \(operation) --implementation \(variant)/pairwise --format bfloat16 --length 5 --budget 4000 --json \(json)"
    )
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.lines.first == "\(operation), bfloat16, scaled error")
    let row = try #require(found(json).searches.first)
    #expect(row.operation.name == operation && row.objective == .scaled)
    let finding = try #require(row.found)
    let scaled = try #require(finding.scaled?.value)
    #expect(scaled > 0.4 && scaled < 20)
    #expect((finding.ratio?.value ?? 2) <= 1)
    #expect((finding.accompanying == nil) == !takesMore)
    let replay = try #require(finding.replay)
    let again = try await run(String(replay.dropFirst("softmax-audit ".count)))
    #expect(again.status == 0)
    #expect(
      again.output.contains("output \(finding.index) = \(finding.computed), exact \(finding.exact)")
    )
  }

  @Test("The scaled error of a softmax is searched for too: one to two times its error in ULP")
  func scaledErrorOfSoftmax() async throws {
    let json = folder.path("found.json")
    let outcome = try await run(
      "search --implementation max-trick --format float32 --length 3 --budget 6000 --objective scaled --json \(json)"
    )
    #expect(outcome.status == 0, "\(outcome.notes)")
    let finding = try #require(found(json).searches.first?.found)
    let (scaled, ulp) = (try #require(finding.scaled?.value), abs(try #require(finding.ulp?.value)))
    #expect(scaled >= ulp * 0.999 && scaled <= ulp * 2.001)
    #expect(try #require(finding.replay).contains("--objective scaled"))
  }

  @Test("The worst inputs of an operation lie on disk by role, and verify takes them")
  func bestInputs() async throws {
    let best = folder.path("best")
    try await run(
      "search --operation softmax-vjp --implementation recomputed/pairwise --format float32 --length 5 --budget 4000 --best \(best)"
    )
    let stem = "\(best)/softmax-vjp-recomputed_pairwise-float32-float32-5-scaled"
    let exact = folder.path("exact.npy")
    let reference = try await run(
      "reference --operation softmax-vjp --input logits=\(stem).npy --input upstream=\(stem).upstream.npy --output \(exact)"
    )
    #expect(reference.status == 0, "\(reference.notes)")
    let verified = try await run(
      "verify --operation softmax-vjp --input logits=\(stem).npy --input upstream=\(stem).upstream.npy --output gradient=\(exact)"
    )
    #expect(verified.status == 0, "\(verified.notes)")
  }

  @Test(
    "Mistakes on the command line are usage errors",
    arguments: [
      ("--budget 0", "use a whole number"), ("--budget 1.5", "use a whole number"),
      ("--length 0", "use a number from 1"), ("--shard 0/2", "use i/n"),
      ("--replay abc", "needs the one --length"), ("--length 3 --replay abc", "is not whole"),
      ("--length 3 --replay abc --quiet", "shows one lane"), ("--threads 0", "use at least 1"),
      ("--objective norm", "norm"),
    ])
  func mistakes(options: String, words: String) async throws {
    let outcome = try await run("search --implementation max-trick --format float32 \(options)")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains(words), "\(outcome.notes)")
    #expect(outcome.output == "")
  }
}
