import Foundation
import Testing

@testable import AuditRecords

@Suite("The same figures")
struct ReproductionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "Come on one thread and on two, broken laws with their witnesses included",
    arguments: [
      "audit --implementation online/* --implementation naive --format float16 --length 5 "
        + "--length 33 --samples 2 --seed 7",
      "check --implementation naive --format float16 --law overflow --law range --law axis "
        + "--effort 0.1",
      "search --implementation online --format float32 --length 5 --budget 3000",
      "exhaust --implementation max-trick --implementation naive --format float16 "
        + "--domain tuples --length 2 --limit 12 --step 0.25",
    ])
  func threads(command: String) async throws {
    var texts: [String] = []
    var statuses: [Int32] = []
    for threads in [1, 2] {
      let path = folder.path("\(threads).json")
      let outcome = try await run("\(command) --threads \(threads) --quiet --json \(path)")
      statuses.append(outcome.status)
      texts.append(try figures(in: path))
      // The threads are counted as asked, and the figures compared without their number.
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains(try Regex("\"threads\" ?: ?\(threads)\\b")))
    }
    #expect(Set(statuses).count == 1 && statuses[0] <= 1)
    #expect(texts[0].count > 500)
    #expect(texts[0] == texts[1])
  }

  @Test("Come from the filters and from MPFR alone, as far as they are certified")
  func tiers() async throws {
    func certified(_ tier: String) async throws -> String {
      let path = folder.path("\(tier).json")
      let outcome = try await run(
        "audit --implementation max-trick --implementation naive --format float16 "
          + "--format float32 --length 8 --length 33 --samples 2 --oracle \(tier) --quiet "
          + "--json \(path)")
      #expect(outcome.status == 0)
      #expect(try results(in: path).oracle.tier == tier)
      return try figures(in: path)
        .replacing(
          /"(meanUlp|rmsUlp|meanSignedUlp|meanScaled|meanTotalVariation|oracleFallbacks)":[^,}]*,?/,
          with: ""
        )
        .replacing(/"tier":"[a-z]*"/, with: "")
    }
    let (filtered, exact) = (try await certified("filtered"), try await certified("mpfr"))
    #expect(filtered.contains("\"maxUlp\"") && filtered.count > 10_000)
    #expect(filtered == exact)
  }

  /// A policy with a budget and a law, of which the first is kept or not.
  private func policy(budget: String) throws -> String {
    let text = """
      schema: softmax-audit/policy/1
      samples: 2
      rules:
        - implementation: max-trick
          format: float32
          family: dust
          length: [2, 17]
          max-ulp: \(budget)
          reason: the first one
        - implementation: naive
          format: float16
          effort: 0.1
          laws: [overflow]
          reason: nobody can promise that
      """
    return try folder.file("policy.yaml", Data(text.utf8))
  }

  @Test("Are judged by a policy as they were when they were measured, to the byte")
  func judgedAgain() async throws {
    let policy = try policy(budget: "bound")
    let (first, second) = (folder.path("first.json"), folder.path("second.json"))
    let measured = try await run("gate --policy \(policy) --json \(first)")
    let judged = try await run("gate --policy \(policy) --results \(first) --json \(second)")
    #expect(measured.status == 1 && judged.status == 1)
    #expect(judged.output == measured.output)
    #expect(
      try String(contentsOfFile: first, encoding: .utf8)
        == String(contentsOfFile: second, encoding: .utf8))
  }

  @Test("Make a gate red in every form, with as many failures in each")
  func redGate() async throws {
    let forms = ["json", "junit", "sarif", "markdown"]
    let paths = forms.map { folder.path("red.\($0)") }
    let summary = folder.path("summary.md")
    let outcome = try await run(
      ["gate", "--policy", policy(budget: "0.25"), "--quiet"]
        + zip(forms, paths).flatMap { ["--\($0)", $1] },
      environment: ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary])
    #expect(outcome.status == 1)
    let gate = try #require(try results(in: paths[0]).gate)
    #expect(gate.verdict == .failed)
    let failures = gate.judgements.count(where: \.isFailure)
    #expect(failures == 2)
    #expect(outcome.lines.count(where: { $0.hasPrefix("::error file=") }) == failures)
    let texts = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
    #expect(texts[1].components(separatedBy: "<failure ").count - 1 == failures)
    #expect(texts[1].contains("failures=\"\(failures)\""))
    let sarif = try JSONSerialization.jsonObject(with: Data(texts[2].utf8)) as? [String: Any]
    let runs = sarif?["runs"] as? [[String: Any]]
    #expect((runs?.first?["results"] as? [Any])?.count == failures)
    #expect(texts[3].hasPrefix("## softmax-audit gate: failed\n"))
    #expect(try String(contentsOfFile: summary, encoding: .utf8) == texts[3])
  }
}
