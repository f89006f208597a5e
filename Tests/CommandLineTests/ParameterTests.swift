import Foundation
import Testing

@testable import AuditRecords

/// Parameters that a person asks audits and checks for, and what results and reports make of them.
@Suite("Parameters of calls on the command line")
struct ParameterTests {
  private static let cell = ["--family", "normal-4", "--length", "5", "--format", "float32"]

  private func audit(_ words: String..., json: String) async throws -> AuditResults {
    let outcome = try await run(["audit"] + words + Self.cell + ["--json", json])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    return try JSONDecoder().decode(
      AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
  }

  @Test("Rows carry the modifiers that they were made with, and comparisons do not mix them")
  func modifiers() async throws {
    let folder = try TemporaryFolder()
    let (plain, scaled) = (folder.path("plain.json"), folder.path("scaled.json"))
    _ = try await audit("--implementation", "max-trick", json: plain)
    let results = try await audit(
      "--implementation", "max-trick", "--scale", "0.5", "--sink", "1", json: scaled)
    #expect(results.accuracy.map { $0.parameters?.text } == ["scale 0.5, sink 1.0"])
    let compared = try await run(["compare", plain, scaled])
    #expect(compared.status == 2, "\(compared.output)\(compared.notes)")
    #expect(compared.output.contains("scale 0.5, sink 1.0"), "\(compared.output)")
    #expect(compared.output.contains("vanished"), "\(compared.output)")
    let report = try await run(["report", scaled])
    #expect(report.output.contains("float32, scale 0.5, sink 1.0"), "\(report.output)")
  }

  @Test("A cross-entropy is audited with label smoothing, ignored targets and class weights")
  func loss() async throws {
    let folder = try TemporaryFolder()
    let weights = try folder.array("w.npy", [1, 0.5, 0, 2, 0.25], shape: [5])
    let json = folder.path("loss.json")
    let results = try await audit(
      "--operation", "cross-entropy", "--label-smoothing", "0.1", "--ignore-index", "2",
      "--class-weights", weights, json: json)
    let text = try #require(results.accuracy.first?.parameters?.text)
    #expect(text.hasPrefix("label smoothing 0.1, ignored target 2, class weights w.npy#"))
    let witness = try #require(results.accuracy.compactMap(\.worstScaled?.accompanying).first)
    #expect(witness.labelSmoothing == 0.1 && witness.ignoreIndex == 2)
    #expect(witness.classWeights == [1, 0.5, 0, 2, 0.25])
  }

  @Test("Laws of losses are checked with the parameters asked for")
  func check() async throws {
    let folder = try TemporaryFolder()
    let json = folder.path("laws.json")
    let outcome = try await run([
      "check", "--operation", "cross-entropy-vjp", "--law", "ignored-targets", "--law",
      "componentwise-error", "--ignore-index", "1", "--label-smoothing", "0.25", "--format",
      "float32", "--effort", "0.2", "--json", json,
    ])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    let results = try JSONDecoder().decode(
      AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
    #expect(
      results.properties.allSatisfy {
        $0.parameters?.text == "label smoothing 0.25, ignored target 1"
      })
  }

  @Test("A parameter that cannot be taken is a mistake, told in a sentence")
  func mistakes() async throws {
    let folder = try TemporaryFolder()
    let weights = try folder.array("w.npy", [1, 0.5, 0], shape: [3])
    let negative = try folder.array("n.npy", [1, -0.5, 0, 1, 1], shape: [5])
    let loss = ["audit", "--operation", "cross-entropy"] + Self.cell
    let cases: [(Int32, [String], String)] = [
      (
        64, ["audit", "--label-smoothing", "0.1"] + Self.cell,
        "softmax has no --label-smoothing"
      ),
      (
        64, ["audit", "--operation", "cross-entropy", "--scale", "2"],
        "cross-entropy has no --scale"
      ),
      (64, loss + ["--reduction", "mean"], "audit measures the loss of each lane"),
      (64, loss + ["--label-smoothing", "1.5"], "use a number from 0 to 1"),
      (64, loss + ["--label-smoothing", "nan"], "use a number from 0 to 1"),
      (65, loss + ["--class-weights", weights], "the weights of 5 classes have the shape [5]"),
      (65, loss + ["--class-weights", negative], "holds a weight that is negative"),
      (
        64, ["check", "--operation", "cross-entropy", "--class-weights", weights],
        "laws draw weights"
      ),
      (
        64, ["check", "--operation", "cross-entropy", "--reduction", "sum"],
        "check measures the loss of each lane"
      ),
      (64, ["check", "--ignore-index", "0"], "softmax has no --ignore-index"),
    ]
    for (status, words, sentence) in cases {
      let json = folder.path("never.json")
      let outcome = try await run(words + ["--json", json])
      #expect(outcome.status == status, "\(words): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(words): \(outcome.notes)")
      #expect(!FileManager.default.fileExists(atPath: json))
    }
  }
}
