import AuditedOperations
import Foundation
import Testing

@testable import AuditRecords

/// Losses and gradients of C libraries and of Python callables.
@Suite("Losses and gradients from outside")
struct GradientTests {
  private static let few = [
    "--family", "normal-4", "--length", "8", "--samples", "4", "--format", "float32",
  ]

  private static let plugin = "Tests/CommandLineTests/Plugins/gradients_plugin.c"

  private func library(in folder: TemporaryFolder) throws -> String {
    try sharedLibrary(of: Self.plugin, named: "gradients", in: folder)
  }

  @Test(
    "A library's losses and gradients are measured, isolated and in process",
    arguments: [
      "softmax-vjp", "softmax-backward", "log-softmax-vjp", "cross-entropy", "cross-entropy-vjp",
    ])
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
      let rows = try results(in: file).accuracy
      #expect(rows.count == 1 && rows.allSatisfy { $0.operation.name == operation })
      #expect(rows.allSatisfy { $0.mismatches == 0 && ($0.bound?.maxRatio?.value ?? 2) <= 1 })
      let inputs = try #require(rows.first?.worst?.accompanying)
      #expect((inputs.targets == nil) != (inputs.upstream == nil))
      figures.append("\(rows.map { [$0.maxUlp, $0.meanUlp, $0.bound?.maxRatio] })")
    }
    #expect(figures[0] == figures[1])
  }

  @Test(
    "The laws of losses and gradients hold for a sound library, and what it does not offer is no finding",
    arguments: [
      ("softmax-vjp", ""), ("softmax-backward", ""), ("log-softmax-vjp", ""),
      ("cross-entropy", ""), ("cross-entropy-vjp", ""), ("cross-entropy", ":plain"),
    ])
  func laws(_ operation: String, _ prefix: String) async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder) + prefix
    let own =
      switch operation {
      case "cross-entropy": ["ignored-targets"]
      case "cross-entropy-vjp": ["ignored-targets", "gradient-sum"]
      case "softmax-backward": ["constant-upstream", "upstream-scale", "stored-outputs"]
      case "log-softmax-vjp": ["gradient-sum", "upstream-scale"]
      default: ["constant-upstream", "gradient-sum", "upstream-scale"]
      }
    let laws =
      own + ["answers", "axis", "componentwise-error", "special-lanes", "output-contained"]
    let outcome = try await run(
      ["check", "--operation", operation, "--plugin", library, "--effort", "0.05"]
        + laws.flatMap { ["--law", $0] })
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
  }

  @Test("Faults of gradients are found, with the inputs beside the logits and a replay")
  func faults() async throws {
    let folder = try TemporaryFolder()
    let library = try library(in: folder)
    for (operation, prefix, law, input) in [
      ("softmax-vjp", "forgotten", "constant-upstream", "upstream:"),
      ("cross-entropy-vjp", "counting", "ignored-targets", "target"),
    ] {
      let file = folder.path("results.json")
      let outcome = try await run([
        "check", "--operation", operation, "--plugin", "own=\(library):\(prefix)", "--law", law,
        "--effort", "0.1", "--json", file,
      ])
      #expect(outcome.status == 1, "\(prefix): \(outcome.output) \(outcome.notes)")
      #expect(outcome.output.contains(input), "\(outcome.output)")
      let example = try #require(try results(in: file).properties.first?.counterexample)
      #expect(example.accompanying != nil)
      let token = try #require(example.replay.split(separator: " ").last.map(String.init))
      let replay = try await run([
        "check", "--operation", operation, "--plugin", "own=\(library):\(prefix)", "--law", law,
        "--format", "float32", "--replay", token,
      ])
      #expect(replay.status == 1, "\(replay.output)\(replay.notes)")
      #expect(replay.output.contains(example.failure.prefix(40)), "\(replay.output)")
    }
  }

  @Test(
    "An export has a file for each input, and its exact outputs come back right",
    arguments: [
      ("softmax-vjp", ["logits", "upstream"], "gradient"),
      ("softmax-backward", ["probabilities", "upstream"], "gradient"),
      ("cross-entropy", ["logits", "targets"], "loss"),
      ("softmax-jacobian", ["logits"], "jacobian"),
    ])
  func export(_ operation: String, _ roles: [String], _ output: String) async throws {
    let folder = try TemporaryFolder()
    let (inputs, outputs) = (folder.path("in"), folder.path("out"))
    let name = "float32-normal-4-8"
    let exported = try await run([
      "export", inputs, "--operation", operation, "--family", "normal-4", "--length", "8",
      "--format", "float32", "--samples", "3",
    ])
    #expect(exported.status == 0, "\(exported.notes)")
    let words = roles.flatMap { ["--input", "\($0)=\(inputs)/\(name).\($0).npy"] }
    try FileManager.default.createDirectory(atPath: outputs, withIntermediateDirectories: true)
    let reference = try await run(
      ["reference", "--operation", operation, "--axis", "1"] + words
        + ["--output", "\(outputs)/\(name).\(output).npy"])
    #expect(reference.status == 0, "\(reference.notes)")
    let verified = try await run([
      "verify", "--operation", operation, "--inputs", inputs, "--outputs", outputs,
    ])
    #expect(verified.status == 0, "\(verified.notes)")
    #expect(verified.output.contains("100.00"), "\(verified.output)")
  }

  @Test("Lanes too long for a Jacobian are not asked, and that is said: by length it is no pass")
  func longJacobian() async throws {
    let words = [
      "audit", "--operation", "softmax-jacobian", "--implementation", "outer", "--family",
      "normal-4", "--format", "float32", "--samples", "2",
    ]
    let long = try await run(words + ["--length", "128"])
    #expect(long.status == 2, "\(long.output)")
    #expect(long.notes.contains("not made for lanes of 128"), "\(long.notes)")
    let usual = try await run(words)
    #expect(usual.status == 0, "\(usual.notes)")
    #expect(usual.notes.contains("lengths above 32"), "\(usual.notes)")
    let folder = try TemporaryFolder()
    let exported = try await run([
      "export", folder.url.path, "--operation", "softmax-jacobian", "--family", "normal-4",
      "--length", "8", "--length", "128", "--format", "float32", "--samples", "2",
    ])
    #expect(exported.notes.contains("not written: lengths above 32"), "\(exported.notes)")
    #expect(exported.notes.contains("1 files"), "\(exported.notes)")
  }

  static let module = """
    import numpy

    def softmax(x, axis):
        powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def vjp(x, g, axis):
        y = softmax(x, axis)
        return y * (g - (y * g).sum(axis=axis, keepdims=True))

    def forgotten(x, g, axis):
        return softmax(x, axis) * g

    def loss(x, targets, axis, label_smoothing=0.0, ignore_index=-100):
        shifted = x - x.max(axis=axis, keepdims=True)
        logs = shifted - numpy.log(numpy.exp(shifted).sum(axis=axis, keepdims=True))
        places = numpy.expand_dims(numpy.where(targets == ignore_index, 0, targets), axis)
        own = -numpy.take_along_axis(logs, places, axis).squeeze(axis)
        even = -logs.mean(axis=axis)
        kind = x.dtype.type
        smooth = kind(1 - label_smoothing) * own + kind(label_smoothing) * even if label_smoothing else own
        return numpy.where(targets == ignore_index, kind(0), smooth)

    def rows(x, targets):
        return loss(x, targets, 1)

    def jacobian(x):
        y = softmax(x, -1)
        return y[..., None] * numpy.eye(x.shape[-1], dtype=x.dtype) - y[..., None] * y[..., None, :]
    """

  @Test(
    "NumPy callables of losses and gradients, with the axis and without",
    .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"),
    arguments: [
      ("softmax-vjp", "vjp", Int32(0)), ("softmax-vjp", "forgotten", 1),
      ("cross-entropy", "loss", 0), ("cross-entropy", "rows", 0),
      ("softmax-jacobian", "jacobian", 0),
    ])
  func callables(_ operation: String, _ name: String, _ status: Int32) async throws {
    let folder = try TemporaryFolder()
    let module = try folder.file("ops.py", Data(Self.module.utf8))
    let logits = try folder.array(
      "x.npy", (0..<24).map { Float(($0 * 7) % 11) - 5 }, shape: [2, 3, 4])
    for axis in ["0", "1", "2"] {
      let outcome = try await run([
        "audit", "--operation", operation, "--python", "\(module):\(name)", "--python-executable",
        libraryPython ?? "", "--logits", logits, "--axis", axis,
      ])
      #expect(outcome.status == status, "\(name): \(outcome.notes)")
    }
    guard status == 0 else { return }
    let outcome = try await run([
      "check", "--operation", operation, "--python", "\(module):\(name)", "--python-executable",
      libraryPython ?? "", "--format", "float32", "--law", "componentwise-error", "--law", "axis",
      "--effort", "0.05",
    ])
    #expect(outcome.status == 0, "\(name): \(outcome.output)\(outcome.notes)")
  }
}
