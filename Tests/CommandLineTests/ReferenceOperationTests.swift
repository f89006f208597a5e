import Foundation
import Testing

@testable import AuditRecords

/// Values are those of hand arithmetic: ln 2 and ln 3 to float32 are 0x1.62e43p-1 and
/// 0x1.193ea8p+0.
@Suite("The reference command on the files of any operation")
struct ReferenceOperationTests {
  private static let (lnTwo, lnThree) = (Float(0x1.62e43p-1), Float(0x1.193ea8p+0))

  /// The numbers and the shape of the float32 file that a command writes.
  private func outputs(
    _ words: [String], in folder: borrowing TemporaryFolder
  ) async throws -> (shape: String, values: [Float], notes: String) {
    let file = folder.path("out.npy")
    let outcome = try await run(["reference"] + words + ["--output", file])
    try #require(outcome.status == 0, "\(outcome.notes)")
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    let header = String(decoding: data.prefix(128), as: UTF8.self)
    let shape = header.split(separator: "'shape': ").last.map { $0.prefix { $0 != ")" } + ")" }
    let values = stride(from: data.startIndex + 128, to: data.endIndex, by: 4).map { place in
      Float(
        bitPattern: data[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    return (String(shape ?? ""), values, outcome.notes)
  }

  @Test("Gradients, losses and Jacobians are written as they are by hand")
  func valuesByHand() async throws {
    let folder = try TemporaryFolder()
    let even = try folder.array("even.npy", [0, 0, 1, 1], shape: [2, 2])
    let half = try folder.array("half.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 2])
    let upstream = try folder.array("g.npy", [1, 0, 2, -2], shape: [2, 2])
    let columns = try folder.array("x.npy", [0, 5, 0, 5, 0, 5], shape: [3, 2])
    let targets = try folder.integers("t.npy", [2, -100], shape: [2])
    let loss = ["--logits", columns, "--axis", "0", "--input", "targets=" + targets]
    let third = Float(1) / 3
    let cases: [(String, [String], String, [Float])] = [
      (
        "softmax-vjp", ["--logits", even, "--input", "upstream=" + upstream], "(2, 2)",
        [0.25, -0.25, 1, -1]
      ),
      (
        "softmax-backward",
        ["--input", "probabilities=" + half, "--input", "upstream=" + upstream],
        "(2, 2)", [0.25, -0.25, 1, -1]
      ),
      (
        "log-softmax-vjp", ["--input", "logits=" + even, "--input", "upstream=" + upstream],
        "(2, 2)", [0.5, -0.5, 2, -2]
      ),
      ("cross-entropy", loss, "(2,)", [Self.lnThree, 0]),
      ("cross-entropy", loss + ["--reduction", "mean"], "()", [Self.lnThree]),
      ("cross-entropy", loss + ["--reduction", "sum"], "()", [Self.lnThree]),
      (
        "cross-entropy-vjp", loss, "(3, 2)",
        [third, 0, third, 0, Float(-2) / 3, 0]
      ),
      (
        "softmax-jacobian", ["--logits", even], "(2, 2, 2)",
        [0.25, -0.25, -0.25, 0.25, 0.25, -0.25, -0.25, 0.25]
      ),
      ("log-softmax", ["--logits", even], "(2, 2)", [Float](repeating: -Self.lnTwo, count: 4)),
      (
        "logsumexp", ["--logits", columns, "--axis", "0"], "(2,)", [Self.lnThree, 5 + Self.lnThree]
      ),
      ("softmax", ["--input", "logits=" + even], "(2, 2)", [0.5, 0.5, 0.5, 0.5]),
    ]
    for (operation, words, shape, expected) in cases {
      let result = try await outputs(["--operation", operation] + words, in: folder)
      #expect(result.shape == shape && result.values == expected, "\(operation): \(result)")
      #expect(result.notes == "")
    }
  }

  @Test("The Jacobian along the first axis of two columns interleaves their matrices")
  func interleavedJacobian() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [0, -.infinity, 0, 3], shape: [2, 2])
    let result = try await outputs(
      ["--operation", "softmax-jacobian", "--logits", x, "--axis", "0"], in: folder)
    // The first column is (0, 0), the second has all its mass on the last logit.
    #expect(result.shape == "(2, 2, 2)")
    #expect(result.values == [0.25, 0, -0.25, 0, -0.25, 0, 0.25, 0])
  }

  @Test("Every golden file is found correctly rounded by verify, along any axis")
  func goldenFiles() async throws {
    let folder = try TemporaryFolder()
    let count = 4 * 5 * 3
    func numbers(_ factor: Int, _ scale: Float) -> [Float] {
      (0..<count).map { Float(($0 * factor) % 101) / scale - 3 }
    }
    let shape = [4, 5, 3]
    let logits = try folder.array("x.npy", numbers(37, 11), shape: shape)
    let upstream = try folder.array("g.npy", numbers(53, 17), shape: shape)
    let probabilities = try folder.array(
      "p.npy", numbers(29, 90).map { abs($0) / 4 }, shape: shape)
    let weights = try folder.array("w.npy", [1, 0.5, 2, 0, 0.25], shape: [5])
    let targets = try folder.integers("t.npy", (0..<12).map { $0 % 5 }, shape: [4, 3])
    let loss = [
      "--input", "logits=" + logits, "--input", "targets=" + targets, "--label-smoothing", "0.25",
      "--class-weights", weights, "--ignore-index", "2",
    ]
    let byLogits = ["--input", "logits=" + logits, "--input", "upstream=" + upstream]
    let cases: [(String, [String], role: String)] = [
      ("log-softmax", ["--logits", logits], "log-probabilities"),
      ("logsumexp", ["--logits", logits], "logsumexp"),
      ("cross-entropy", loss, "loss"),
      ("cross-entropy", loss + ["--reduction", "mean"], "loss"),
      ("softmax-vjp", byLogits, "gradient"),
      (
        "softmax-backward",
        ["--input", "probabilities=" + probabilities, "--input", "upstream=" + upstream],
        "gradient"
      ),
      ("log-softmax-vjp", byLogits, "gradient"),
      ("cross-entropy-vjp", loss, "gradient"),
      ("softmax-jacobian", ["--logits", logits], "jacobian"),
    ]
    let (y, json) = (folder.path("y.npy"), folder.path("r.json"))
    for (operation, words, role) in cases {
      for format in ["bfloat16", "float64"] {
        let inputs = ["--operation", operation] + words + ["--axis", "1"]
        let written = try await run(
          ["reference"] + inputs + ["--output-format", format, "--output", y])
        #expect(written.status == 0 && written.notes == "", "\(operation): \(written.notes)")
        let verified = try await run(
          ["verify"] + inputs + ["--output", role + "=" + y, "--json", json])
        #expect(verified.status == 0, "\(operation): \(verified.notes)")
        let row = try #require(try results(in: json).accuracy.first)
        #expect(row.correctlyRounded?.value == 1 && row.mismatches == 0, "\(operation)")
      }
    }
  }

  @Test(
    "The logsumexp of a lane with +inf is +inf, and of one without a logit above -inf it is -inf")
  func infiniteSums() async throws {
    let folder = try TemporaryFolder()
    let (masked, infinite) = (-Float.infinity, Float.infinity)
    let x = try folder.array(
      "x.npy", [1, infinite, masked, masked, .nan, 1], shape: [3, 2])
    let sums = try await outputs(["--operation", "logsumexp", "--logits", x], in: folder)
    #expect(sums.values[..<2] == [infinite, masked] && sums.values[2].isNaN)
    #expect(
      sums.notes
        == "note: 1 lane has no logsumexp, for example of NaN or only -inf; NaN is written\n")
    let logarithms = try await outputs(["--operation", "log-softmax", "--logits", x], in: folder)
    #expect(logarithms.values.allSatisfy { $0.isNaN })
    #expect(try await run("reference --operation logsumexp 1 inf").output == "inf\n")
    #expect(try await run("reference --operation logsumexp -- -inf -inf").output == "-inf\n")
    let printed = try await run(["reference", "--operation", "logsumexp", "--logits", x])
    #expect(
      printed.output
        == "lane 0\ninf\n\nlane 1\n-inf\n\nlane 2\nno logsumexp: an input is NaN\n")
  }

