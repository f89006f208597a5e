import Foundation
import Testing

@Suite("The infer command")
struct InferTests {
  private let cells = "--family dust --family normal-4 --length 17 --length 4096"

  @Test("It says what a softmax behaves like, and offers budgets")
  func behaves() async throws {
    let folder = try TemporaryFolder()
    let (json, policy) = (folder.path("found.json"), folder.path("policy.yaml"))
    let outcome = try await run(
      "infer --implementation max-trick/lanes-8 --format float32 \(cells) --json \(json) --policy \(policy)"
    )
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("behaves like float32 max-trick with 8-lane summation"))
    #expect(outcome.output.contains("--declare max-trick/lanes-8"))
    for line in outcome.lines { #expect(line.count <= 80, "\(line)") }
    #expect(try String(contentsOfFile: json, encoding: .utf8).contains("\"order\" : \"lanes-8\""))
    let rules = try String(contentsOfFile: policy, encoding: .utf8)
    #expect(rules.hasPrefix("schema: softmax-audit/policy/1\nrules:\n"))
    #expect(rules.contains("    length: \"<=4096\"\n"))
  }

  @Test("The policy asks for no other logits than the inference did")
  func largestLogit() async throws {
    let folder = try TemporaryFolder()
    let policy = folder.path("policy.yaml")
    try await run(
      "infer --implementation max-trick/sequential --format float32 --family normal-4 --length 17 --largest-logit 100 --quiet --policy \(policy)"
    )
    let rules = try String(contentsOfFile: policy, encoding: .utf8)
    #expect(rules.contains("    largest-logit: 100.0\n"), "\(rules)")
  }

  @Test("What fits no sound model is exit status 1")
  func unsound() async throws {
    let outcome = try await run(
      "infer --implementation max-trick/sequential --format float16 \(cells)")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("fits no sound model: "))
  }

  @Test("Mistakes are named before anything runs")
  func mistakes() async throws {
    #expect(try await run("infer --implementation nosuch").status == 64)
    #expect(try await run("infer --threads 0").status == 64)
    #expect(
      try await run("infer --implementation naive --json /nonexistent/x.json").status == 73)
  }
}
