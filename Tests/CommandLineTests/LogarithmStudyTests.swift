import AuditReports
import AuditedOperations
import Foundation
import Testing

@testable import AuditRecords

@Suite("Exhausting, inferring and blaming log-softmax and logsumexp")
struct LogarithmStudyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func certificates(_ path: String) throws -> [ExhaustiveCertificate] {
    try CertificatesJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: path)
      .certificates
  }

  private func exhaust(_ operation: String, _ implementation: String = "max-trick") -> String {
    "exhaust --operation \(operation) --implementation \(implementation) --format float16 --domain tuples --length 2 --limit 8 --step 0.25"
  }

  // MARK: exhaust

  @Test(
    "A certificate names the operation, and its witness replays",
    arguments: [
      ("log-softmax", "logsumexp-shifted", 8450), ("logsumexp", "max-trick", 4225),
    ])
  func certificate(_ operation: String, _ implementation: String, outputs: Int) async throws {
    let json = folder.path("certificate.json")
    let outcome = try await run("\(exhaust(operation, implementation)) --json \(json)")
    #expect(outcome.status == 0 && outcome.notes == "", "\(outcome.notes)")
    #expect(
      outcome.output.hasPrefix("\(implementation)/sequential in float16, \(operation)\n"))
    let certificate = try #require(certificates(json).first)
    #expect(certificate.operation.name == operation)
    #expect(certificate.lanes == 4225 && certificate.elements == UInt64(outputs))
    let worst = try #require(certificate.worstScaled)
    #expect(worst.scaled == certificate.maxScaled)
    #expect(worst.replay.hasPrefix("softmax-audit exhaust --operation \(operation) "))
    let replay = try await run(String(worst.replay.dropFirst("softmax-audit ".count)))
    #expect(replay.status == 0)
    #expect(replay.lines[worst.index].contains("= \(worst.computed), exact \(worst.exact)"))
    // The exact value is that of the command that asks for it alone.
    let reference = try await run(
      ["reference", "--operation", operation, "--format", "float16", "--digits", "40"]
        + worst.logits)
    #expect(reference.output.contains(worst.exact), "\(reference.output)")
  }

  @Test("The checkpoint of another operation is foreign, though the implementation has its name")
  func foreignCheckpoint() async throws {
    let file = folder.path("state")
    let first = try await run("\(exhaust("logsumexp")) --checkpoint \(file)")
    let again = try await run("\(exhaust("logsumexp")) --checkpoint \(file)")
    #expect(first.status == 0 && again.output == first.output)
    let foreign = try await run("\(exhaust("log-softmax")) --checkpoint \(file)")
    #expect(foreign.status == 65)
    #expect(
      foreign.notes.contains(
        "belongs to another run: of max-trick/sequential of logsumexp on all lanes of 2"),
      "\(foreign.notes)")
  }

  @Test("Shards merge into the whole, and those of two operations do not")
  func merging() async throws {
    func shards(_ operation: String) async throws -> [String] {
      var parts: [String] = []
      for number in 1...2 {
        let path = folder.path("\(operation)-\(number).json")
        let outcome = try await run(
          "\(exhaust(operation, "naive")) --limit 32 --step 0.125 --shard \(number)/2 --json \(path)"
            .replacing("--limit 8 --step 0.25 ", with: ""))
        #expect(outcome.status == 0, "\(outcome.notes)")
        parts.append(path)
      }
      return parts
    }
    let (whole, merged) = (folder.path("whole.json"), folder.path("merged.json"))
    try await run(
      "\(exhaust("logsumexp", "naive")) --limit 32 --step 0.125 --json \(whole)"
        .replacing("--limit 8 --step 0.25 ", with: ""))
    let parts = try await shards("logsumexp")
    let outcome = try await run(["merge"] + parts + ["--json", merged])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(try certificates(merged) == certificates(whole))
    let others = try await shards("log-softmax")
    let mixed = try await run(["merge", parts[0], others[1]])
    #expect(mixed.status == 65 && mixed.notes.contains("list of certificates"), "\(mixed.notes)")
  }

  @Test("A plug-in without a declaration is judged by what any sound logsumexp keeps to")
  func undeclared() async throws {
    let library = try sharedLibrary(
      of: OperationTests.plugin, named: "several", in: folder, flags: [])
    func exhausted(_ prefix: String) async throws -> Outcome {
      try await run([
        "exhaust", "--operation", "logsumexp", "--plugin", "own=\(library)\(prefix)", "--format",
        "float32", "--domain", "tuples", "--length", "2", "--step", "8", "--limit", "128",
      ])
    }
    let sound = try await exhausted("")
    #expect(sound.status == 0, "\(sound.notes)")
    #expect(sound.output.contains("  judged by             what any sound logsumexp keeps to\n"))
    let naive = try await exhausted(":naive")
    #expect(naive.status == 1)
    #expect(
      naive.notes.contains("own in float32, logsumexp: lane "), "\(naive.notes)")
  }

  @Test("A domain of differences says nothing of a logsumexp, and that is said")
  func differences() async throws {
    let outcome = try await run(
      "exhaust --operation logsumexp --implementation max-trick --format float32 --domain differences --limit 2"
    )
    outcome.expectRefusal(
      64,
      "--domain differences: a logsumexp moves with its logits, so that a lane (0, -d) stands for no other pair; take pairs or tuples"
    )
  }

  // MARK: infer

  @Test("An inference offers a policy of its operation, which is kept")
  func inference() async throws {
    let library = try sharedLibrary(
      of: OperationTests.plugin, named: "several", in: folder, flags: [])
    let (json, policy) = (folder.path("found.json"), folder.path("policy.yaml"))
    let cells = ["--format", "float32"] + OperationTests.few
    let outcome = try await run(
      ["infer", "--operation", "log-softmax", "--plugin", library, "--json", json, "--policy"]
        + [policy] + cells)
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains(", log-softmax\n  behaves like "), "\(outcome.output)")
    #expect(outcome.output.contains("max scaled\n"))
    for line in outcome.lines { #expect(line.count <= 80, "\(line)") }
    #expect(
      try String(contentsOfFile: json, encoding: .utf8)
        .contains("\"operation\" : \"log-softmax\""))
    let rules = try String(contentsOfFile: policy, encoding: .utf8)
    #expect(rules.contains("    operation: log-softmax\n"))
    #expect(rules.contains("    max-scaled: ") && !rules.contains("max-ulp"))
    let gate = try await run([
      "gate", "--operation", "log-softmax", "--plugin", library, "--policy", policy,
    ])
    #expect(gate.status == 0, "\(gate.output) \(gate.notes)")
  }

  @Test("A logarithm of a rounded probability fits no sound model")
  func unsound() async throws {
    let library = try sharedLibrary(
      of: OperationTests.plugin, named: "several", in: folder, flags: [])
    let outcome = try await run(
      ["infer", "--operation", "log-softmax", "--plugin", "own=\(library):rounded"]
        + ["--format", "float32", "--family", "uniform-100", "--length", "17"])
    #expect(outcome.status == 1, "\(outcome.notes)")
    #expect(outcome.output.contains("fits no sound model: "), "\(outcome.output)")
  }

  // MARK: audit --blame

  @Test("The stage to blame is named for built-in variants and for what errs like one")
  func blame() async throws {
    let cells = ["--family", "dust", "--length", "4096", "--samples", "1", "--format", "float32"]
    let json = folder.path("results.json")
    let outcome = try await run(
      ["audit", "--operation", "logsumexp", "--blame", "--implementation", "max-trick/sequential"]
        + ["--json", json] + cells)
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains("\nlogsumexp, float32\n  max-trick/sequential: "))
    #expect(outcome.output.contains(" = sum "), "\(outcome.output)")
    let row = try #require(try results(in: json).accuracy.first)
    let blame = try #require(row.worstScaled?.blame)
    #expect(row.worst?.blame == nil && blame.isOwn)
    #expect(blame.stages.map(\.stage).contains(.logarithm))
    let library = try sharedLibrary(
      of: OperationTests.plugin, named: "several", in: folder, flags: [])
    let outside = try await run(
      ["audit", "--operation", "logsumexp", "--blame", "--plugin", library] + cells)
    #expect(outside.output.contains("taken for max-trick/"), "\(outside.output) \(outside.notes)")
  }

  // MARK: search

  @Test("A search takes every operation", arguments: AuditedOperation.all)
  func search(_ operation: AuditedOperation) async throws {
    let json = folder.path("found.json")
    let outcome = try await run([
      "search", "--operation", operation.name, "--length", "4", "--budget", "64", "--format",
      "float32", "--implementation", "*/pairwise", "--threads", "1", "--json", json,
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    let found = try SearchJSON.decode(Data(contentsOf: URL(fileURLWithPath: json)), name: json)
    #expect(!found.searches.isEmpty)
    #expect(
      found.searches.allSatisfy { $0.operation == operation && $0.found != nil })
  }
}