  @Test("Numbers are rounded to the format asked for, all inputs alike, and a note counts them")
  func roundedInputs() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 0], shape: [2])
    let upstream = try folder.array("g.npy", [0x1.01p0, 0], shape: [2])
    let result = try await outputs(
      [
        "--operation", "softmax-vjp", "--logits", logits, "--input", "upstream=" + upstream,
        "--format", "bfloat16", "--output-format", "float32",
      ], in: folder)
    // 1 + 2^-8 is a midpoint of bfloat16, and becomes 1.
    #expect(result.values == [0.25, -0.25])
    #expect(
      result.notes == "note: 1 numbers of \(logits) and \(upstream) are rounded to bfloat16\n")
  }

  @Test("Values are printed for every operation, with the elements that they belong to")
  func printedValues() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 1], shape: [2])
    let upstream = try folder.array("g.npy", [1, 0], shape: [2])
    let target = try folder.integers("t.npy", [0], shape: [])
    func printed(_ words: [String]) async throws -> String {
      try await run(["reference", "--logits", logits, "--digits", "3"] + words).output
    }
    let byUpstream = ["--input", "upstream=" + upstream]
    #expect(
      try await printed(["--operation", "softmax-vjp"] + byUpstream)
        == "1.0  2.50e-1\n1.0  -2.50e-1\n")
    #expect(
      try await printed(["--operation", "softmax-jacobian"])
        == "1.0 1.0  2.50e-1\n1.0 1.0  -2.50e-1\n1.0 1.0  -2.50e-1\n1.0 1.0  2.50e-1\n")
    let loss = ["--operation", "cross-entropy", "--input", "targets=" + target]
    #expect(try await printed(loss) == "6.93e-1\n")
    #expect(try await printed(loss + ["--ignore-index", "0"]) == "0\n")
  }

  @Test(
    "Roles, parameters and shapes that do not fit are told in a sentence, and nothing is written")
  func mistakes() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 1, 2, 3], shape: [2, 2])
    let other = try folder.array("o.npy", [0, 1, 2], shape: [3])
    let targets = try folder.integers("t.npy", [0, 2], shape: [2])
    let few = try folder.integers("few.npy", [0], shape: [1])
    let output = folder.path("y.npy")
    let x = ["--logits", logits]
    let cases: [(String, [String], Int32, String)] = [
      ("cross-entropy", x, 64, "cross-entropy needs --input targets=FILE"),
      ("softmax", x + ["--input", "logits=" + logits], 64, "logits was given twice"),
      (
        "softmax", x + ["--input", "upstream=" + logits], 64,
        "softmax has no such input; it has logits"
      ),
      ("softmax", ["--input", logits], 64, "write role=file, as in logits=x.npy"),
      ("soft-max", x, 64, "there is no operation soft-max"),
      ("softmax", x + ["--label-smoothing", "0.1"], 64, "softmax has no --label-smoothing"),
      (
        "softmax-vjp", x + ["--input", "upstream=" + other], 65, "upstream has the shape [3]"
      ),
      (
        "cross-entropy", x + ["--input", "targets=" + targets], 65,
        "the target of lane 1 is 2, which is none of the 2 classes nor the ignored -100"
      ),
      (
        "cross-entropy", x + ["--input", "targets=" + few], 65, "targets of logits of shape [2, 2]"
      ),
      ("cross-entropy", x + ["--input", "targets=" + logits], 65, "int32 or int64"),
      (
        "cross-entropy-vjp", x + ["--input", "targets=" + targets, "--reduction", "mean"], 64,
        "cross-entropy-vjp has no --reduction"
      ),
      ("log-softmax", x + ["--special-lanes", "masked-zero"], 64, "leave it out"),
    ]
    for (operation, words, status, sentence) in cases {
      let outcome = try await run(
        ["reference", "--operation", operation] + words + ["--output", output])
      #expect(outcome.status == status, "\(sentence): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(outcome.notes)")
      #expect(!FileManager.default.fileExists(atPath: output))
    }
    let overwritten = try await run(
      [
        "reference", "--operation", "softmax-vjp", "--input", "upstream=" + logits, "--output",
        logits,
      ] + x)
    #expect(overwritten.status == 64 && overwritten.notes.contains("would write over"))
    try await run("reference 1 2 --operation cross-entropy").expectRefusal(
      64, "cross-entropy takes logits and targets; name files with --input role=file")
    try await run("reference 1 2 --label-smoothing 0.1").expectRefusal(
      64, "softmax has no --label-smoothing; leave it out")
  }
}
