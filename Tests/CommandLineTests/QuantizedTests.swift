import AuditRecords
import AuditedOperations
import Foundation
import TestSupport
import Testing

/// Quantised tensors on the command line: integers that mean scale (q - zero point).
@Suite("Quantised tensors on the command line")
struct QuantizedTests {
  private static let logits = [
    [-60, -51, -3, 2], [0, 0, 0, 0], [127, -128, -128, -128], [40, 41, 38, 20], [5, 25, -5, 0],
    [90, 90, 71, 66], [12, -12, 12, -12], [100, 30, 64, 99],
  ]
  private static let roles = [
    "--quantised", "logits=0.1,-3,int8", "--quantised", "probabilities=0.00390625,-128,int8",
  ]

  private static func bytes(_ codes: [Int]) -> [UInt8] {
    codes.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// The files of the logits and of what a kernel makes of them, as options.
  private static func files(
    _ function: (QuantizedKernel, [Int]) -> [Int], in folder: TemporaryFolder
  ) throws -> [String] {
    let kernel = QuantizedKernel()
    let shape = [logits.count, 4]
    let x = try folder.bytes("x.npy", bytes(logits.flatMap { $0 }), descr: "|i1", shape: shape)
    let y = try folder.bytes(
      "y.npy", bytes(logits.flatMap { function(kernel, $0) }), descr: "|i1", shape: shape)
    return ["--logits", x, "--probabilities", y]
  }

  @Test("int8 to int8 is judged in steps, and the row says what the integers mean")
  func sound() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("results.json")
    let words = try ["verify"] + Self.files({ $0.rounded($1) }, in: folder) + Self.roles
    let outcome = try await run(words + ["--json", file])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains("int8, logits = 0.1 (q + 3)"), "\(outcome.output)")
    #expect(outcome.output.contains("steps"), "\(outcome.output)")
    let found = try results(in: file)
    let row = try #require(found.accuracy.first)
    #expect(row.parameters?.quantised?["logits"]?.text == "0.1,-3,int8")
    #expect(row.parameters?.quantised?["probabilities"]?.zeroPoint == -128)
    #expect(row.correctlyRounded == 1.0 && row.maxUlp == nil && row.finitePairs == 32)
    #expect((0.25...0.5).contains(row.maxSteps?.value ?? 0))
    let steps = try #require(row.worst?.steps)
    #expect(steps.logits == Self.logits[row.worst?.sample ?? 0] && steps.computed == steps.rounded)
    // The same by its long spelling, and with a scale in hexadecimal.
    let long = words.map {
      $0 == "--logits" ? "--input" : $0 == "--probabilities" ? "--output" : $0
    }.map {
      $0.hasSuffix("x.npy") ? "logits=\($0)" : $0.hasSuffix("y.npy") ? "probabilities=\($0)" : $0
    }.map { $0.replacing("0.00390625", with: "0x1p-8") }
    let again = try await run(long + ["--json", folder.path("again.json")])
    #expect(again.status == 0, "\(again.notes)")
    #expect(try results(in: folder.path("again.json")).accuracy == found.accuracy)
  }

  @Test(
    "A mistake is noticed, and most are named",
    arguments: [
      ("wrapping", "wrapped around at the end of int8"), ("truncating", "truncated"),
      ("without-zero-point", "without the zero point -128"),
      ("other-scale", "in steps of the logits"),
      ("scale-squared", "square of the scale"),
      ("without-input-scale", "without the scale of the logits"),
      ("unsigned-logits", "logits read as uint8"),
      ("unsigned-outputs", "integers of uint8, read as int8"), ("base-two", "powers of 2"),
      ("short-table", ""), ("coarse-table", ""), ("unwritten", ""),
    ])
  func faulty(_ name: String, _ words: String) async throws {
    let folder = try TemporaryFolder()
    let function = try #require(QuantizedKernel.faulty.first { $0.name == name }).function
    let outcome = try await run(["verify"] + Self.files(function, in: folder) + Self.roles)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.notes.contains("steps off"), "\(outcome.notes)")
    if words.isEmpty {
      #expect(!outcome.notes.contains("these are"), "\(outcome.notes)")
    } else {
      #expect(
        outcome.notes.contains("these are") && outcome.notes.contains(words), "\(outcome.notes)")
    }
  }

  @Test("Only one of the two may be quantised, and a limit in steps is a limit")
  func oneRole() async throws {
    let folder = try TemporaryFolder()
    let words = try Self.files({ $0.truncating($1) }, in: folder)
    let shape = [Self.logits.count, 4]
    let numbers = Self.logits.flatMap { $0.map { Float(Double($0 + 3) * 0.125) } }
    let x = try folder.array("f.npy", numbers, shape: shape)
    let kernel = { () -> QuantizedKernel in
      var kernel = QuantizedKernel()
      kernel.inputScale = 0.125
      return kernel
    }()
    let y = try folder.bytes(
      "q.npy", Self.bytes(Self.logits.flatMap { kernel.rounded($0) }), descr: "|i1", shape: shape)
    let outputs = ["--probabilities", y, "--quantised", "probabilities=0x1p-8,-128,int8"]
    let file = folder.path("r.json")
    let toIntegers = try await run(["verify", "--logits", x] + outputs + ["--json", file])
    #expect(toIntegers.status == 0, "\(toIntegers.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.formatPair == "float32 to int8" && row.worst?.steps?.logits == nil)
    let limited = try await run(
      ["verify", "--logits", x] + outputs + ["--max-steps", "0.25"])
    #expect(limited.status == 1)
    #expect(limited.notes.contains("steps exceed --max-steps 0.25"), "\(limited.notes)")

    // softmax(0.125 (q + 3)) in float32, computed here.
    let floats = Self.logits.flatMap { lane -> [Float] in
      let terms = lane.map { exp(Double($0) * 0.125) }
      return terms.map { Float($0 / terms.reduce(0, +)) }
    }
    let p = try folder.array("p.npy", floats, shape: shape)
    let toFloats = try await run(
      [
        "verify", "--logits", words[1], "--probabilities", p, "--quantised",
        "logits=0.125,-3,int8", "--json", file,
      ])
    #expect(toFloats.status == 0, "\(toFloats.notes)")
    let second = try #require(try results(in: file).accuracy.first)
    #expect(second.correctlyRounded == 1.0 && second.formatPair == "int8 to float32")
    // A scale of the user's own multiplies that of the integers.
    let scaled = try await run([
      "verify", "--logits", words[1], "--probabilities", p, "--quantised", "logits=0.25,-3,int8",
      "--scale", "0.5",
    ])
    #expect(scaled.status == 0, "\(scaled.notes)")
    let wrong = try await run([
      "verify", "--logits", words[1], "--probabilities", p, "--quantised", "logits=0.25,-3,int8",
    ])
    #expect(wrong.status == 1)
  }

  @Test("uint8, int16, log-softmax, .safetensors, other byte orders and axes")
  func others() async throws {
    let folder = try TemporaryFolder()
    // softmax of 2^-4 (0, 16) = (0.2689414, 0.7310586): 68.8 and 187.2 of 256, 8812.7 and 23955.3
    // of 32768.
    let header = Data(
      #"{"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}"#
        .utf8)
    var content = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    content += header + Data([0xF0, 0xFF, 0, 0, 69, 187])
    let both = try folder.file("t.safetensors", content)
    let file = folder.path("results.json")
    let first = try await run([
      "verify", "--logits", "\(both):x", "--probabilities", "\(both):y", "--quantised",
      "logits=0.0625,7,int16", "--quantised", "probabilities=0x1p-8,0,uint8", "--json", file,
    ])
    #expect(first.status == 0, "\(first.notes)")
    #expect(try results(in: file).accuracy.first?.correctlyRounded == 1.0)
    let x = try folder.bytes("x.npy", [0, 16], descr: "|u1", shape: [2, 1])
    // 8813 = 0x226D and 23955 = 0x5D93, the larger end first.
    let y = try folder.bytes("y.npy", [0x22, 0x6D, 0x5D, 0x93], descr: ">i2", shape: [2, 1])
    let second = try await run([
      "verify", "--logits", x, "--probabilities", y, "--axis", "0", "--quantised",
      "logits=0.0625,200,uint8", "--quantised", "probabilities=0x1p-15,0,int16", "--json", file,
    ])
    #expect(second.status == 0, "\(second.notes)")
    #expect(try results(in: file).accuracy.first?.correctlyRounded == 1.0)
    // ln 0.2689414 = -1.3132617, ln 0.7310586 = -0.3132617: 127 - 21.01 and 127 - 5.01 of 16ths.
    let l = try folder.bytes("l.npy", [106, 122], descr: "|i1", shape: [2, 1])
    let third = try await run([
      "verify", "--operation", "log-softmax", "--logits", x, "--output", "log-probabilities=\(l)",
      "--axis", "0", "--quantised", "logits=0.0625,200,uint8", "--quantised",
      "log-probabilities=0.0625,127,int8", "--json", file,
    ])
    #expect(third.status == 0, "\(third.notes)")
    #expect(try results(in: file).accuracy.first?.correctlyRounded == 1.0)
  }

  @Test(
    "What makes no sense is refused in a sentence",
    arguments: [
      ("logits=0.1,-3", "write role=scale,zero,type, as in logits=0.1,-3,int8"),
      ("gradient=0.1,-3,int8", "softmax has no such role; it has logits and probabilities"),
      ("logits=0,-3,int8", "the scale 0.0: use a finite number above 0"),
      ("logits=-1,-3,int8", "the scale -1.0: use a finite number above 0"),
      ("logits=nan,-3,int8", "the scale nan: use a finite number above 0"),
      ("logits=inf,-3,int8", "the scale inf: use a finite number above 0"),
      ("logits=x,-3,int8", "the scale x: use a number, as in 0.1 or 0x1p-8"),
      ("logits=0.1,128,int8", "the zero point 128: int8 has integers from -128 to 127"),
      ("logits=0.1,0.5,int8", "the zero point 0.5: use an integer"),
      ("logits=0.1,-3,int4", "there is no type int4; there are int8, uint8, int16"),
    ])
  func refusals(_ word: String, _ sentence: String) async throws {
    let folder = try TemporaryFolder()
    let words = try ["verify"] + Self.files({ $0.rounded($1) }, in: folder)
    try await run(words + ["--quantised", word]).expectRefusal(
      64, "--quantised \(word): \(sentence)")
  }

  @Test(
    "Options that say nothing of steps, files of another type, and other operations are refused")
  func misplaced() async throws {
    let folder = try TemporaryFolder()
    let words = try ["verify"] + Self.files({ $0.rounded($1) }, in: folder)
    for (more, status, sentence) in [
      (Self.roles + ["--max-ulp", "2"], Int32(64), "--max-ulp (there is --max-steps) is about"),
      (Self.roles + ["--computed-in", "bfloat16"], 64, "--computed-in is about floating-point"),
      (Self.roles + ["--declare", "max-trick"], 64, "--declare is about floating-point"),
      (Self.roles + ["--consequences"], 64, "--consequences is about floating-point"),
      (Self.roles + ["--elsewhere"], 64, "is about floating-point"),
      (Self.roles + ["--format", "float16"], 64, "--format float16 is about neither file"),
      (Self.roles + Self.roles.prefix(2), 64, "--quantised logits was given twice"),
      (Self.roles + ["--max-steps", "-1"], 64, "--max-steps -1.0: use a finite number"),
      (Array(Self.roles.prefix(2)) + ["--max-steps", "1"], 64, "about quantised outputs"),
      (Self.roles + ["--judge", "nothing", "--max-steps", "1"], 64, "leave --max-steps out"),
      (Self.roles + ["--scale", "0.3"], 64, "is no binary64 number; leave --scale out"),
      (
        ["--quantised", "logits=0.1,3,uint8", "--quantised", "probabilities=0x1p-8,-128,int8"], 65,
        "holds elements of dtype '|i1', but --quantised says that it holds uint8"
      ),
      (
        ["--quantised", "logits=0.1,-3,int8"], 65, "say --quantised role=scale,zero,type to verify"
      ),
    ] {
      let outcome = try await run(words + more)
      #expect(outcome.status == status, "\(more): \(outcome.output) \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(more): \(outcome.notes)")
    }
    let sum = try await run([
      "verify", "--operation", "logsumexp", "--logits", words[2], "--output",
      "logsumexp=\(words[4])", "--quantised", "logits=0.1,-3,int8",
    ])
    sum.expectRefusal(
      64, "--quantised logits=0.1,-3,int8: logsumexp is not audited quantised; leave it out")
    let silent = try await run(words + Self.roles + ["--judge", "nothing"])
    #expect(silent.status == 0, "\(silent.notes)")
  }
}
