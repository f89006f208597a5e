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

  @Test("A rule of a policy is about calls with its parameters, and no others")
  func policies() async throws {
    let folder = try TemporaryFolder()
    let json = folder.path("gate.json")
    let policy = try folder.file(
      "policy.yaml",
      Data(
        """
        schema: softmax-audit/policy/1
        samples: 2
        rules:
          - implementation: max-trick
            format: float32
            length: 17
            family: normal-4
            scale: 0.5
            sink: 1
            max-ulp: bound
            reason: scaled, with a sink
          - implementation: max-trick
            format: float32
            softcap: 30
            laws: [modified-error]
            reason: capped
        """.utf8))
    let outcome = try await run(["gate", "--policy", policy, "--json", json])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    let results = try JSONDecoder().decode(
      AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
    #expect(results.accuracy.map { $0.parameters?.text } == ["scale 0.5, sink 1.0"])
    #expect(results.properties.map { $0.parameters?.text } == ["soft cap 30.0"])
    let judged = try #require(results.gate).judgements.map { $0.parameters?.text }
    #expect(Set(judged) == ["scale 0.5, sink 1.0", "soft cap 30.0"])
    // Rows of usual calls are none of those that it asks for.
    let plain = folder.path("plain.json")
    _ = try await audit("--implementation", "max-trick", json: plain)
    let unjudged = try await run(["gate", "--policy", policy, "--results", plain])
    #expect(unjudged.status == 2 || unjudged.status == 65, "\(unjudged.output)\(unjudged.notes)")
  }

  @Test("A policy with parameters that nothing takes is malformed, with the place")
  func policyMistakes() async throws {
    let folder = try TemporaryFolder()
    let cases = [
      ("operation: cross-entropy\n    scale: 2", "takes scale"),
      ("scale: .nan", "a finite number is expected"), ("softcap: 0", "above 0 is expected"),
      ("mask: nowhere.npy", "nowhere.npy"), ("causal-alignment: top-left", "belongs to"),
      ("mask: causal\n    laws: required", "laws contradicts mask"),
      ("label-smoothing: 2", "from 0 to 1 is expected"),
    ]
    for (number, (keys, sentence)) in cases.enumerated() {
      let policy = try folder.file(
        "policy-\(number).yaml",
        Data(
          "schema: softmax-audit/policy/1\nrules:\n  - \(keys)\n    max-ulp: 4\n    reason: x\n"
            .utf8))
      let outcome = try await run(["gate", "--policy", policy])
      #expect(outcome.status == 65, "\(keys): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(keys): \(outcome.notes)")
    }
  }

  @Test("An export has its parameters in the manifest, and what comes back is verified with them")
  func export() async throws {
    let folder = try TemporaryFolder()
    let inputs = folder.path("inputs")
    let mask = try folder.array("m.npy", [0, -.infinity, 0, 0.5, 0], shape: [5])
    let modifiers = ["--scale", "0.5", "--mask", mask, "--sink", "1"]
    let written = try await run(
      ["export", inputs, "--format", "float32", "--family", "normal-4", "--length", "5"]
        + modifiers)
    #expect(written.status == 0, "\(written.notes)")
    #expect(FileManager.default.fileExists(atPath: inputs + "/float32.mask.npy"))
    // The outputs of somebody who took the modifiers, and of one who did not.
    for (name, options, status) in [("right", modifiers, Int32(0)), ("plain", [], 1)] {
      let outputs = folder.path(name)
      try FileManager.default.createDirectory(atPath: outputs, withIntermediateDirectories: true)
      let made = try await run(
        [
          "reference", "--logits", inputs + "/float32-normal-4-5.npy", "--output",
          outputs + "/float32-normal-4-5.npy",
        ] + options)
      #expect(made.status == 0, "\(made.notes)")
      let json = folder.path(name + ".json")
      let outcome = try await run([
        "verify", "--inputs", inputs, "--outputs", outputs, "--json", json,
      ])
      #expect(outcome.status == status, "\(name): \(outcome.output)\(outcome.notes)")
      let results = try JSONDecoder().decode(
        AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
      let text = try #require(results.accuracy.first?.parameters?.text)
      #expect(text.hasPrefix("scale 0.5, mask float32.mask.npy#") && text.hasSuffix("sink 1.0"))
    }
    let unfit = try await run(
      [
        "export", folder.path("none"), "--format", "float32", "--length", "4", "--family",
        "normal-4",
      ]
        + modifiers)
    #expect(unfit.status == 65, "\(unfit.notes)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("none")))
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
