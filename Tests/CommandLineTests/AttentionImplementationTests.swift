import AuditedOperations
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

/// Attentions that are asked the laws: built in, plug-ins, and Python callables.
@Suite("Attention on the command line, asked the laws")
struct AttentionImplementationTests {
  private static let plugin = "Tests/CommandLineTests/Plugins/attention_plugin.c"
  private static let few = ["--operation", "attention", "--format", "float32", "--effort", "0.1"]

  @Test("A built-in one keeps them, and list shows it")
  func builtIn() async throws {
    let outcome = try await run(["check", "--implementation", "attention/split-2"] + Self.few)
    #expect(outcome.status == 0, "\(outcome.output)")
    let listed = try await run(["list", "--operation", "attention"])
    #expect(listed.output.contains("attention/online-64/exp2/p-bfloat16"))
    let laws = try await run(["list", "--operation", "attention", "--laws"])
    #expect(laws.output.contains("query-alone"))
  }

  @Test("Commands that do not know attention say so", arguments: ["search", "infer"])
  func refused(command: String) async throws {
    let outcome = try await run([command, "--operation", "attention"])
    #expect(outcome.status == 64 && outcome.notes.contains("attention: "))
  }

  @Test("A plug-in keeps them, isolated and in process; its logsumexp is judged")
  func plugin() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "mine", in: folder)
    for option in [["--time-limit", "20"], ["--in-process"]] {
      let json = folder.path("r.json")
      let outcome = try await run(
        ["check", "--plugin", library, "--json", json] + option + Self.few)
      #expect(outcome.status == 0, "\(outcome.output) \(outcome.notes)")
      let rows = try results(in: json).properties
      #expect(rows.contains { $0.law == "attention-logsumexp" && $0.cases > 5 })
      #expect(rows.allSatisfy { $0.implementation == "attention" && $0.verdict == .passed })
    }
  }

  @Test("A plug-in that ignores sinks, crashes or writes to its keys is found; a witness replays")
  func faulty() async throws {
    let folder = try TemporaryFolder()
    for (fault, words) in [("SINK", "without the sink"), ("CRASH", "crash"), ("WRITE", "crash")] {
      let library = try sharedLibrary(
        of: Self.plugin, named: fault, in: folder, flags: ["-DFAULT_\(fault)"])
      let outcome = try await run(["check", "--plugin", library] + Self.few)
      #expect(outcome.status == 1 && outcome.output.contains(words), "\(fault): \(outcome.output)")
      guard fault == "SINK" else { continue }
      let line = try #require(outcome.lines.first { $0.contains("replay: softmax-audit ") })
      let words = line.split(separator: " ").dropFirst(2).map(String.init)
      #expect(try await run(words).status == 1, "\(words)")
    }
  }

  @Test("What a plug-in does not offer is no finding")
  func notOffered() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.plugin, named: "mine", in: folder, flags: ["-DFAULT_NOT_OFFERED"])
    let outcome = try await run(["check", "--plugin", library] + Self.few)
    #expect(outcome.status == 0, "\(outcome.output)")
  }
}

@Suite(
  "Attention of Python callables",
  .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"))
struct AttentionCallableTests {
  private static let module = """
    import numpy

    def good(query, key, value, scale=None, causal=False, causal_alignment="top-left", mask=None, softcap=None, sink=None):
        q, k, v = (part.astype(float) for part in (query, key, value))
        group = q.shape[1] // k.shape[1]
        k, v = numpy.repeat(k, group, 1), numpy.repeat(v, group, 1)
        z = numpy.einsum("bhqd,bhkd->bhqk", q, numpy.nan_to_num(k, posinf=0, neginf=0))
        z = z * (scale if scale is not None else q.shape[-1] ** -0.5)
        if softcap is not None:
            z = softcap * numpy.tanh(z / softcap)
        if mask is not None:
            z = z + mask.astype(float)
        if causal:
            reach = 0 if causal_alignment == "top-left" else z.shape[3] - z.shape[2]
            rows, columns = numpy.indices(z.shape[2:])
            z = numpy.where(columns <= rows + reach, z, -numpy.inf)
        hidden = numpy.isneginf(z)
        sinks = -numpy.inf if sink is None else sink.astype(float)[None, :, None, None]
        with numpy.errstate(all="ignore"):
            top = numpy.maximum(z.max(-1, keepdims=True), sinks)
            p = numpy.where(hidden, 0, numpy.exp(z - top))
            s = p.sum(-1, keepdims=True) + numpy.exp(sinks - top)
            terms = numpy.where(p[..., None] == 0, 0, p[..., None] * v[:, :, None])
            output = terms.sum(3) / s
            logsumexp = (top + numpy.log(s))[..., 0]
        return output.astype(query.dtype), logsumexp.astype("float32")

    def no_cap(query, key, value, scale=None):
        return good(query, key, value, scale)[0]

    def no_scale(query, key, value, scale=None):
        return good(query, key, value, scale=1.0)[0]
    """

  @Test("One that takes everything keeps the laws, and so does one that takes a scale alone")
  func kept() async throws {
    let python = try #require(libraryPython)
    let folder = try TemporaryFolder()
    let file = try folder.file("mine.py", Data(Self.module.utf8))
    for name in ["good", "no_cap"] {
      let outcome = try await run(
        [
          "check", "--operation", "attention", "--python", "\(file):\(name)", "--python-executable",
          python, "--format", "float32", "--effort", "0.1",
        ])
      #expect(outcome.status == 0, "\(name): \(outcome.output) \(outcome.notes)")
    }
  }

  @Test("Recipes in NumPy are libraries: one without a maximum is found where scores are large")
  func libraries() async throws {
    let python = try #require(libraryPython)
    for (name, family, status) in [
      ("numpy:max-trick", "high", 0), ("numpy:naive", "normal", 0), ("numpy:naive", "high", 1),
    ] {
      let outcome = try await run([
        "audit", "--operation", "attention", "--library", name, "--python-executable", python,
        "--format", "float32", "--family", family, "--length", "17",
      ])
      #expect(
        outcome.status == Int32(status), "\(name) \(family): \(outcome.output) \(outcome.notes)")
    }
  }

  @Test("A scale that is ignored is found")
  func ignored() async throws {
    let python = try #require(libraryPython)
    let folder = try TemporaryFolder()
    let file = try folder.file("mine.py", Data(Self.module.utf8))
    let outcome = try await run(
      [
        "check", "--operation", "attention", "--python", "\(file):no_scale", "--python-executable",
        python, "--format", "float32", "--effort", "0.2",
      ])
    #expect(outcome.status == 1 && outcome.output.contains("attention-error"), "\(outcome.output)")
  }
}
