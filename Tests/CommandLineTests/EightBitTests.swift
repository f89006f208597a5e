import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

/// Softmaxes of 8-bit formats on the command line.
///
/// Encodings are those of the formats' papers: softmax(0, 1) = (0.26894..., 0.73105...) is
/// (0.28125, 0.75) in e4m3fn, 0x29 and 0x34.
@Suite("8-bit formats on the command line")
struct EightBitTests {
  static let plugin = "Tests/CommandLineTests/Plugins/float8_plugin.c"
  /// Logits 0 and 1 of e4m3fn.
  private static let logits: [UInt8] = [0x00, 0x38]
  private static let rounded: [UInt8] = [0x29, 0x34]
  /// Two numbers below and above: 0.234375 and 0.875.
  private static let wrong: [UInt8] = [0x27, 0x36]

  private static let fewLaws = [
    "--effort", "0.02", "--law", "componentwise-error", "--law", "special-lanes", "--law",
    "uniform", "--law", "shift", "--quiet",
  ]

  @Test("The exact softmax is rounded to each format, and logits that it does not have are refused")
  func reference() async throws {
    for (format, text) in [
      ("float8-e4m3fn", "0.28  0x1.2p-2"), ("float8-e5m2", "0.25  0x1p-2"),
      ("float8-e4m3fnuz", "0.28  0x1.2p-2"), ("float8-e5m2fnuz", "0.25  0x1p-2"),
    ] {
      let outcome = try await run(["reference", "--format", format, "0", "1"])
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(outcome.output.contains(text), "\(outcome.output)")
    }
    try await run(["reference", "--format", "float8-e4m3fn", "--", "0", "-inf"]).expectRefusal(
      64,
      "\"-inf\" is no float8-e4m3fn number: there are no infinities, and the largest number is 448.0"
    )
    let masked = try await run(["reference", "--format", "float8-e5m2", "--", "0", "-inf"])
    #expect(masked.status == 0, "\(masked.notes)")
  }

  @Test("Files of bytes are read where somebody says what they are, and judged in that format")
  func verify() async throws {
    let folder = try TemporaryFolder()
    for descr in ["<V1", "|u1"] {
      let x = try folder.bytes("x.npy", Self.logits, descr: descr, shape: [1, 2])
      let y = try folder.bytes("y.npy", Self.rounded, descr: descr, shape: [1, 2])
      let z = try folder.bytes("z.npy", Self.wrong, descr: descr, shape: [1, 2])
      let file = folder.path("results.json")
      let words = ["verify", "--logits", x, "--format", "float8-e4m3fn", "--json", file]
      let right = try await run(words + ["--probabilities", y])
      #expect(right.status == 0, "\(right.notes)")
      let row = try #require(try results(in: file).accuracy.first)
      #expect(row.inputFormat == .float8E4M3FN && row.outputFormat == .float8E4M3FN)
      #expect(row.correctlyRounded == 1.0)
      let wrong = try await run(words + ["--probabilities", z])
      #expect(wrong.status == 1, "\(wrong.output)")
      let unsaid = try await run(["verify", "--logits", x, "--probabilities", y])
      #expect(unsaid.status == 65)
      #expect(unsaid.notes.contains("say so with --format float8-e4m3fn"))
    }
  }

