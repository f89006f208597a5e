import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

@Suite("The verify command")
struct VerifyTests {
  @Test("Right outputs pass, wrong ones are measured in ulp, and the limit is kept")
  func measures() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 1, 3, 3], shape: [2, 2])
    let right = try folder.array("right.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 2])
    let wrong = try folder.array(
      "wrong.npy", [0.5, 0.5, Float(0.5).nextUp.nextUp, 0.5], shape: [2, 2])
    let file = folder.path("results.json")
    let passed = try await run([
      "verify", "--logits", logits, "--probabilities", right, "--json", file,
    ])
    #expect(passed.status == 0, "\(passed.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.maxUlp == 0.0 && row.elements == 4 && row.lanes == 2)
    #expect(row.implementation == "file:right.npy" && row.family == "file:x.npy")

    let measured = try await run([
      "verify", "--logits", logits, "--probabilities", wrong, "--max-ulp", "1.5", "--name", "gpu",
      "--json", file,
    ])
    #expect(measured.status == 1)
    #expect(
      measured.notes
        == "failed: gpu in float32, file:x.npy, length 2: 2.0 ulp exceed --max-ulp 1.5\n")
    // Table, last sentence and status agree.
    #expect(measured.output.contains("\n! gpu "))
    #expect(measured.output.hasSuffix("length 2: 2.00 ulp exceed the limit of 1.5.\n"))
    #expect(try results(in: file).judging?.maxUlp == 1.5)
    let worst = try #require(try results(in: file).accuracy.first?.worst)
    #expect(worst.sample == 1 && worst.index == 0 && worst.ulp == 2.0)
  }

  @Test("--report writes the page that report writes of the same results")
  func reportFolder() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 1, 3, 3], shape: [2, 2])
    let zeros = try folder.array("zero.npy", [0, 0, 0, 0], shape: [2, 2])
    let report = folder.path("a/b")
    let outcome = try await run([
      "verify", "--logits", logits, "--probabilities", zeros, "--report", report,
    ])
    #expect(outcome.status == 1)
    #expect(outcome.notes.hasSuffix("report: \(report)/report.html\n"))
    let page = try String(contentsOfFile: report + "/report.html", encoding: .utf8)
    #expect(page.contains("✗ Failed"))
    let again = folder.path("again")
    _ = try await run(["report", report + "/results.json", "--report", again])
    #expect(try String(contentsOfFile: again + "/report.html", encoding: .utf8) == page)
    for file in ["report.md", "rows.csv"] {
      #expect(FileManager.default.fileExists(atPath: report + "/" + file))
    }
  }

  @Test("The axis is the one asked for; a bound is judged where a model is declared")
  func axis() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 5, 1, 5], shape: [2, 2])
    let halves = try folder.array("y.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 2])
    let words = ["verify", "--logits", logits, "--probabilities", halves, "--declare", "max-trick"]
    #expect(try await run(words + ["--axis", "0"]).status == 0)
    let other = try await run(words + ["--axis", "-1"])
    #expect(other.status == 1)
    #expect(other.notes.contains("judged by the bound of max-trick/sequential: exceeded"))
  }

  @Test("What declares nothing is judged by what any sound softmax keeps to, and told what it is")
  func judgedByDefault() async throws {
    let folder = try TemporaryFolder()
    // Every logit another, in no order.
    let logits = (0..<320).map { Float(($0 * 173) % 331) / 41 - 4 }
    func softmax(_ lanes: [[Int]]) -> [Float] {
      var outputs = logits
      for lane in lanes {
        let sum = lane.reduce(0.0) { $0 + exp(Double(logits[$1])) }
        for place in lane { outputs[place] = Float(exp(Double(logits[place])) / sum) }
      }
      return outputs
    }
    let rows = (0..<32).map { row in (0..<10).map { row * 10 + $0 } }
    let columns = (0..<10).map { column in (0..<32).map { $0 * 10 + column } }
    let x = try folder.array("x.npy", logits, shape: [32, 10])
    let right = try folder.array("right.npy", softmax(rows), shape: [32, 10])
    let along = try folder.array("along.npy", softmax(columns), shape: [32, 10])
    let zero = try folder.array("zero.npy", logits.map { _ in 0 }, shape: [32, 10])
    let file = folder.path("results.json")

    let good = try await run(["verify", "--logits", x, "--probabilities", right, "--json", file])
    #expect(good.status == 0, "\(good.notes)")
    #expect(good.lines.first == "file:x.npy: shape (32, 10), axis 1 of 0...1, 32 lanes of 10")
    #expect(good.output.hasSuffix("keeps to (nothing is declared): nothing exceeds\nit.\n"))
    #expect(try results(in: file).accuracy[0].bound?.model == "undeclared")
    #expect(try results(in: file).judging?.judge == .tolerance)

    for (outputs, recipe) in [(along, "the softmax along axis 0"), (zero, "all zeros")] {
      let words = ["verify", "--logits", x, "--probabilities", outputs, "--json", file]
      let wrong = try await run(words)
      #expect(wrong.status == 1)
      #expect(
        wrong.notes.contains(
          "judged by what any sound softmax keeps to (nothing is declared): exceeded "))
      #expect(wrong.notes.hasSuffix("; these are \(recipe)\n"))
      #expect(wrong.notes.contains("; sums are up to "))
      #expect(wrong.output.contains("\n! file:"))
      #expect(!wrong.output.contains("nothing exceeds"))
      #expect(try results(in: file).accuracy[0].resembles == recipe)
      // Nothing that is said of it depends on the oracle's tier.
      #expect(try await run(words + ["--oracle", "mpfr"]).notes == wrong.notes)

      let silent = try await run(words + ["--judge", "nothing"])
      #expect(silent.status == 0 && silent.notes == "")
      #expect(silent.output.hasSuffix("Nothing was judged: errors were measured only.\n"))
      #expect(try results(in: file).judging?.judge == .nothing)
      #expect(try await run(words + ["--declare", "none"]).status == 1)
    }
    try await run([
      "verify", "--logits", x, "--probabilities", zero, "--judge", "nothing", "--max-ulp", "1",
    ]).expectRefusal(64, "--judge nothing judges nothing; leave --max-ulp out")
  }

  @Test("What export wrote is verified family by family; what did not come back is not measured")
  func exported() async throws {
    let folder = try TemporaryFolder()
    let inputs = folder.path("inputs")
    // The softmax of one logit is 1.
    try await run([
      "export", inputs, "--length", "1", "--samples", "3", "--format", "float32", "--family",
      "normal-4", "--family", "constant", "--family", "integers",
    ])
    let outputs = folder.path("outputs")
    try FileManager.default.createDirectory(atPath: outputs, withIntermediateDirectories: true)
    for family in ["normal-4", "constant"] {
      _ = try folder.array("outputs/float32-\(family)-1.npy", [1, 1, 1], shape: [3, 1])
    }
    let file = folder.path("results.json")
    let words = ["verify", "--inputs", inputs, "--outputs", outputs, "--json", file]
    let outcome = try await run(words)
    #expect(outcome.status == 2)
    #expect(
      outcome.notes == "not measured: \(outputs)/float32-integers-1.npy is missing\n")
    let rows = try results(in: file).accuracy
    #expect(rows.map(\.family).sorted() == ["constant", "normal-4"])
    #expect(rows.allSatisfy { $0.maxUlp == 0.0 && $0.implementation == "file:outputs" })

    _ = try folder.array("outputs/float32-integers-1.npy", [1, 1], shape: [2, 1])
    let wrong = try await run(words)
    #expect(wrong.status == 65)
    #expect(wrong.notes.contains("the probabilities [2, 1]; they must have the same"))
    #expect(wrong.output.contains("file:outputs"))
    _ = try folder.array("outputs/float32-integers-1.npy", [1, 1, 1], shape: [3, 1])
    #expect(try await run(words).status == 0)
  }

  @Test("Tensors of a .safetensors file are named behind a colon")
  func safetensors() async throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"x":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}"#
    let count = UInt64(header.utf8.count)
    let data =
      Data((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }) + Data(header.utf8)
      + Data([0, 60, 0, 60, 0, 0, 0, 63, 0, 0, 0, 63])
    let path = try folder.file("both.safetensors", data)
    let file = folder.path("results.json")
    let outcome = try await run([
      "verify", "--logits", path + ":x", "--probabilities", path + ":y", "--json", file,
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.inputFormat == .float16 && row.outputFormat == .float32 && row.maxUlp == 0.0)
    try await run(["verify", "--logits", path, "--probabilities", path + ":y"]).expectRefusal(
      65, "\(path) holds 2 tensors; name one as \(path):NAME, of x, y")
  }

  @Test("Raw files are what somebody says, and dimensions of 1 do not matter")
  func rawFiles() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.file(
      "x.bin", [Float](repeating: 1, count: 4).withUnsafeBytes { Data($0) })
    let outputs = try folder.array("y.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 1, 2])
    let file = folder.path("results.json")
    let outcome = try await run([
      "verify", "--logits", logits, "--probabilities", outputs, "--shape", "2,2", "--dtype",
      "float32", "--json", file,
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(
      outcome.notes
        == ""
        + "note: the probabilities have the shape [2, 1, 2], which differs in dimensions of 1 alone\n"
    )
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.lanes == 2 && row.maxUlp == 0.0 && row.family == "file:x.bin")
    let short = try await run([
      "verify", "--logits", logits, "--probabilities", outputs, "--shape", "2,3", "--dtype",
      "float32",
    ])
    #expect(short.status == 65)
    #expect(short.notes.contains("has 16 bytes, and the shape [2, 3] of float32 needs 24 bytes"))
  }

  @Test(
    "Outputs on the grid of bfloat16 are noticed, and measured in its ulp where somebody says so")
  func computedIn() async throws {
    let folder = try TemporaryFolder()
    // softmax(0, k/4) to eight bits: correctly rounded in bfloat16, 2^15 ulp of float32 off.
    let steps = (1...8).map { Double($0) / 4 }
    let exact = steps.map { 1 / (1 + exp(-$0)) }
    func narrow(_ value: Double) -> Float {
      let bits = Float(value).bitPattern
      return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }
    let x = try folder.array("x.npy", steps.flatMap { [0, Float($0)] }, shape: [8, 2])
    let y = try folder.array(
      "y.npy", exact.flatMap { [narrow(1 - $0), narrow($0)] }, shape: [8, 2])
    let words = ["verify", "--logits", x, "--probabilities", y, "--max-ulp", "0.51"]
    let wide = try await run(words)
    #expect(wide.status == 1)
    #expect(
      wide.notes.contains(
        "every value of \(y) is a bfloat16 number; if it was computed in bfloat16, say --computed-in bfloat16"
      ), "\(wide.notes)")
    let file = folder.path("results.json")
    let measured = try await run(words + ["--computed-in", "bfloat16", "--json", file])
    #expect(measured.status == 0, "\(measured.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.inputFormat == .float32 && row.outputFormat == .bfloat16)
    #expect(row.correctlyRounded == 1.0)
    // As float32 leaves them.
    let z = try folder.array("z.npy", exact.flatMap { [Float(1 - $0), Float($0)] }, shape: [8, 2])
    let other = try await run([
      "verify", "--logits", x, "--probabilities", z, "--computed-in", "bfloat16",
    ])
    #expect(other.status == 65)
    #expect(
      other.notes.contains(
        "values of \(z) are no bfloat16 numbers, the first of them \(Double(Float(1 - exact[0])).hexText) at [0, 0]; it was not computed in bfloat16"
      ), "\(other.notes)")
  }

  @Test("A tolerance of one's own stands in the table, with a word where no softmax can keep it")
  func ownTolerance() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [1, 1], shape: [1, 2])
    let y = try folder.array("y.npy", [0.5, 0.5], shape: [1, 2])
    let words = ["verify", "--logits", x, "--probabilities", y]
    let outcome = try await run(
      words + ["--computed-in", "bfloat16", "--elsewhere", "--rtol", "1e-5", "--atol", "1e-5"])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(
      outcome.output.replacing("\n", with: " ").contains(
        "own: your own, |y - p| <= 1e-05 + 1e-05 p"))
    #expect(
      outcome.notes.contains(
        "note: no softmax in bfloat16 can keep |y - p| <= 1e-05 + 1e-05 p: correctly rounded it is off by up to 0.001953125 near 1/2, where that allows 1.5019531e-05"
      ), "\(outcome.notes)")
    try await run(words + ["--rtol", "1e-5"]).expectRefusal(
      64, "--rtol and --atol belong to --elsewhere; add it, or leave them out")
  }

  @Test("Bad combinations and bad files are refused with one sentence and the right status")
  func refusals() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [1, 1], shape: [1, 2])
    let y = try folder.array("y.npy", [1, 1], shape: [2, 1])
    try await run(["verify", "--logits", x]).expectRefusal(
      64,
      "name --logits and --probabilities, or --inputs and --outputs, or --claims, "
        + "and nothing else"
    )
    try await run(["verify", "--logits", x, "--probabilities", y]).expectRefusal(
      65,
      "the logits file:x.npy have the shape [1, 2], the probabilities [2, 1]; they must have the same"
    )
    try await run(["verify", "--logits", x, "--probabilities", x, "--axis", "2"]).expectRefusal(
      64, "axis 2 does not exist in a tensor of shape [1, 2]; it must lie between -2 and 1")
    try await run(["verify", "--logits", x, "--probabilities", x, "--format", "float32"])
      .expectRefusal(
        64,
        "--format float32: files say themselves what they hold, but for float16 and bfloat16 saved as 16-bit integers and 8-bit formats saved as bytes"
      )
    try await run(["verify", "--logits", x, "--probabilities", x, "--format", "float16"])
      .expectRefusal(
        64,
        "--format float16 is for 16-bit integers; \(x) holds float32, \(x) float32; leave it out")
    let both = ["verify", "--logits", x, "--probabilities", x]
    try await run(both + ["--shape", "1,2"]).expectRefusal(
      64, "--shape and --dtype belong together; give both, or none")
    try await run(both + ["--shape", "1,2", "--dtype", "float32"]).expectRefusal(
      64, "--shape and --dtype are for raw files; \(x) and \(x) say what they hold")
    try await run(both + ["--computed-in", "float64"]).expectRefusal(
      64, "--computed-in float64: \(x) holds float32, which is no wider; leave it out")
    try await run(["verify", "--inputs", folder.path(""), "--outputs", "."]).expectRefusal(
      65,
      "cannot read \(folder.path(""))/manifest.json: there is no such file or folder; name a directory that export wrote"
    )
  }
}
