import AuditedOperations
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

@Suite("The audit command")
struct AuditTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("It prints a table, writes the results as JSON and leaves with 0")
  func oneCell() async throws {
    let json = folder.path("results.json")
    let outcome = try await run(
      "audit --implementation max-trick --format float32 --family normal-4 --length 9 --samples 3 --json \(json)"
    )
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.lines.first == "float32")
    #expect(outcome.output.contains("\nmax-trick/sequential "))
    #expect(outcome.output.contains("No declared bound was exceeded"))

    let results = try results(in: json)
    #expect(results.schema == "softmax-audit/results/1")
    #expect(results.seed == 20_180_528)
    #expect(results.tool.name == "softmax-audit")
    #expect(results.oracle.tier == "filtered")
    #expect(results.command.hasPrefix("softmax-audit audit --implementation max-trick --format"))
    try #require(results.accuracy.count == 1)
    let row = results.accuracy[0]
    #expect(row.implementation == "max-trick/sequential")
    #expect([row.inputFormat, row.outputFormat] == [.float32, .float32])
    #expect(row.operation == .softmax)
    #expect(row.family == "normal-4")
    #expect((row.length, row.axis, row.lanes, row.elements) == (9, 1, 3, 27))
    #expect(row.shape == [3, 9])
    #expect(row.finitePairs == 27)
    #expect(row.bound?.model == "max-trick/sequential")
    let worst = try #require(row.worst)
    #expect(worst.logits.count == 9)
    #expect(abs(worst.ulp.value) == row.maxUlp?.value)
  }

  @Test("Another seed gives other figures; a random one is printed and recorded")
  func seeds() async throws {
    let command =
      "audit --implementation naive --format float32 --family normal-1 --length 20 --samples 2"
    var means: [Double?] = []
    for seed in ["1", "2", "2"] {
      let json = folder.path("seed.json")
      try await run("\(command) --seed \(seed) --json \(json)")
      means.append(try results(in: json).accuracy.first?.meanUlp?.value)
    }
    #expect(means[0] != means[1])
    #expect(means[1] == means[2])

    let json = folder.path("random.json")
    let outcome = try await run("\(command) --seed random --json \(json)")
    #expect(outcome.notes == "seed: \(try results(in: json).seed)\n")
  }

  @Test("With --quiet nothing is printed, whatever the outcome")
  func quiet() async throws {
    let command =
      "audit --quiet --implementation naive --format float32 --family normal-1 --length 20"
    for (options, status) in [("", 0), ("--max-ulp 0", 1), ("--seed random", 0)]
      as [(String, Int32)]
    {
      let outcome = try await run("\(command) \(options)")
      #expect(outcome.status == status)
      #expect(outcome.output == "")
      #expect(outcome.notes == "")
    }
  }

  @Test("--report writes the report and the results that it was made of")
  func reportFolder() async throws {
    let report = folder.path("a/b")
    let outcome = try await run(
      "audit --implementation naive --format float32 --family constant --length 4 --report \(report)"
    )
    #expect(outcome.status == 0)
    #expect(outcome.notes == "report: \(report)/report.html\n")
    let page = try String(contentsOfFile: report + "/report.html", encoding: .utf8)
    let again = folder.path("again")
    try await run("report \(report)/results.json --report \(again)")
    #expect(try String(contentsOfFile: again + "/report.html", encoding: .utf8) == page)
    #expect(try await run("report \(report)/results.json").output == outcome.output)
  }

  // MARK: - Failure

  @Test("Logits outside the declared domain of an implementation are mismatches and no failure")
  func declaredMismatches() async throws {
    let logits = try folder.array("large.npy", [12, 12, 0, 1, 2, 3], shape: [2, 3])
    let json = folder.path("results.json")
    let outcome = try await run(
      "audit --implementation naive --format float16 --logits \(logits) --json \(json)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "note: \(logits) holds float32; rounded to float16\n")
    #expect(outcome.output.contains("Mismatches outside the declared domain: naive."))
    let row = try #require(results(in: json).accuracy.first)
    #expect(row.family == "file:large.npy")
    #expect(row.mismatches == 2)
    #expect(row.mismatchedLanes == 1)
    #expect(row.mismatchesInDomain == 0)
    #expect(row.bound?.outsideDomain == 3)
  }

  @Test("A mismatch in the domain of the declared model fails")
  func mismatchesInDomain() async throws {
    let logits = try folder.array("large.npy", [12, 12, 0], shape: [1, 3])
    let outcome = try await run(
      "audit --implementation naive --format float16 --declare max-trick --logits \(logits)")
    #expect(outcome.status == 1)
    #expect(
      outcome.notes.contains(
        "\nfailed: naive/sequential in float16, file:large.npy, length 3: judged by the bound of max-trick/sequential: exceeded 49.0 times"
      ))
    #expect(
      outcome.notes.hasSuffix(
        "; 2 of 3 outputs are NaN, and the declared domain excuses none of them\n"))
  }

  @Test("--max-ulp fails with the cell, the error and the limit")
  func maxUlp() async throws {
    let outcome = try await run(
      "audit --implementation max-trick --format float32 --family two-level --length 100 --samples 1 --max-ulp 0.1"
    )
    #expect(outcome.status == 1)
    #expect(
      outcome.notes.wholeMatch(
        of:
          /failed: max-trick\/sequential in float32, two-level, length 100: [0-9.]+ ulp exceed --max-ulp 0\.1\n/
      ) != nil)
    #expect(!outcome.output.isEmpty)
  }

  @Test("Of many failing cells of an implementation in a format the worst three are named")
  func manyFailures() async throws {
    let json = folder.path("results.json")
    let outcome = try await run(
      "audit --implementation max-trick --format float32 --length 20 --samples 1 --max-ulp 0 --json \(json)"
    )
    #expect(outcome.status == 1)
    let failing = try results(in: json).accuracy.count { ($0.maxUlp?.value ?? 0) > 0 }
    let notes = outcome.notes.split(separator: "\n")
    try #require(failing > 4)
    #expect(notes.count == 4)
    #expect(
      notes.last == "failed: max-trick/sequential in float32: and \(failing - 3) more cells")
  }

  @Test("Declaring a better model than the implementation is fails")
  func betterModel() async throws {
    let command =
      "audit --implementation max-trick/sequential --format float16 --family dust --length 4096 --samples 1"
    #expect(try await run(command).status == 0)
    let outcome = try await run("\(command) --declare max-trick/compensated")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("\n! max-trick/sequential "))
    #expect(
      outcome.output.contains("max-trick/sequential in float16, dust, length 4096, judged by the"))
    #expect(
      outcome.notes.contains(
        /dust, length 4096: judged by the bound of max-trick\/compensated: exceeded [0-9.]+ times/)
    )
  }

  @Test("Special lanes are judged by the policy")
  func specialLanes() async throws {
    let command = "audit --implementation max-trick --format float32 --family special --length 6"
    #expect(try await run(command).status == 0)
    #expect(try await run("\(command) --special-lanes masked-zero").status == 1)
  }

  // MARK: - What is not measured

  @Test("A glob that matches nothing selects nothing: not measured")
  func emptyGlobs() async throws {
    try await run("audit --implementation zz*").expectRefusal(
      2, "no implementation matches zz*; nothing was measured")
    try await run("audit --family zz*").expectRefusal(
      2, "no family matches zz*; nothing was measured")
    try await run("audit --implementation */float32 --format float64").expectRefusal(
      2,
      "no implementation that matches */float32 is offered for float64; there --format can be float8-e4m3fn, float8-e5m2, float8-e4m3fnuz, float8-e5m2fnuz, float16, bfloat16"
    )
  }

  @Test("A glob narrows to what is offered for the formats asked for")
  func narrowingGlobs() async throws {
    let json = folder.path("results.json")
    for selection in ["--implementation max-trick/*", ""] {
      let outcome = try await run(
        "audit \(selection) --format float32 --family constant --length 3 --json \(json)")
      #expect(outcome.status == 0)
      #expect(outcome.notes == "")
      let names = try results(in: json).accuracy.map(\.implementation)
      #expect(names.contains("max-trick/pairwise"))
      #expect(!names.contains { $0.hasSuffix("/float32") })
    }
  }

  @Test("A built-in form that a glob takes besides others need not be made for the lanes")
  func globsBesideDomains() async throws {
    let command = "audit --operation cross-entropy --format float32 --family uniform-100 --length 5"
    let all = try await run(command)
    #expect(all.status == 0, "\(all.notes)")
    #expect(all.notes.contains("finite logits beyond 64.0"), "\(all.notes)")
    for pattern in ["fused", "fused/*"] {
      let alone = try await run("\(command) --implementation \(pattern)")
      #expect(alone.status == 2, "\(pattern): \(alone.notes)")
      #expect(alone.notes.contains("made for none of these lanes"), "\(alone.notes)")
    }
    let both = try await run(
      "\(command) --implementation of-log-softmax --implementation fused")
    #expect(both.status == 2, "\(both.notes)")
  }

  @Test("What is named literally and cannot be measured is reported, after the rest was measured")
  func literalNames() async throws {
    let json = folder.path("results.json")
    let command =
      "audit --implementation max-trick --implementation max-trick/float32 --format float32 "
      + "--family normal-4 --length 8"
    let reason =
      "max-trick/sequential/float32 is not offered for the formats asked for, but for float16, bfloat16, float8-e4m3fn, float8-e5m2, float8-e4m3fnuz, float8-e5m2fnuz"
    let outcome = try await run("\(command) --json \(json)")
    #expect(outcome.status == 2)
    #expect(outcome.notes == "not measured: \(reason)\n")
    #expect(try results(in: json).accuracy.map(\.implementation) == ["max-trick/sequential"])
    // A failure weighs more.
    let failing = try await run("\(command) --max-ulp 0")
    #expect(failing.status == 1)
    #expect(failing.notes.hasPrefix("failed: "))
    #expect(failing.notes.hasSuffix("not measured: \(reason)\n"))
    // Alone it leaves nothing to measure.
    let alone = try await run("audit --implementation max-trick/float32 --format float32")
    #expect(alone.status == 2)
    #expect(alone.output == "")
    #expect(alone.notes.hasPrefix("error: \(reason)\n"))
  }

  @Test("So are a family without lanes and a format without implementation")
  func literalFamiliesAndFormats() async throws {
    let family = try await run(
      "audit --implementation naive --format float32 --family constant --family dust-float32 --length 3"
    )
    #expect(family.status == 2)
    #expect(
      family.notes == "not measured: the family dust-float32 has no lanes in the formats measured\n"
    )
    let format = try await run(
      "audit --implementation */float32 --format float32 --format float16 --family constant --length 3"
    )
    #expect(format.status == 2)
    #expect(format.notes == "not measured: no selected implementation is offered for float32\n")
    #expect(format.lines.first == "float16, computed in float32")
  }

  // MARK: - Usage

  @Test(
    "A mistake on the command line is answered with what to write instead",
    arguments: [
      (
        "--implementation max-trik",
        "there is no implementation \"max-trik\"; 'softmax-audit list' shows those there are; "
          + "did you mean \"max-trick/sequential\"?"
      ),
      (
        "--implementation zz",
        "there is no implementation \"zz\"; 'softmax-audit list' shows those there are"
      ),
      (
        "--family normal",
        "there is no family \"normal\"; 'softmax-audit list --families' shows those there are; "
          + "did you mean \"normal-1\"?"
      ),
      (
        "--special-lanes nan-nowhere",
        "there is no special-lane policy \"nan-nowhere\"; there are nan-somewhere, nan-everywhere, "
          + "masked-zero, masked-uniform, infinity-one-hot, nan-zero, nan-as-masked"
      ),
      (
        "--special-lanes masked-zero,masked-uniform",
        "masked-zero and masked-uniform contradict each other; declare one of them"
      ),
      (
        "--declare torch",
        "there is no model \"torch\"; a model is the name of a built-in variant, such as "
          + "max-trick/pairwise/float32, or of a combination, such as "
          + "online+exp2+reciprocal/lanes-8/float32 (list --models)"
      ),
      ("--threads 0", "--threads 0: use at least 1"),
      ("--threads -1", "--threads -1: use at least 1"),
      ("--samples 0", "--samples 0: use a number from 1 to 268435456"),
      (
        "--samples 9223372036854775807",
        "--samples 9223372036854775807: use a number from 1 to 268435456"
      ),
      ("--length -1", "--length -1: a length lies between 0 and 16777216"),
      ("--length 16777217", "--length 16777217: a length lies between 0 and 16777216"),
      (
        "--family constant --length 16777216 --samples 17",
        "--samples 17: with length 16777216 the family constant has more than 268435456 logits; "
          + "use fewer"
      ),
      ("--max-ulp -1", "--max-ulp -1.0: use a finite number that is not negative"),
      ("--max-ulp nan", "--max-ulp nan: use a finite number that is not negative"),
      ("--max-ulp inf", "--max-ulp inf: use a finite number that is not negative"),
      ("--seed -1", "--seed -1: use a number from 0 to 2^64 - 1, or 'random'"),
      ("--seed tuesday", "--seed tuesday: use a number from 0 to 2^64 - 1, or 'random'"),
      ("--axis -1", "--axis belongs to --logits; the lanes of families have one axis"),
      (
        "--logits x.npy --family constant",
        "--logits brings its own lanes; leave --family, --length, --samples and --seed out"
      ),
      (
        "--logits x.npy --seed 1",
        "--logits brings its own lanes; leave --family, --length, --samples and --seed out"
      ),
    ])
  func usage(options: String, message: String) async throws {
    try await run("audit \(options)").expectRefusal(64, message)
  }

  @Test(
    "An unknown format is answered with those that there are",
    arguments: ["--format float8", "--output-format float8"])
  func unknownFormat(options: String) async throws {
    let outcome = try await run("audit \(options)")
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.notes.contains("'float8' is invalid"))
    for format in FloatFormat.everyOne {
      #expect(outcome.notes.contains("  - \(format.rawValue)\n"), "\(outcome.notes)")
    }
  }

  // MARK: - Files

  @Test("Logits along any axis that the tensor has are measured")
  func axes() async throws {
    let logits = try folder.array("x.npy", [1, 2, 3, 4, 5, 6], shape: [2, 3])
    let json = folder.path("results.json")
    for (options, axis, length) in [("--axis -1", 1, 3), ("--axis 0", 0, 2), ("", 1, 3)] {
      let outcome = try await run(
        "audit --implementation max-trick --logits \(logits) \(options) --json \(json)")
      #expect(outcome.status == 0)
      let row = try #require(results(in: json).accuracy.first)
      #expect((row.axis, row.length, row.inputFormat) == (axis, length, .float32))
      #expect(row.shape == [2, 3])
    }
    for axis in [2, -3] {
      try await run("audit --logits \(logits) --axis \(axis)").expectRefusal(
        64,
        "axis \(axis) does not exist in a tensor of shape [2, 3]; it must lie between -2 and 1")
    }
  }

  @Test("Logits that are no readable array are malformed input")
  func malformedLogits() async throws {
    let missing = folder.path("missing.npy")
    try await run("audit --logits \(missing)").expectRefusal(
      65, "\(missing) cannot be read: there is no such file or folder; check the name")
    let text = try folder.file("text.npy", Data("1.0 2.0\n".utf8))
    try await run("audit --logits \(text)").expectRefusal(
      65, "\(text) is not a .npy file; save one array with numpy.save")
    let whole = try folder.array("whole.npy", [1, 2, 3], shape: [3])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
    let cut = try folder.file("cut.npy", bytes.dropLast())
    try await run("audit --logits \(cut)").expectRefusal(
      65,
      "\(cut) should have 12 bytes of data for the shape (3,) of float32, but has 11: it was cut "
        + "short; save or copy it again")
    let endless = try folder.array("endless.npy", [], shape: [1 << 60, 0])
    try await run("audit --logits \(endless)").expectRefusal(
      65, "\(endless) has 1152921504606846976 lanes without a logit; save fewer")
  }

  @Test("A tensor without a lane is no pass; of lanes without a logit nothing is wrong")
  func emptyLogits() async throws {
    let lost = try folder.array("lost.npy", [], shape: [0, 3])
    let outcome = try await run("audit --implementation naive --logits \(lost)")
    #expect(outcome.status == 2)
    #expect(outcome.notes.contains("there are no outputs to judge"))
    #expect(outcome.output.contains("There are no outputs to judge."))
    let empty = try folder.array("empty.npy", [], shape: [3, 0])
    #expect(try await run("audit --implementation naive --logits \(empty)").status == 0)
    #expect(try await run("audit --implementation naive --length 0").status == 0)
  }

  @Test("Outputs that cannot be written are found before the work, and nothing is written")
  func unwritableOutputs() async throws {
    let command = "audit --implementation naive --format float32 --family constant --length 3"
    let file = try folder.file("file", Data("kept".utf8))
    let missing = folder.path("missing")
    try await run("\(command) --json \(missing)/x.json").expectRefusal(
      73,
      "cannot write \(missing)/x.json: the directory \(missing) does not exist; make it first")
    try await run("\(command) --json \(file)/x.json").expectRefusal(
      73, "cannot write \(file)/x.json: a part of its path is not a folder; check the name")
    try await run("\(command) --json \(folder.url.path)").expectRefusal(
      73, "cannot write \(folder.url.path): it is a directory; name a file")
    for report in [file, "\(file)/deeper"] {
      try await run("\(command) --report \(report)").expectRefusal(
        73, "cannot make the directory \(report): \(file) is a file; choose another place")
    }
    #expect(try folder.contents == ["file"])
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
  }

  // MARK: - Several at once

  @Test(
    "All mistakes are named, and the status is that of the gravest",
    arguments: [
      ("--threads 0 --samples 0", 64, ["--threads 0", "--samples 0"]),
      ("--logits GARBAGE --threads 0", 65, ["--threads 0", "is not a .npy file"]),
      ("--threads 0 --json MISSING/x --implementation zz*", 64, ["--threads", "zz*", "MISSING/x"]),
      ("--json MISSING/x --implementation zz*", 73, ["zz*", "MISSING/x"]),
    ] as [(String, Int32, [String])])
  func severalMistakes(options: String, status: Int32, parts: [String]) async throws {
    let garbage = try folder.file("garbage", Data("garbage".utf8))
    let missing = folder.path("missing")
    func filled(_ text: String) -> String {
      text.replacing("GARBAGE", with: garbage).replacing("MISSING", with: missing)
    }
    let outcome = try await run("audit \(filled(options))")
    #expect(outcome.status == status)
    #expect(outcome.output == "")
    let notes = outcome.notes.split(separator: "\n")
    #expect(notes.count == parts.count)
    for part in parts { #expect(notes.contains { $0.contains(filled(part)) }, "\(part)") }
  }
}