  @Test("Tensors of .safetensors say their 8-bit format, and logits may have a wider one")
  func safetensors() async throws {
    let folder = try TemporaryFolder()
    let x = try folder.array("x.npy", [0, 1], shape: [1, 2])
    let header = Data(#"{"y":{"dtype":"F8_E4M3","shape":[1,2],"data_offsets":[0,2]}}"#.utf8)
    var bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    bytes += header + Data(Self.rounded)
    let y = try folder.file("y.safetensors", bytes)
    let file = folder.path("results.json")
    let outcome = try await run(["verify", "--logits", x, "--probabilities", y, "--json", file])
    #expect(outcome.status == 0, "\(outcome.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.inputFormat == .float32 && row.outputFormat == .float8E4M3FN)
    #expect(row.correctlyRounded == 1.0)
  }

  @Test("Outputs of 8 bits that were saved wider are noticed, and measured in their own ulp")
  func computedIn() async throws {
    let folder = try TemporaryFolder()
    // softmax(0, k/4) correctly rounded to e4m3fn, by integers.
    let steps = (1...10).map { Double($0) / 4 }
    func narrow(_ value: Double) -> Float {
      let unit = Double(sign: .plus, exponent: max(Int(value.exponent), -6) - 3, significand: 1)
      return Float((value / unit).rounded(.toNearestOrEven) * unit)
    }
    let exact = steps.map { 1 / (1 + exp(-$0)) }
    let x = try folder.array("x.npy", steps.flatMap { [0, Float($0)] }, shape: [10, 2])
    let y = try folder.array(
      "y.npy", exact.flatMap { [narrow(1 - $0), narrow($0)] }, shape: [10, 2])
    let words = ["verify", "--logits", x, "--probabilities", y]
    let wide = try await run(words)
    #expect(wide.status == 1)
    #expect(wide.notes.contains("say --computed-in float8-e4m3fn"), "\(wide.notes)")
    let file = folder.path("results.json")
    let own = try await run(words + ["--computed-in", "float8-e4m3fn", "--json", file])
    #expect(own.status == 0, "\(own.notes)")
    #expect(try results(in: file).accuracy.first?.correctlyRounded == 1.0)
    let other = try await run(words + ["--computed-in", "float8-e5m2"])
    #expect(other.status == 65)
    #expect(other.notes.contains("are no float8-e5m2 numbers, the first of them"))
  }

  @Test("A plug-in in float32 that is rounded once keeps laws in each format, from float32 too")
  func soundPlugin() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "float8", in: folder)
    let wide = ["--format", "float32", "--output-format", "float8-e4m3fn"]
    for words in FloatFormat.float8.map({ ["--format", $0.rawValue] }) + [wide] {
      let outcome = try await run(
        ["check", "--plugin", library, "--in-process"] + Self.fewLaws + words)
      #expect(outcome.status == 0, "\(words): \(outcome.notes)")
    }
  }

  @Test(
    "Truncation, and a NaN taken for a number, are noticed",
    arguments: [
      "truncating", "nan_as_number", "unsaturated",
    ])
  func faultyPlugin(_ name: String) async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "float8", in: folder)
    let outcome = try await run(
      [
        "check", "--plugin", "\(library):\(name)", "--in-process", "--format", "float8-e4m3fn",
      ] + Self.fewLaws)
    #expect(outcome.status == 1, "\(outcome.notes)")
  }

  @Test("Rounding twice shows against the model that rounds once")
  func doubleRounding() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "float8", in: folder)
    func status(_ plugin: String) async throws -> Int32 {
      try await run([
        "audit", "--plugin", plugin, "--in-process", "--format", "float32", "--output-format",
        "float8-e4m3fn", "--declare", "max-trick", "--family", "normal-1", "--length", "16",
        "--samples", "300", "--quiet",
      ]).status
    }
    #expect(try await status(library) == 0)
    #expect(try await status(library + ":twice") == 1)
  }

  @Test("Built-in variants that compute in float32 are audited in 8 bits, within their bounds")
  func builtIn() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("results.json")
    let outcome = try await run([
      "audit", "--implementation", "max-trick/float32", "--format", "float8-e4m3fn", "--format",
      "float8-e5m2", "--length", "64", "--samples", "4", "--json", file,
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    let rows = try results(in: file).accuracy
    #expect(Set(rows.map(\.inputFormat)) == [.float8E4M3FN, .float8E5M2])
    let ratios = rows.compactMap { $0.bound?.maxRatio?.value }
    #expect(rows.allSatisfy { $0.mismatches == 0 } && ratios.count > 20)
    #expect(ratios.allSatisfy { $0 <= 1 })
  }

  @Test("8-bit formats are asked for by name, and refused in a sentence where they are not taken")
  func byNameAlone() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.plugin, named: "float8", in: folder)
    let listed = try await run(["list", "--implementations"])
    #expect(listed.status == 0 && !listed.output.contains("float8"))
    let file = folder.path("results.json")
    try await run([
      "audit", "--implementation", "max-trick/float32", "--length", "8", "--samples", "1",
      "--family", "normal-1", "--json", file,
    ])
    #expect(Set(try results(in: file).accuracy.map(\.inputFormat)) == [.float16, .bfloat16])
    for command in ["search", "infer", "exhaust"] {
      try await run([command, "--plugin", library, "--format", "float8-e5m2"]).expectRefusal(
        64,
        "\(command) takes no float8-e5m2 yet; audit, check, gate, verify and reference do")
    }
  }
}
