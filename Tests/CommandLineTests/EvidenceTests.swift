import AuditRecords
import Foundation
import Testing

@Suite("Evidence that commands write")
struct EvidenceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func evidence(_ path: String) throws -> EvidenceDocument {
    try JSONDecoder().decode(
      EvidenceDocument.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private let audit =
    "audit --implementation max-trick --format float32 --family normal-4 --length 100 --samples 2"

  @Test("An audit and the report of its results write the same evidence")
  func auditAndReport() async throws {
    let (json, first, second) = (
      folder.path("results.json"), folder.path("first.json"), folder.path("second.json")
    )
    let outcome = try await run("\(audit) --json \(json) --evidence \(first)")
    #expect(outcome.status == 0 && outcome.notes == "")
    #expect(try await run("report \(json) --evidence \(second)").status == 0)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: first))
        == Data(contentsOf: URL(fileURLWithPath: second)))
    let document = try evidence(first)
    #expect(document.maxima.map(\.figure) == [.maxUlp, .maxRatio])
    #expect(document.lanes.allSatisfy { $0.logits.count == 100 })
  }

  @Test("It goes to standard output, and what is printed there to standard error")
  func standardOutput() async throws {
    let outcome = try await run("\(audit) --quiet --evidence -")
    #expect(outcome.status == 0)
    let document = try JSONDecoder().decode(
      EvidenceDocument.self, from: Data(outcome.output.utf8))
    #expect(document.maxima.count == 2)
  }

  @Test("The lanes of saved tensors are read again")
  func verify() async throws {
    let (inputs, path) = (folder.path("inputs"), folder.path("evidence.json"))
    try await run("export \(inputs) --length 100 --samples 2 --format float32 --family normal-4")
    let files = try FileManager.default.contentsOfDirectory(atPath: inputs)
    let logits = try #require(files.first { $0.hasSuffix(".npy") })
    // Nobody computed anything here: logits are no probabilities, and mostly mismatches.
    let file = "\(inputs)/\(logits)"
    let outcome = try await run(
      "verify --logits \(file) --probabilities \(file) --quiet --evidence \(path)")
    #expect(outcome.status == 1)
    let document = try evidence(path)
    #expect(document.withoutEvidence.isEmpty)
    #expect(document.maxima.contains { $0.comparison?.verdict == .failed })
    #expect(document.lanes.allSatisfy { $0.logits.count == 100 })
  }

  @Test("Certificates have evidence, when they are made and afterwards")
  func certificates() async throws {
    let (json, first, second) = (
      folder.path("certificates.json"), folder.path("first.json"), folder.path("second.json")
    )
    let exhaust =
      "exhaust --implementation max-trick --format float16 --domain tuples --length 2 --limit 8 --step 0.25"
    let outcome = try await run("\(exhaust) --json \(json) --evidence \(first)")
    #expect(outcome.status == 0)
    let report = try await run("report \(json) --evidence \(second)")
    #expect(report.status == 0 && report.output == outcome.output)
    #expect(try evidence(first) == evidence(second))
    #expect(try evidence(first).maxima.map(\.figure) == [.maxUlp, .maxUlpSubnormal])
    #expect(try await run("report \(json) --as html").status == 64)
  }

  @Test("A search writes that of what it has found")
  func search() async throws {
    let path = folder.path("evidence.json")
    let outcome = try await run(
      "search --implementation max-trick --format float32 --length 17 --budget 20000 --quiet --evidence \(path)"
    )
    #expect(outcome.status == 0)
    let maximum = try #require(evidence(path).maxima.first)
    #expect(maximum.figure == .maxUlp && maximum.length == 17)
    #expect(try evidence(path).withoutEvidence.isEmpty)
  }

  @Test("A gate writes that of its rows")
  func gate() async throws {
    let path = folder.path("evidence.json")
    let policy = try folder.file(
      "policy.yaml",
      Data(
        """
        schema: softmax-audit/policy/1
        samples: 2
        rules:
          - implementation: max-trick
            format: float32
            family: normal-4
            length: 100
            max-ulp: bound
            reason: the theorem of the algorithm
        """.utf8))
    #expect(try await run("gate --policy \(policy) --quiet --evidence \(path)").status == 0)
    #expect(try evidence(path).maxima.map(\.figure) == [.maxUlp, .maxRatio])
  }

  @Test("It is of one file of results, and has a place of its own")
  func refusals() async throws {
    let json = folder.path("results.json")
    try await run("\(audit) --quiet --json \(json)")
    #expect(try await run("report \(json) \(json) --evidence \(folder.path("e"))").status == 64)
    #expect(try await run("\(audit) --json \(json) --evidence \(json)").status == 64)
    #expect(try await run("report \(json) --evidence \(json)").status == 64)
  }
}
