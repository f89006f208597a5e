import AuditedOperations
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

/// Whether that Python has onnxruntime and onnx.
private let hasOnnx: Bool = {
  guard let libraryPython else { return false }
  let folder = URL(fileURLWithPath: libraryPython).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("lib").path
  let manager = FileManager.default
  return ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).contains { version in
    ["onnx", "onnxruntime"].allSatisfy {
      manager.fileExists(atPath: "\(folder)/\(version)/site-packages/\($0)")
    }
  }
}()

@Suite("Operations on the command line")
struct OperationTests {
  static let plugin = "Tests/CommandLineTests/Plugins/operations_plugin.c"
  /// Two lengths by two families.
  static let few = [
    "--length", "8", "--length", "129", "--family", "normal-4", "--family", "dust", "--samples",
    "3", "--threads", "1",
  ]

  private func library(in folder: TemporaryFolder, flags: [String] = []) throws -> String {
    try sharedLibrary(of: Self.plugin, named: "several", in: folder, flags: flags)
  }

  // MARK: Built-in variants

  @Test(
    "The built-in variants of an operation keep their bounds, and their rows name the operation",
    arguments: ["log-softmax", "logsumexp"])
  func builtIn(_ operation: String) async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("results.json")
    let outcome = try await run(
      ["audit", "--operation", operation, "--implementation", "max-trick", "--json", file]
        + Self.few)
    #expect(outcome.status == 0, "\(outcome.notes)")
    let rows = try results(in: file).accuracy
    #expect(rows.count == 16 && rows.allSatisfy { $0.operation.name == operation })
    #expect(rows.allSatisfy { $0.bound?.model == "max-trick/sequential" })
    // One number for a lane, or one for each of its logits.
    let numbers = operation == "logsumexp" ? 3 : 3 * 129
    #expect(
      rows.filter { $0.length == 129 }.allSatisfy { $0.elements == UInt64(numbers) })
  }

  @Test("A model is one of the operation")
  func models() async throws {
    let command = ["audit", "--implementation", "max-trick", "--format", "float32"] + Self.few
    let operation = ["--operation", "logsumexp"]
    for declared in ["max-trick", "logsumexp-shifted/sequential"] {
      let outcome = try await run(command + operation + ["--declare", declared])
      #expect(outcome.status == 0, "\(outcome.notes)")
    }
    let outcome = try await run(command + operation + ["--declare", "two-pass"])
    outcome.expectRefusal(
      64,
      "there is no model \"two-pass\" of logsumexp; a model is the name of a built-in variant, which 'softmax-audit list --operation logsumexp' shows"
    )
    let unknown = try await run(
      ["audit", "--operation", "logsumexp", "--implementation", "two-pass"])
    unknown.expectRefusal(
      64,
      "there is no implementation \"two-pass\" of logsumexp; 'softmax-audit list --operation logsumexp' shows those there are"
    )
  }

  @Test(
    "What makes no sense of an operation is refused with the reason and with what to do in its place",
    arguments: [
      (
        "exhaust --implementation recomputed --format float16 --operation softmax-vjp",
        "exhaust tries all logits of a domain, and this one takes upstream, which no domain has; search --operation softmax-vjp hunts for its worst lane"
      ),
      (
        "exhaust --implementation outer --format float16 --operation softmax-jacobian",
        "exhaust certifies one output for each logit or lane, and a lane of this one has n x n; search --operation softmax-jacobian hunts for its worst lane"
      ),
      (
        "infer --operation cross-entropy",
        "infer fits models of an exponential, a sum and a quotient or logarithm, which leave out what this one computes besides; audit --operation cross-entropy judges it by its own tolerance"
      ),
      (
        "audit --blame --operation log-softmax-vjp",
        "--blame follows the stages from logits to one quotient or logarithm, and this one has others; audit without it shows the worst witness"
      ),
      (
        "list --models --operation logsumexp",
        "list --models shows combinations of steps, and only those of softmax have names; list --operation logsumexp shows its variants, which are its models"
      ),
      (
        "self-test --elsewhere --operation cross-entropy",
        "self-test --elsewhere tries tolerances on faulty softmaxes; audit --operation cross-entropy --elsewhere judges by those that fit"
      ),
    ])
  func refusals(_ command: String, _ words: String) async throws {
    let operation = try #require(command.split(separator: " ").last)
    try await run(command).expectRefusal(64, "--operation \(operation): \(words)")
  }

  @Test("An operation that does not exist is a usage error that names those there are")
  func unknownOperation() async throws {
    let unknown = try await run("audit --operation logsoftmax")
    #expect(unknown.status == 64)
    for name in ["log-softmax", "cross-entropy", "softmax-jacobian"] {
      #expect(unknown.notes.contains(name), "\(unknown.notes)")
    }
  }

  @Test("The operations are listed, and the variants of one")
  func list() async throws {
    let operations = try await run("list --operations")
    #expect(
      operations.lines.map { $0.split(separator: " ").first ?? "" }.suffix(9) == [
        "softmax", "log-softmax", "logsumexp", "cross-entropy", "softmax-vjp", "softmax-backward",
        "log-softmax-vjp", "cross-entropy-vjp", "softmax-jacobian",
      ])
    let variants = try await run("list --operation logsumexp")
    #expect(variants.output.contains("  max-trick/pairwise/float32     float16 bfloat16\n"))
    #expect(variants.output.contains("  log1p/lanes-8 ") && !variants.output.contains("two-pass/"))
    let laws = try await run("list --operation logsumexp --laws")
    #expect(laws.output.hasPrefix("Laws that every logsumexp must keep\n"))
    #expect(laws.output.contains("  shift-adds ") && !laws.output.contains("sum-to-one"))
  }

  @Test("An export for another operation names the roles of its files")
  func export() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await run([
      "export", folder.url.path, "--operation", "logsumexp", "--family", "normal-4", "--length",
      "8", "--format", "float32", "--samples", "2",
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(
      try folder.contents == ["float32-normal-4-8.logits.npy", "manifest.json"])
    let manifest = try String(contentsOfFile: folder.path("manifest.json"), encoding: .utf8)
    #expect(manifest.contains("\"operation\" : \"logsumexp\""))

    // Outputs come back under the name of their own role, with the axis kept or dropped.
    let returned = try TemporaryFolder()
    let output = returned.path("float32-normal-4-8.logsumexp.npy")
    try await run([
      "reference", "--operation", "logsumexp", "--logits",
      folder.path("float32-normal-4-8.logits.npy"), "--output", output,
    ])
    let verify = ["verify", "--inputs", folder.url.path, "--outputs", returned.url.path]
    let file = folder.path("results.json")
    let good = try await run(verify + ["--operation", "logsumexp", "--json", file])
    #expect(good.status == 0, "\(good.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.operation == .logSumExp && row.elements == 2 && row.mismatches == 0)
    let unnamed = try await run(verify)
    unnamed.expectRefusal(
      64,
      "\(folder.url.path) was exported for logsumexp; ask for it with --operation logsumexp")
  }

  // MARK: Plug-ins

  @Test(
    "One library exports several operations, and the option picks one, isolated and in process",
    arguments: ["log-softmax", "logsumexp"])
  func plugins(_ operation: String) async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    let file = folder.path("results.json")
    var figures: [String] = []
    for place in [[], ["--in-process"]] {
      let outcome = try await run(
        ["audit", "--operation", operation, "--plugin", library, "--json", file] + place
          + Self.few)
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(outcome.notes.contains("float32 to float64") == (operation == "logsumexp"))
      #expect(!outcome.notes.contains("--operation"))
      let rows = try results(in: file).accuracy
      #expect(rows.count == 4 && rows.allSatisfy { $0.operation.name == operation })
      // Rounded once from float64.
      #expect(rows.allSatisfy { $0.mismatches == 0 && ($0.maxUlp?.value ?? 1) <= 0.5001 })
      figures.append("\(rows.map { [$0.maxUlp, $0.meanUlp, $0.bound?.maxRatio] })")
    }
    #expect(figures[0] == figures[1])
  }

  @Test("Faults of another operation are found as those of softmax are")
  func faults() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    for (operation, prefix, family, words) in [
      ("log-softmax", "rounded", "uniform-100", "failed: own of log-softmax in float32"),
      ("logsumexp", "naive", "uniform-100", "failed: own of logsumexp in float32"),
      ("logsumexp", "wide", "normal-4", "beyond the end of"),
    ] {
      let outcome = try await run([
        "audit", "--operation", operation, "--plugin", "own=\(library):\(prefix)", "--family",
        family,
        "--length", "8", "--samples", "16",
      ])
      #expect(outcome.status == 1, "\(prefix): \(outcome.output) \(outcome.notes)")
      #expect(outcome.notes.contains(words), "\(prefix): \(outcome.notes)")
    }
  }

  @Test("Strides, masks and infinities: each lane has the value that hand arithmetic gives it")
  func lanes() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    // Along axis 1: (0, 0), (-inf, -inf), (1, +inf), (-inf, 5), (2, 2), (88, 89).
    let inf = Float.infinity
    let logits = try folder.array(
      "x.npy", [0, -inf, 1, 0, -inf, inf, -inf, 2, 88, 5, 2, 89], shape: [2, 2, 3])
    for (prefix, status) in [("", Int32(0)), (":rows", 1)] {
      let file = folder.path("results.json")
      let outcome = try await run([
        "audit", "--operation", "logsumexp", "--plugin", "own=\(library)\(prefix)", "--logits",
        logits, "--axis", "1", "--json", file,
      ])
      #expect(outcome.status == status, "\(outcome.notes)")
      let row = try #require(try results(in: file).accuracy.first)
      #expect(row.elements == 6 && row.shape == [2, 2, 3])
      // The values of four lanes are finite numbers.
      if status == 0 { #expect(row.finitePairs == 4 && row.mismatches == 0) }
    }
    for operation in ["log-softmax", "softmax"] {
      let outcome = try await run([
        "audit", "--operation", operation, "--plugin", library, "--logits", logits, "--axis", "1",
      ])
      #expect(outcome.status == 0, "\(outcome.notes)")
    }
  }

  @Test(
    "The laws of an operation hold for a sound plug-in, and replays of what breaks them name it")
  func laws() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    for operation in ["log-softmax", "logsumexp"] {
      let outcome = try await run([
        "check", "--operation", operation, "--plugin", library, "--effort", "0.05", "--law",
        "answers", "--law", "axis", "--law", "componentwise-error", "--law", "special-lanes",
        "--law", "output-contained",
      ])
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    }
    let outcome = try await run([
      "check", "--operation", "logsumexp", "--plugin", "own=\(library):rows", "--law", "axis",
    ])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "replay: softmax-audit check --operation logsumexp --plugin own=\(library):rows "),
      "\(outcome.output)")
    // No law of the operation: asked for by name, and not measured.
    let other = try await run([
      "check", "--operation", "logsumexp", "--plugin", library, "--law", "sum-to-one",
    ])
    #expect(other.status == 2)
    #expect(other.output.contains("it is no law of logsumexp"), "\(other.output)")
  }

  @Test("A library that exports other operations says which, and how to ask for them")
  func others() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder, flags: ["-DWITHOUT_SOFTMAX"])
    let outcome = try await run(["audit", "--plugin", library] + Self.few)
    outcome.expectRefusal(
      2,
      "\(library) exports log-softmax and logsumexp and no softmax; ask for it with --operation log-softmax or --operation logsumexp"
    )
    let prefixed = try await run(["audit", "--plugin", library + ":log"] + Self.few)
    #expect(prefixed.status == 2)
    #expect(prefixed.notes.contains("log_softmax is another operation"), "\(prefixed.notes)")
    let all = try self.library(in: folder)
    let note =
      "note: several also has log-softmax, logsumexp: not measured; ask for it with --operation\n"
    let plain = try await run(["audit", "--plugin", all] + Self.few)
    #expect(plain.status == 0 && plain.notes.contains(note), "\(plain.notes)")
    let chosen = try await run(
      ["audit", "--plugin", all, "--operation", "softmax"] + Self.few)
    #expect(!chosen.notes.contains("also has log-softmax"), "\(chosen.notes)")
  }

  @Test("What a plug-in says that it does not offer is not measured, and no finding")
  func notOffered() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    for place in [[], ["--in-process"]] {
      let outcome = try await run(
        ["audit", "--operation", "log-softmax", "--plugin", "\(library):short"] + place + Self.few)
      #expect(outcome.status == 2)
      #expect(!outcome.notes.contains("failed:"), "\(outcome.notes)")
      #expect(
        outcome.notes.contains("it says that it does not offer this: it returned 2"),
        "\(outcome.notes)")
    }
  }

  @Test("A worker that does not say that it computes another operation is not taken for one")
  func silentWorker() async throws {
    let outcome = try await run(
      [
        "audit", "--operation", "logsumexp", "--worker",
        "mine=python3 scripts/examples/plugins/example_worker.py",
      ]
        + Self.few)
    #expect(outcome.status == 2)
    #expect(
      outcome.notes.contains("mine does not say that it computes logsumexp"), "\(outcome.notes)")
  }

  // MARK: Gates

  @Test("A rule about an operation measures its built-in variants, and replays name it")
  func gate() async throws {
    let folder = try TemporaryFolder()
    let policy = try folder.file(
      "policy.yaml",
      Data(
        """
        schema: softmax-audit/policy/1
        rules:
          - implementation: "max-trick/sequential"
            operation: [softmax, log-softmax]
            format: float32
            family: normal-4
            length: 8
            max-ulp: bound
            reason: as proven
          - implementation: "logsumexp/sequential"
            operation: log-softmax
            format: float32
            family: normal-4
            length: 8
            max-ulp: 0
            reason: what cannot hold

        """.utf8))
    let file = folder.path("gate.json")
    let outcome = try await run(["gate", "--policy", policy, "--json", file])
    #expect(outcome.status == 1, "\(outcome.notes)")
    let gate = try #require(try results(in: file).gate)
    let bound = gate.judgements.filter { $0.rule == 0 && $0.subject == "max-ulp" }
    #expect(Set(bound.map(\.operation)) == [.softmax, .logSoftmax])
    #expect(bound.allSatisfy { $0.verdict == .passed && $0.count > 0 })
    let failed = gate.judgements.filter { $0.verdict == .failed }
    #expect(failed.map(\.operation) == [.logSoftmax])
    #expect(
      failed.first?.replay?.hasPrefix(
        "softmax-audit audit --operation log-softmax --implementation logsumexp/sequential ")
        == true, "\(String(describing: failed.first?.replay))")
    // The rows of the file are those that the policy asks for.
    let again = try await run(["gate", "--policy", policy, "--results", file])
    #expect(again.status == 1, "\(again.notes)")
  }

  @Test("A budget on what errors cost that is exceeded is shown again with --consequences")
  func consequenceBudget() async throws {
    let folder = try TemporaryFolder()
    let policy = try folder.file(
      "policy.yaml",
      Data(
        """
        schema: softmax-audit/policy/1
        samples: 2
        rules:
          - implementation: max-trick/sequential
            format: bfloat16
            family: normal-4
            length: 8
            max-total-variation: 0
            reason: what cannot hold
          - implementation: max-trick/sequential
            operation: logsumexp
            format: bfloat16
            family: normal-4
            length: 8
            max-scaled: 0
            reason: what cannot hold either

        """.utf8))
    let file = folder.path("gate.json")
    let outcome = try await run(["gate", "--policy", policy, "--json", file])
    #expect(outcome.status == 1, "\(outcome.notes)")
    let judgements = try #require(try results(in: file).gate).judgements
    let replays = judgements.filter { $0.verdict == .failed }.compactMap(\.replay)
    #expect(replays.count == 2)
    #expect(replays[0].hasSuffix(" --consequences"))
    // The scaled errors of a logsumexp are always measured.
    #expect(!replays[1].contains("--consequences"))
    for replay in replays {
      let again = try await run(String(replay.dropFirst("softmax-audit ".count)))
      #expect(again.status == 0, "\(again.notes)")
      #expect(!replay.contains("--consequences") || again.output.contains("Total variation"))
    }
  }

  // MARK: Python

  static let module = """
    import numpy

    def kept(x, axis):
        largest = numpy.max(x, axis=axis, keepdims=True)
        return largest + numpy.log(numpy.sum(numpy.exp(x - largest), axis=axis, keepdims=True))

    def dropped(x, axis):
        return numpy.squeeze(kept(x, axis), axis)

    def last(x):
        return dropped(x, -1)

    def log_softmax(x, axis):
        return x - kept(x, axis)

    def other_axis(x, axis):
        return dropped(x, 0)
    """

  @Test(
    "NumPy callables of the operations: the axis of a logsumexp may be kept or dropped",
    .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"),
    arguments: [
      ("logsumexp", "kept", Int32(0)), ("logsumexp", "dropped", 0), ("logsumexp", "last", 0),
      ("log-softmax", "log_softmax", 0), ("logsumexp", "log_softmax", 1),
      ("logsumexp", "other_axis", 1), ("log-softmax", "kept", 1),
    ])
  func callables(_ operation: String, _ name: String, _ status: Int32) async throws {
    let folder = try TemporaryFolder()
    let module = try folder.file("ops.py", Data(Self.module.utf8))
    let logits = try folder.array(
      "x.npy", (0..<24).map { Float(($0 * 7) % 11) - 5 }, shape: [2, 3, 4])
    let outcome = try await run([
      "audit", "--operation", operation, "--python", "\(module):\(name)", "--python-executable",
      libraryPython ?? "", "--logits", logits, "--axis", "1",
    ])
    #expect(outcome.status == status, "\(name): \(outcome.notes)")
  }

  static let models = """
    import sys
    from onnx import TensorProto, helper, save

    def model(name, nodes, rank_out, constants=()):
        values = [
            helper.make_tensor_value_info(tensor, TensorProto.FLOAT, [None] * rank)
            for tensor, rank in (("x", 2), ("y", rank_out))]
        graph = helper.make_graph(nodes, "g", values[:1], values[1:], initializer=constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        made.ir_version = 8
        save(made, f"{sys.argv[1]}/{name}.onnx")

    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [-1])
    model("log", [helper.make_node("LogSoftmax", ["x"], ["y"])], 2)
    model("reduce", [helper.make_node("ReduceLogSumExp", ["x", "axes"], ["y"], keepdims=0)], 1, [axes])

    def loss(name, constants=(), **attributes):
        kinds = [("x", TensorProto.FLOAT, 2), ("t", TensorProto.INT64, 1), ("w", TensorProto.FLOAT, 1)]
        values = [helper.make_tensor_value_info(n, kind, [None] * rank) for n, kind, rank in kinds]
        used = 3 if name.endswith("weighted") else 2
        node = helper.make_node("SoftmaxCrossEntropyLoss", ["x", "t", "w"][:used], ["y"], **attributes)
        graph = helper.make_graph(
            [node], "g", values[:2 if constants else used],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])], initializer=constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        made.ir_version = 8
        save(made, f"{sys.argv[1]}/{name}.onnx")

    loss("loss")
    loss("weighted", reduction="sum", ignore_index=-100)
    loss("fixed_weighted", [helper.make_tensor("w", TensorProto.FLOAT, [3], [1, 2, 3])])
    """

  @Test(
    "A model says which operation it is, and the run what it took it for",
    .enabled(if: hasOnnx, "no onnxruntime: run scripts/setup-libraries onnxruntime"))
  func onnx() async throws {
    let folder = try TemporaryFolder()
    let script = try folder.file("make.py", Data(Self.models.utf8))
    let made = try await run(program: libraryPython ?? "", [script, folder.url.path])
    try #require(made.status == 0, "\(made.notes)")
    let lanes = [
      "--format", "float32", "--family", "normal-4", "--length", "8", "--samples", "4",
      "--python-executable", libraryPython ?? "",
    ]
    let (log, reduce) = (folder.path("log.onnx"), folder.path("reduce.onnx"))
    for (model, operation, node) in [
      (log, "log-softmax", "LogSoftmax"), (reduce, "logsumexp", "ReduceLogSumExp"),
    ] {
      let file = folder.path("results.json")
      for options in [[], ["--operation", operation]] {
        let outcome = try await run(["audit", "--onnx", model, "--json", file] + options + lanes)
        #expect(outcome.status == 0, "\(outcome.notes)")
        #expect(
          outcome.notes.contains("taken for \(operation): it has a node \(node)\n"),
          "\(outcome.notes)")
        #expect(try results(in: file).accuracy.map(\.operation.name) == [operation])
      }
      let other = try await run(["audit", "--onnx", model, "--operation", "softmax"] + lanes)
      #expect(other.status == 64)
      #expect(
        other.notes.contains(
          "computes \(operation), not softmax; ask for it with --operation \(operation)\n"),
        "\(other.notes)")
    }
    for (name, reduction) in [("loss", "mean"), ("weighted", "sum")] {
      let model = folder.path("\(name).onnx")
      let outcome = try await run(["audit", "--onnx", model] + lanes)
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(
        outcome.notes.contains(
          "taken for cross-entropy: it has a node SoftmaxCrossEntropyLoss; its \(reduction) is left out: a loss for each lane\n"
        ), "\(outcome.notes)")
      let law = try await run(
        ["check", "--onnx", model, "--law", "ignored-targets", "--format", "float32"]
          + lanes.suffix(2))
      #expect(law.status == 0, "\(law.notes)")
    }
    let fixed = try await run(["audit", "--onnx", folder.path("fixed_weighted.onnx")] + lanes)
    #expect(fixed.status == 2)
    #expect(fixed.notes.contains("its class weights are constants"), "\(fixed.notes)")
    let both = try await run(["audit", "--onnx", log, "--onnx", reduce] + lanes)
    both.expectRefusal(
      64,
      "log computes log-softmax, reduce logsumexp; ask for each in a run of its own")
  }

  @Test(
    "The bundled recipes have the operations, and a library without one says which it has",
    .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"))
  func libraries() async throws {
    for (operation, name) in [
      ("log-softmax", "numpy:shifted"), ("logsumexp", "numpy:max-trick"),
      ("logsumexp", "numpy:logaddexp"),
    ] {
      let outcome = try await run([
        "audit", "--operation", operation, "--library", name, "--format", "float32", "--family",
        "normal-4", "--length", "8", "--samples", "4",
      ])
      #expect(outcome.status == 0, "\(name): \(outcome.notes)")
    }
    let missing = try await run([
      "audit", "--operation", "log-softmax", "--library", "sklearn", "--length", "8",
    ])
    missing.expectRefusal(64, "the library sklearn has no log-softmax here, but softmax")
  }
}
