import AuditedOperations
import Foundation
import Testing

@testable import AuditRecords

@Suite("Attention on the command line")
struct AttentionTests {
  /// Two queries and two keys of one head whose scores are all 0: means of the values that are
  /// seen, told by hand.
  private func inputs(_ folder: TemporaryFolder) throws -> [String] {
    let query = try folder.array("q.npy", [0, 0], shape: [2, 1])
    let key = try folder.array("k.npy", [1, -1], shape: [2, 1])
    let value = try folder.array("v.npy", [1, 3], shape: [2, 1])
    return [
      "--operation", "attention", "--input", "query=" + query, "--input", "key=" + key, "--input",
      "value=" + value,
    ]
  }

  @Test("Means by hand pass, with a causal mask too, and others fail")
  func byHand() async throws {
    let folder = try TemporaryFolder()
    let inputs = try inputs(folder)
    let mean = try folder.array("mean.npy", [2, 2], shape: [2, 1])
    let causal = try folder.array("causal.npy", [1, 2], shape: [2, 1])
    let json = folder.path("r.json")
    let cases = [
      (mean, [], Int32(0)), (causal, ["--mask", "causal"], 0), (causal, [], 1),
      (mean, ["--causal"], 1),
    ]
    for (file, modifiers, status) in cases {
      let outcome = try await run(
        ["verify"] + inputs + ["--output", "output=" + file, "--json", json] + modifiers)
      #expect(outcome.status == status, "\(file) \(modifiers): \(outcome.output)")
      let row = try #require(try results(in: json).accuracy.first)
      #expect(row.operation == .attention && row.outputRole == "output" && row.elements == 2)
      #expect((row.parameters?.causal == .bottomRight) == !modifiers.isEmpty)
    }
  }

  @Test("A reference passes, its logsumexp too, of heads in groups")
  func reference() async throws {
    let folder = try TemporaryFolder()
    func numbers(_ count: Int, _ step: Float) -> [Float] {
      (0..<count).map { (Float($0) * step).remainder(dividingBy: 2) }
    }
    let query = try folder.array("q.npy", numbers(24, 0.7), shape: [2, 3, 4])
    let key = try folder.array("k.npy", numbers(20, 0.3), shape: [1, 5, 4])
    let value = try folder.array("v.npy", numbers(10, 1.1), shape: [1, 5, 2])
    let words = [
      "--operation", "attention", "--input", "query=" + query, "--input", "key=" + key, "--input",
      "value=" + value, "--softcap", "2", "--sink", "0.5",
    ]
    let (output, logSumExp) = (folder.path("o.npy"), folder.path("l.npy"))
    let written = try await run(
      ["reference"] + words + ["--output", output, "--logsumexp-output", logSumExp])
    #expect(written.status == 0, "\(written.notes)")
    let json = folder.path("r.json")
    let verified = try await run(
      ["verify"] + words + [
        "--output", "output=" + output, "--output", "logsumexp=" + logSumExp, "--json", json,
      ])
    #expect(verified.status == 0, "\(verified.notes)")
    let rows = try results(in: json).accuracy
    #expect(rows.map(\.outputRole) == ["output", "logsumexp"])
    #expect(rows.map(\.elements) == [12, 6])
    #expect(rows.allSatisfy { $0.correctlyRounded?.value == 1 })
  }

  @Test("Shapes that do not fit and commands that do not know it are told in one sentence")
  func mistakes() async throws {
    let folder = try TemporaryFolder()
    let inputs = try inputs(folder)
    let long = try folder.array("long.npy", [2, 2, 2], shape: [3, 1])
    let unfit = try await run(["verify"] + inputs + ["--output", "output=" + long])
    #expect(unfit.status == 65 && unfit.notes.contains("the output has the shape [3, 1]"))
    for command in ["search", "exhaust", "infer"] {
      let refused = try await run([command, "--operation", "attention"])
      #expect(refused.status == 64, "\(command): \(refused.notes)")
      #expect(refused.notes.contains("attention"), "\(command): \(refused.notes)")
    }
  }
}
