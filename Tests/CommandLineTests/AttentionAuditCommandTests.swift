import AuditedOperations
import Foundation
import Testing

@testable import AuditRecords

/// Attentions that are measured on families of queries, keys and values.
@Suite("Attention in audit, gate and export")
struct AttentionAuditCommandTests {
  private static let plugin = "Tests/CommandLineTests/Plugins/attention_plugin.c"
  private static let few = [
    "--operation", "attention", "--format", "float32", "--family", "normal", "--family", "ties",
    "--length", "33",
  ]

  @Test("A sound plug-in has a row for the output and one for the logsumexp of each family")
  func sound() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "mine", in: folder)
    let json = folder.path("r.json")
    let outcome = try await run(["audit", "--plugin", library, "--json", json] + Self.few)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.notes)")
    let rows = try results(in: json).accuracy
    #expect(
      rows.map { "\($0.family) \($0.outputRole ?? "") \($0.length)" }.sorted() == [
        "normal logsumexp 33", "normal output 33", "ties logsumexp 33", "ties output 33",
      ])
    #expect(rows.allSatisfy { $0.lanes == 32 && $0.bound?.maxRatio != nil })
  }

  @Test("A plug-in that ignores sinks is flagged where there is one, and not where there is none")
  func faulty() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.plugin, named: "mine", in: folder, flags: ["-DFAULT_SINK"])
    #expect(try await run(["audit", "--plugin", library] + Self.few).status == 0)
    let outcome = try await run(["audit", "--plugin", library, "--sink", "2"] + Self.few)
    #expect(outcome.status == 1 && outcome.output.contains("sink 2.0"), "\(outcome.output)")
  }

  @Test("What attention does not have is refused, each with its name")
  func refused() async throws {
    for (words, text) in [
      (["--logits", "x.npy"], "--logits"), (["--blame"], "--blame"),
      (["--declare", "max-trick"], "--declare"), (["--consequences"], "--consequences"),
      (["--largest-logit", "10"], "--largest-logit"), (["--label-smoothing", "0.1"], "smoothing"),
    ] {
      let outcome = try await run(["audit", "--operation", "attention"] + words)
      #expect(outcome.status != 0 && outcome.status != 1, "\(words)")
      #expect(outcome.notes.contains(text), "\(words): \(outcome.notes)")
    }
    let unknown = try await run(["audit", "--operation", "attention", "--family", "dust"])
    #expect(unknown.status == 64 && unknown.notes.contains("there is no family \"dust\""))
  }

  @Test("A rule of a gate is about attention where it says so, with modifiers too")
  func gate() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.plugin, named: "mine", in: folder, flags: ["-DFAULT_SINK"])
    let rule = """
        - operation: attention
          implementation: mine
          format: float32
          family: [normal, ties]
          length: [33]
          max-ulp: bound
          reason: any sound kernel keeps it

      """
    func policy(_ more: String = "") -> String {
      "schema: softmax-audit/policy/1\nrules:\n"
        + rule.replacingOccurrences(of: "    max-ulp", with: "\(more)    max-ulp")
    }
    let (plain, sunk) = (folder.path("plain.yaml"), folder.path("sunk.yaml"))
    try policy().write(toFile: plain, atomically: true, encoding: .utf8)
    try policy("    sink: 2\n").write(toFile: sunk, atomically: true, encoding: .utf8)
    let subject = ["--operation", "attention", "--plugin", "mine=\(library)"]
    let passed = try await run(["gate", "--policy", plain] + subject)
    #expect(passed.status == 0, "\(passed.output) \(passed.notes)")
    let failed = try await run(["gate", "--policy", sunk] + subject)
    #expect(failed.status == 1, "\(failed.output) \(failed.notes)")
  }

  @Test("What is exported comes back, and is measured by what it was exported with")
  func export() async throws {
    let folder = try TemporaryFolder()
    let (inputs, outputs) = (folder.path("in"), folder.path("out"))
    try FileManager.default.createDirectory(atPath: outputs, withIntermediateDirectories: true)
    let exported = try await run(["export", inputs, "--sink", "1"] + Self.few)
    #expect(exported.status == 0, "\(exported.notes)")
    for (family, sink) in [("normal", "1"), ("ties", "0")] {
      let files = ["query", "key", "value"].flatMap {
        ["--input", "\($0)=\(inputs)/float32-\(family)-33.\($0).npy"]
      }
      let computed = try await run(
        [
          "reference", "--operation", "attention", "--sink", sink, "--output",
          "\(outputs)/float32-\(family)-33.output.npy", "--logsumexp-output",
          "\(outputs)/float32-\(family)-33.logsumexp.npy",
        ] + files)
      #expect(computed.status == 0, "\(computed.notes)")
    }
    let json = folder.path("r.json")
    let outcome = try await run([
      "verify", "--operation", "attention", "--inputs", inputs, "--outputs", outputs, "--json",
      json,
    ])
    // The outputs of `ties` were computed with another sink.
    #expect(outcome.status == 1, "\(outcome.output) \(outcome.notes)")
    let rows = try results(in: json).accuracy
    #expect(rows.count == 4)
    for row in rows {
      #expect(row.exceedsBound == (row.family == "ties"), "\(row.family)")
      #expect(row.parameters?.text == "sink 1.0")
    }
  }
}
