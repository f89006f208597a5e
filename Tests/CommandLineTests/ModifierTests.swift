import Foundation
import Testing

@testable import AuditRecords

/// Scales, soft caps, masks and sinks in the commands that take them.
///
/// Exact values are mpmath's, at 60 digits.
@Suite("Modifiers on the command line")
struct ModifierTests {
  private static let plugin = "Tests/CommandLineTests/Plugins/modified_plugin.c"
  private static let laws = ["modified-error", "modifiers-react", "sink-share", "causal-mask"]
    .flatMap { ["--law", $0] }

  @Test("Reference gives the exact values of modified logits")
  func reference() async throws {
    let outcome = try await run(
      "reference 1 2 3 --scale 0.125 --softcap 30 --sink 1.5 --digits 20".split(separator: " ")
        .map(String.init))
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(
      outcome.output
        == """
        1  1.3564428571332070774e-1
        2  1.5370433423927824005e-1
        3  1.7416743494673597485e-1

        """)
  }

  @Test("A mistake is told in a sentence")
  func mistakes() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 2, 3, 4], shape: [2, 2])
    let mask = try folder.array("m.npy", [0, 0, 0], shape: [3])
    let cases: [(Int32, [String], String)] = [
      (64, ["1", "2", "--scale", "nan"], "--scale nan: use a finite number"),
      (64, ["1", "2", "--scale", "inf"], "--scale inf: use a finite number"),
      (64, ["1", "2", "--softcap", "-3"], "--softcap -3.0: use a finite number above 0"),
      (64, ["1", "2", "--softcap", "0"], "--softcap 0.0: use a finite number above 0"),
      (64, ["1", "2", "--sink", "nan"], "--sink nan: use a number"),
      (64, ["1", "2", "--mask", "causal"], "--mask causal needs queries and keys"),
      (
        64, ["--logits", logits, "--axis", "0", "--mask", "causal"],
        "--mask causal is along the last axis"
      ),
      (
        64, ["1", "2", "--causal-alignment", "top-left"],
        "--causal-alignment belongs to --causal and --mask causal; there is none"
      ),
      (65, ["--logits", logits, "--mask", mask], "which does not fit [2, 2]"),
      (
        64, ["--operation", "softmax-jacobian", "1", "2", "--scale", "2"],
        "softmax-jacobian has no --scale"
      ),
    ]
    for (status, words, sentence) in cases {
      let outcome = try await run(["reference"] + words)
      #expect(outcome.status == status, "\(words): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(words): \(outcome.notes)")
    }
  }

  @Test("A saved tensor is verified with its modifiers, and off without them")
  func verify() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 2, 3, 4], shape: [2, 2])
    let golden = folder.path("golden.npy")
    let modifiers = ["--scale", "0.5", "--softcap", "2", "--mask", "causal", "--sink", "0.25"]
    let written = try await run(
      ["reference", "--logits", logits, "--output", golden] + modifiers)
    #expect(written.status == 0, "\(written.notes)")
    let files = ["verify", "--logits", logits, "--probabilities", golden]
    let right = try await run(files + modifiers)
    #expect(right.status == 0, "\(right.output)\(right.notes)")
    let wrong = try await run(files + modifiers.dropLast(2))
    #expect(wrong.status == 1, "\(wrong.output)\(wrong.notes)")
  }

  @Test("The laws hold for a plug-in that is right, and name the sink that another ignores")
  func plugins() async throws {
    let folder = try TemporaryFolder()
    let right = try sharedLibrary(of: Self.plugin, named: "right", in: folder)
    let kept = try await run(["check", "--plugin", right, "--effort", "0.2"] + Self.laws)
    #expect(kept.status == 0, "\(kept.output)\(kept.notes)")
    let wrong = try sharedLibrary(
      of: Self.plugin, named: "wrong", in: folder, flags: ["-DSINK_IGNORED"])
    let broken = try await run(["check", "--plugin", wrong, "--effort", "0.2"] + Self.laws)
    #expect(broken.status == 1)
    #expect(broken.output.contains("without the sink"), "\(broken.output)")
    // What it says shows it again.
    let replay = try #require(
      broken.output.split(separator: "\n").first { $0.contains("--law modifiers-react") })
    let command = try #require(replay.split(separator: "softmax-audit ").last)
    let words = command.split(separator: " ").map { String($0).replacing("'", with: "") }
    let again = try await run(words)
    #expect(again.status == 1, "\(words): \(again.output)\(again.notes)")
  }

  /// Half the sum of |y - p|, the sum of p ln(p / y), and flips, by mpmath.
  @Test(
    "What errors cost is measured beside the modified logits",
    arguments: [
      (
        "softmax", [Float](repeating: 0, count: 4), true, 0.083151809655405598,
        -0.14574766033189953, 0
      ),
      ("softmax", [3, 0, 0, 0], true, 0.55250321637222427, 0.86363914211738011, 1),
      ("softmax", [3, 0, 0, 0], false, 0.56917909724278972, 1.0345675706722048, 1),
      ("log-softmax", [3, 0, 0, 0], true, 0.55187671139801319, 0.99547492104250269, 1),
    ])
  func consequences(
    operation: String, mask: [Float], hasSink: Bool, variation: Double, divergence: Double,
    flips: Double
  ) async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 2, 3, 4], shape: [1, 4])
    let outputs = try folder.array(
      "y.npy", operation == "softmax" ? [0.1, 0.2, 0.25, 0.4] : [-2.5, -2, -1.5, -0.75],
      shape: [1, 4])
    let file = try folder.array("m.npy", mask, shape: [4])
    let json = folder.path("results.json")
    let role = operation == "softmax" ? "probabilities" : "log-probabilities"
    let outcome = try await run(
      [
        "verify", "--operation", operation, "--logits", logits, "--output", "\(role)=\(outputs)",
        "--scale", "0.5", "--mask", file, "--consequences", "--judge", "nothing", "--json", json,
      ] + (hasSink ? ["--sink", "1.5"] : []))
    #expect(outcome.status == 2 || outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    let results = try JSONDecoder().decode(
      AuditResults.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
    let row = try #require(results.accuracy.first)
    func expect(_ figure: FigureDescriptor, _ exact: Double) throws {
      let value = try #require(row.figures[figure]?.value)
      // Figures are rounded up to 30 bits.
      #expect(value >= exact && value <= exact + abs(exact) * 0x1p-28, "\(figure.key): \(value)")
    }
    try expect(.maxTotalVariation, variation)
    try expect(.maxKL, divergence)
    #expect(row.figures[.argmaxFlips]?.value == flips)
  }

  @Test("A plug-in that does not offer a cap is not measured with it, and no finding")
  func notOffered() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.plugin, named: "nocap", in: folder, flags: ["-DNO_CAP"])
    let audit = [
      "audit", "--plugin", library, "--format", "float32", "--family", "normal-4", "--length", "8",
    ]
    let measured = try await run(audit + ["--scale", "0.5", "--sink", "1"])
    #expect(measured.status == 0, "\(measured.output)\(measured.notes)")
    let capped = try await run(audit + ["--softcap", "30"])
    #expect(capped.status == 2, "\(capped.output)\(capped.notes)")
    #expect(!capped.notes.contains("failed"), "\(capped.notes)")
  }
}
