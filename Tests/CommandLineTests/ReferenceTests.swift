import Foundation
import Testing

@testable import AuditRecords

/// The digits were computed with mpmath 1.3 at 80 digits.
@Suite("The reference command")
struct ReferenceTests {
  @Test("It prints as many digits as asked for, all of them correct")
  func digits() async throws {
    let outcome = try await run("reference 1 2 3 --digits 50")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(
      outcome.output == """
        1  9.0030573170380457998022101484491797867930864911467e-2
        2  2.4472847105479765247295961834076279719930007483797e-1
        3  6.6524095577482188952901828017474540493276906025056e-1

        """)
    let one = try await run("reference 1 2 3 --digits 1")
    #expect(one.output == "1  9e-2\n2  2e-1\n3  7e-1\n")
  }

  @Test(
    "Negative numbers are logits, with and without --",
    arguments: ["reference -1 -2 -3 --digits 20", "reference --digits 20 -- -1 -2 -3"])
  func negativeLogits(command: String) async throws {
    let outcome = try await run(command)
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        -1  6.6524095577482188953e-1
        -2  2.4472847105479765247e-1
        -3  9.0030573170380457998e-2

        """)
  }

  @Test("Hexadecimal logits and all ways to write a decimal one are understood")
  func notations() async throws {
    let plain = try await run("reference 12 -0.5 3 --digits 20").output
    let other = try await run("reference 0x1.8p+3 -.5 +3e0 --digits 20").output
    func values(_ text: String) -> [Substring] {
      text.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    }
    #expect(values(plain).count == 3)
    #expect(values(plain) == values(other))
  }

  @Test("A -inf logit has probability 0, in every column")
  func maskedLogits() async throws {
    #expect(
      try await run("reference 0 -inf 0 --digits 3").output
        == "0     5.00e-1\n-inf  0\n0     5.00e-1\n")
    let rounded = try await run("reference 0 -inf --digits 3 --format float32")
    #expect(rounded.output == "0     1.00e0  1.0  0x1p+0\n-inf  0  0.0  0x0p+0\n")
    let logarithms = try await run("reference 0 -inf --digits 3 --operation log-softmax")
    #expect(logarithms.output == "0     0\n-inf  -inf\n")
  }

  @Test("With a format the correctly rounded value follows, in decimal and hexadecimal")
  func rounding() async throws {
    let outcome = try await run("reference 1 2 3 --digits 10 --format float32")
    #expect(
      outcome.output == """
        1  9.003057317e-2  0.09003057  0x1.70c3e6p-4
        2  2.447284711e-1  0.24472848  0x1.f53434p-3
        3  6.652409558e-1  0.66524094  0x1.549a76p-1

        """)
    let narrow = try await run(
      "reference 1 2 3 --digits 10 --format float32 --output-format bfloat16")
    #expect(narrow.lines.first == "1  9.003057317e-2  0.09  0x1.7p-4")
  }

  @Test("log-softmax and logsumexp are exact as well")
  func otherOperations() async throws {
    let logarithms = try await run("reference 1 2 3 --operation log-softmax --digits 30")
    #expect(
      logarithms.output == """
        1  -2.40760596444438030448291990455e0
        2  -1.40760596444438030448291990455e0
        3  -4.07605964444380304482919904545e-1

        """)
    let sum = try await run("reference 1 2 3 --operation logsumexp --digits 30")
    #expect(sum.output == "3.40760596444438030448291990455e0\n")
  }

  @Test("A logit that the format does not hold is rounded, and a note says so")
  func roundedLogits() async throws {
    let narrow = try await run("reference 0.1 0.5 --format float16 --digits 5")
    #expect(narrow.status == 0)
    #expect(narrow.notes == "note: 0.1 is rounded to float16: 0x1.998p-4\n")
    let wide = try await run("reference 0.1 0.5 9007199254740993 --digits 5")
    #expect(
      wide.notes == """
        note: 0.1 is rounded to float64: 0x1.999999999999ap-4
        note: 9007199254740993 is rounded to float64: 0x1p+53

        """)
  }

  @Test("Of many such logits a few are named, and the others counted")
  func manyRoundedLogits() async throws {
    let words = (1...10).map { "0.\($0)1" }
    let outcome = try await run(["reference", "--digits", "3"] + words)
    #expect(outcome.lines.count == 10)
    let notes = outcome.notes.split(separator: "\n")
    #expect(notes.count == 4)
    #expect(notes.last == "note: so are 7 other logits")
  }

  @Test("Sixteen thousand logits are no trouble, and stand between options as they like")
  func manyLogits() async throws {
    let words = (0..<16_000).map { "\($0 % 50)" }
    let outcome = try await run(
      ["reference"] + words[..<5] + ["--digits", "5"] + words[5...] + ["--format=float32"],
      limit: 60)
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 16_000)
    // 1 / (320 sum of e^-k for k below 50) = 0.00197537674634, in binary64.
    #expect(outcome.lines.last?.hasPrefix("49  1.9754e-3  ") == true)
    #expect(outcome.lines.last?.hasSuffix("  0x1.02eaa6p-9") == true)
  }

  // MARK: Tensors

  @Test(
    "A golden file is correctly rounded in every output, along any axis, from and to any format")
  func goldenFiles() async throws {
    let folder = try TemporaryFolder()
    let count = 7 * 130 * 3
    let elements = (0..<count).map { Float(($0 * 7919) % 1000) / 37 - 13 }
    let x = try folder.array("x.npy", elements, shape: [7, 130, 3])
    let y = folder.path("y.npy")
    for axis in [-1, 0, 1] {
      for format in ["float16", "bfloat16", "float32", "float64"] {
        for threads in ["1", "2"] {
          let outcome = try await run([
            "reference", "--logits", x, "--axis", "\(axis)", "--output-format", format,
            "--threads", threads, "--output", y,
          ])
          #expect(outcome.status == 0 && outcome.output == "" && outcome.notes == "")
        }
        let json = folder.path("verified.json")
        let verified = try await run([
          "verify", "--logits", x, "--probabilities", y, "--axis", "\(axis)", "--max-ulp", "0.5",
          "--json", json, "--oracle", "mpfr",
        ])
        #expect(verified.status == 0, "\(verified.notes)")
        let row = try #require(try results(in: json).accuracy.first)
        #expect(row.correctlyRounded?.value == 1)
        #expect(row.elements == UInt64(count) && row.mismatches == 0)
        #expect(row.maxUlp.map { $0.value <= 0.5 } == true)
      }
    }
  }

  @Test("A golden file goes to standard output as well, to the byte")
  func goldenToStandardOutput() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [0, 1, 2, 3, 4, 5], shape: [2, 3])
    _ = try await run(["reference", "--logits", x, "--output", folder.path("y.npy")])
    let piped = try folder.file("piped.npy", Data())
    let outcome = try await run(
      ["reference", "--logits", x, "--output", "-"],
      output: FileHandle(forWritingTo: URL(fileURLWithPath: piped)))
    #expect(outcome.status == 0)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: piped))
    #expect(bytes == (try Data(contentsOf: URL(fileURLWithPath: folder.path("y.npy")))))
    // 0.09003057 as mpmath has it, three times in each row of equal steps.
    #expect(bytes.count == 128 + 24)
    #expect(bytes.dropFirst(128).prefix(4) == Data([0xF3, 0x61, 0xB8, 0x3D]))
  }

  @Test("What is written for lanes without a softmax is what the policy allows")
  func specialLanes() async throws {
    let folder = try TemporaryFolder()
    let (masked, infinite) = (-Float.infinity, Float.infinity)
    let x = try folder.array(
      "x.npy", [masked, masked, 1, infinite, .nan, 1, 1, 1], shape: [4, 2])
    let y = folder.path("y.npy")
    func words(_ policy: String?) async throws -> [UInt32] {
      let outcome = try await run(
        ["reference", "--logits", x, "--output", y]
          + (policy.map { ["--special-lanes", $0] } ?? []))
      #expect(outcome.status == 0)
      #expect(outcome.notes.hasPrefix("note: 3 lanes with NaN, +inf or only -inf"))
      let verified = try await run(
        ["verify", "--logits", x, "--probabilities", y]
          + (policy.map { ["--special-lanes", $0] } ?? []))
      #expect(verified.status == 0, "\(verified.notes)")
      let data = try Data(contentsOf: URL(fileURLWithPath: y)).suffix(32)
      return stride(from: data.startIndex, to: data.endIndex, by: 4).map { place in
        data[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
    }
    let (one, half, nan) = (UInt32(0x3F80_0000), UInt32(0x3F00_0000), Float.nan.bitPattern)
    #expect(try await words(nil) == [nan, nan, nan, nan, nan, nan, half, half])
    #expect(
      try await words("masked-zero,infinity-one-hot") == [0, 0, 0, one, nan, nan, half, half])
    #expect(try await words("masked-uniform") == [half, half, nan, nan, nan, nan, half, half])
  }

  @Test("log-softmax and logsumexp of tensors; the latter has no axis")
  func otherTensors() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [1, 2, 3, -.infinity, 0, 0], shape: [2, 3])
    let y = folder.path("y.npy")
    _ = try await run(["reference", "--logits", x, "--operation", "logsumexp", "--output", y])
    let sums = try Data(contentsOf: URL(fileURLWithPath: y))
    #expect(String(decoding: sums.prefix(80), as: UTF8.self).contains("'shape': (2,)"))
    // 3.4076059644443806 and log 2, rounded to float32 by hand: 0x1.b42c6ep+1, 0x1.62e430p-1.
    #expect(sums.suffix(8) == Data([0x37, 0x16, 0x5A, 0x40, 0x18, 0x72, 0x31, 0x3F]))
    _ = try await run(["reference", "--logits", x, "--operation", "log-softmax", "--output", y])
    let logarithms = try Data(contentsOf: URL(fileURLWithPath: y)).suffix(12)
    // -inf, -log 2, -log 2.
    #expect(
      logarithms
        == Data([0, 0, 0x80, 0xFF, 0x18, 0x72, 0x31, 0xBF, 0x18, 0x72, 0x31, 0xBF]))
  }

  @Test("Short tensors are printed, a lane after the other")
  func printedTensors() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [1, 2, 3, .nan, 0, 0], shape: [2, 3])
    let outcome = try await run(["reference", "--logits", x, "--digits", "10"])
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        lane 0
        1.0  9.003057317e-2
        2.0  2.447284711e-1
        3.0  6.652409558e-1

        lane 1
        no softmax: an input is NaN

        """)
    let long = try folder.array("long.npy", [Float](repeating: 0, count: 1001), shape: [1001])
    try await run(["reference", "--logits", long]).expectRefusal(
      64, "\(long) has 1001 logits, and up to 1000 are printed; name --output")
  }

  @Test("Values too small for digits are printed as a bound")
  func vanishingValues() async throws {
    let outcome = try await run("reference 0 -1e9 --digits 3")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.output == "0     1.00e0\n-1e9  < 2^-536870912\n")
    let rounded = try await run("reference 0 -1e9 --digits 3 --format float32")
    #expect(rounded.output == "0     1.00e0  1.0  0x1p+0\n-1e9  < 2^-536870912  0.0  0x0p+0\n")
    let logarithms = try await run("reference 0 -1e9 --digits 3 --operation log-softmax")
    #expect(logarithms.output == "0     > -2^-536870912\n-1e9  -1.00e9\n")
    let sum = try await run("reference 0 -1e9 --digits 3 --operation logsumexp")
    #expect(sum.output == "< 2^-536870912\n")
    // e^(-2^28) still has digits.
    let small = try await run("reference 0 -268435456 --digits 6")
    #expect(small.lines.last == "-268435456  5.15249e-116580038")
  }

  @Test(
    "What is no lane of logits is a usage error that says what to write",
    arguments: [
      ("", "reference needs at least one logit, for example: softmax-audit reference 1 2 3"),
      ("--digits 0 1", "--digits 0: use a number from 1 to 100000"),
      ("--digits -3 1", "--digits -3: use a number from 1 to 100000"),
      ("1 two", "\"two\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf"),
      ("1 --digts", "\"--digts\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf"),
      ("1 nan", "\"nan\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      ("1 inf", "\"inf\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      ("1e400", "\"1e400\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      (
        "7e4 --format float16",
        "\"7e4\" is not a finite float16 number; a lane with NaN or +inf has no softmax"
      ),
      ("-inf -inf", "every logit is -inf; such a lane has no softmax"),
      ("1 2 --output y.npy", "--output belongs to --logits; there is none"),
      ("1 2 --axis 0", "--axis belongs to --logits; there is none"),
    ])
  func refusals(arguments: String, message: String) async throws {
    try await run("reference \(arguments)").expectRefusal(64, message)
  }
}
