import Foundation
import Testing

@testable import AuditRecords

/// Tolerances in use, and the user's own, beside outputs of other operations than softmax.
@Suite("Would other operations pass elsewhere")
struct ElsewhereOperationTests {
  /// The outputs, of which the first is off by about 9.7e-4, or each by 1e-3, of itself.
  @Test(
    "An output is accepted by how far it is off, whatever its sign",
    arguments: [
      ("log-softmax", "log-probabilities", [-0.408, -1.4076, -2.4076] as [Float], UInt64(1)),
      ("logsumexp", "logsumexp", [0.408], 1),
      ("softmax-vjp", "gradient", [0.5005, -0.5005], 2),
    ])
  func own(operation: String, role: String, outputs: [Float], beyond: UInt64) async throws {
    let folder = try TemporaryFolder()
    let isGradient = operation == "softmax-vjp"
    let logits = try folder.array(
      "x.npy", isGradient ? [0, 0] : [0, -1, -2], shape: [1, isGradient ? 2 : 3])
    let upstream = try folder.array("g.npy", [1, -1], shape: [1, 2])
    let computed = try folder.array("y.npy", outputs, shape: [1, outputs.count])
    for (rtol, rejected) in [("1.1e-3", UInt64(0)), ("9e-4", beyond)] {
      let json = folder.path("results-\(rtol).json")
      let outcome = try await run(
        [
          "verify", "--operation", operation, "--logits", logits, "--output",
          "\(role)=\(computed)", "--elsewhere", "--rtol", rtol, "--json", json,
        ] + (isGradient ? ["--input", "upstream=\(upstream)"] : []))
      #expect(outcome.status == 1, "\(outcome.output)\(outcome.notes)")
      let results = try JSONDecoder().decode(
        AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
      let counts = try #require(results.accuracy.first?.elsewhere)
      let own = try #require(counts.first { $0.tolerance.hasPrefix("your own") })
      #expect(own.judged == UInt64(outputs.count))
      #expect(own.rejected == rejected && own.undecided == 0, "\(rtol): \(own)")
      // The tests of softmax alone are left out.
      #expect(!counts.contains { $0.tolerance.hasPrefix("oneDNN") || $0.tolerance == "WebNN" })
      #expect(counts.contains { $0.tolerance == "torch.testing.assert_close" })
    }
  }

  @Test("Modified probabilities are judged beside their own exact values")
  func modified() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 2, 3, 4], shape: [1, 4])
    let golden = folder.path("golden.npy")
    let modifiers = ["--scale", "0.5", "--sink", "1.5", "--softcap", "3"]
    let made = try await run(["reference", "--logits", logits, "--output", golden] + modifiers)
    #expect(made.status == 0, "\(made.notes)")
    for (options, accepts) in [(modifiers, true), ([], false)] {
      let json = folder.path("results.json")
      _ = try await run(
        ["verify", "--logits", logits, "--probabilities", golden, "--elsewhere", "--json", json]
          + options)
      let results = try JSONDecoder().decode(
        AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
      let counts = try #require(results.accuracy.first?.elsewhere)
      #expect(counts.allSatisfy { ($0.rejected == 0) == accepts && $0.undecided == 0 })
    }
  }
}
