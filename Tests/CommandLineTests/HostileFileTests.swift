import Basics
import Foundation
import TestSupport
import Testing

/// What the program reads may have been written by anybody.
///
/// It ends with one of its statuses, in one sentence, and never by a trap, a hang or the status for
/// its own faults.
@Suite("Hostile files")
struct HostileFileTests {
  private static let exhaust =
    "exhaust --implementation naive --format float16 --domain tuples --length 2 --step 0.5 --limit 4 --quiet"

  private func expectOrder(
    _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    let outcome = try await run(arguments, limit: 60)
    #expect(
      [0, 1, 2, 64, 65, 73].contains(outcome.status),
      "\(arguments): \(outcome.status) \(outcome.notes)", sourceLocation: sourceLocation)
    return outcome
  }

  private func expect(
    _ status: Int32, of command: String, in folder: TemporaryFolder, saying words: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    // The name of a folder can end with an F of its own.
    let arguments = command.split(separator: " ").map { word in
      word.hasPrefix("F/") ? folder.url.path + word.dropFirst() : String(word)
    }
    let outcome = try await run(arguments, limit: 60)
    #expect(outcome.status == status, "\(outcome.notes)", sourceLocation: sourceLocation)
    #expect(outcome.notes.contains(words), "\(outcome.notes)", sourceLocation: sourceLocation)
    let lines = outcome.notes.split(separator: "\n").filter { !$0.hasPrefix("note: ") }
    #expect(lines.allSatisfy { $0.hasPrefix("error: ") }, sourceLocation: sourceLocation)
    #expect(outcome.notes.count < 600, sourceLocation: sourceLocation)
  }

  // MARK: Numbers that are too large

  @Test("A tensor without elements may not ask for terabytes")
  func emptyTensors() async throws {
    let folder = try TemporaryFolder()
    for (name, shape, words) in [
      ("long.npy", [0, 1 << 40], "has lanes of 1099511627776 logits, and not one logit"),
      ("many.npy", [1 << 40, 0], "has 1099511627776 lanes without a logit"),
    ] {
      _ = try folder.array(name, [], shape: shape)
      try await expect(65, of: "audit --logits F/\(name)", in: folder, saying: words)
      try await expect(
        65, of: "verify --logits F/\(name) --probabilities F/\(name)", in: folder, saying: words)
      try await expect(
        65, of: "reference --logits F/\(name) --output F/out.npy", in: folder, saying: words)
    }
  }

  @Test(
    "Claims with numbers that nothing holds are refused, or judged",
    arguments: [
      ("[1, 2]", "[\"1e-9223372036854775808\", \"1\"]", "is no decimal"),
      ("[1, 2]", "[\"1e9223372036854775807\", \"1\"]", "is no decimal"),
      ("[1e400, 2]", "[\"0\", \"1\"]", "is no list of claims"),
      ("[\"nan\", 2]", "[\"0\", \"1\"]", "is no logit"),
    ])
  func claims(logits: String, printed: String, words: String) async throws {
    let folder = try TemporaryFolder()
    let text = "[{\"id\": \"a\", \"logits\": \(logits), \"printed\": \(printed)}]"
    _ = try folder.file("claims.json", Data(text.utf8))
    try await expect(65, of: "verify --claims F/claims.json", in: folder, saying: words)
  }

  @Test("A decimal beside a probability below binary64 is judged")
  func tinyClaim() async throws {
    let folder = try TemporaryFolder()
    let text = "[{\"id\": \"a\", \"logits\": [0, -1000], \"printed\": [\"1.0\", \"1e-400\"]}]"
    let path = try folder.file("claims.json", Data(text.utf8))
    // e^-1000 is 5.08e-435; binary64 leaves 0 there, and never 1e-400.
    let outcome = try await expectOrder(["verify", "--claims", path])
    #expect(outcome.status == 1)
    #expect(!outcome.output.contains("as arithmetic in float64 leaves it"))
    let zero = try folder.file("zero.json", Data(text.replacing("1e-400", with: "0.0").utf8))
    #expect(try await expectOrder(["verify", "--claims", zero]).status == 0)
  }

  @Test("Deep nesting takes no time and is refused")
  func nesting() async throws {
    let folder = try TemporaryFolder()
    for (depth, words) in [(40, nil), (65, "65 deep"), (200, "more than 128 deep")] {
      let nest = { (leaf: String) in
        String(repeating: "[", count: depth) + leaf + String(repeating: "]", count: depth)
      }
      let text = "[{\"id\": \"a\", \"logits\": \(nest("1")), \"printed\": \(nest("\"1\""))}]"
      let path = try folder.file("claims.json", Data(text.utf8))
      let outcome = try await expectOrder(["verify", "--claims", path])
      #expect(outcome.status == (words == nil ? 0 : 65))
      if let words { #expect(outcome.notes.contains(words)) }
    }
  }

  @Test("Keys that stand twice and commas before a bracket are refused in every document")
  func ambiguousDocuments() async throws {
    let folder = try TemporaryFolder()
    let claim = "\"id\": \"a\", \"logits\": [1, 1], \"printed\": [\"0.5\", \"0.5\"]"
    for (text, words) in [
      ("[{\(claim), \"id\": \"b\"}]", "the key \"id\" appears twice"),
      ("[{\(claim), }]", "a comma stands before the end"),
      ("[{\(claim)},]", "a comma stands before the end"),
    ] {
      _ = try folder.file("claims.json", Data(text.utf8))
      try await expect(65, of: "verify --claims F/claims.json", in: folder, saying: words)
    }
    let results =
      "{\"schema\": \"softmax-audit/results/1\", \"schema\": \"softmax-audit/results/1\"}"
    _ = try folder.file("results.json", Data(results.utf8))
    try await expect(
      65, of: "report F/results.json", in: folder, saying: "the key \"schema\" appears twice")
  }

  @Test("A manifest says what there is, and nothing else")
  func manifests() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.array("x.npy", [1, 2], shape: [1, 2])
    let entry = { (file: String, axis: Int) in
      "{\"file\": \"\(file)\", \"format\": \"float32\", \"family\": \"f\", \"shape\": [1, 2], \"axis\": \(axis)}"
    }
    for (tensors, words) in [
      ("", "lists no tensor"), (entry("x.npy", 2), "the axis 2, which it does not have"),
      (entry("x.npy", .min), "which it does not have"),
      (entry("../x.npy", 1), "which lies in another directory"),
    ] {
      let text =
        "{\"schema\": \"softmax-audit/inputs/1\", \"seed\": 1, \"tensors\": [\(tensors)]}"
      _ = try folder.file("manifest.json", Data(text.utf8))
      try await expect(
        65, of: "verify --inputs \(folder.url.path) --outputs \(folder.url.path)", in: folder,
        saying: words)
    }
  }

  @Test(
    "Pipes and devices are no input, and nobody waits for them", arguments: ["pipe", "/dev/zero"])
  func irregularInputs(name: String) async throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    let path = name.hasPrefix("/") ? name : folder.path(name)
    let words = name.hasPrefix("/") ? "it is a device" : "it is a pipe"
    for command in [
      "audit --logits \(path)", "verify --logits \(path) --probabilities \(path)",
      "gate --policy \(path)", "report \(path)", "merge \(path)", "compare \(path) \(path)",
      "verify --claims \(path)", "reference --logits \(path)",
      "exhaust --implementation naive --format float16 --limit 0.000244140625 --checkpoint \(path)",
    ] {
      // A checkpoint that is written through cannot be read again.
      let status: Int32 = 65
      try await expect(status, of: command, in: folder, saying: words)
    }
    try await expect(2, of: "audit --plugin \(path)", in: folder, saying: words)
  }

  @Test("A bias case with lanes that have no softmax is judged by the others")
  func biasCase() async throws {
    let folder = try TemporaryFolder()
    let place = folder.path("cases/float16/bias")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let logits = (0..<128).map { $0 == 5 ? "\"nan\"" : $0 == 9 ? "\"inf\"" : "\"0x1p+0\"" }
    let text =
      "{\"law\": \"bias\", \"format\": \"float16\", \"shape\": [64, 2], \"axis\": 1, \"logits\": [\(logits.joined(separator: ", "))], \"arguments\": [], \"foundIn\": \"\", \"failure\": \"\"}"
    try Data(text.utf8).write(to: URL(fileURLWithPath: place + "/a.json"))
    let outcome = try await expectOrder([
      "check", "--implementation", "max-trick", "--format", "float16", "--law", "bias", "--effort",
      "0.01", "--regressions", folder.path("cases"),
    ])
    #expect(outcome.status == 0)
  }

  // MARK: Checkpoints and shards

  /// A document without the checksum that it may carry of itself, as somebody leaves it who means
  /// to change it.
  private func unsealed(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
      .replacing(#/^\{"checksum":"[0-9a-f]*",/#, with: "{")
  }

  /// A number in a JSON text, by its key, replaced.
  private func changed(_ text: String, _ key: String, to value: String) throws -> String {
    text.replacing(try Regex("\"\(key)\" ?: ?[-0-9.e]+"), with: "\"\(key)\":\(value)")
  }

  @Test(
    "A checkpoint that was edited is damaged, whatever the number",
    arguments: [
      ("index", "7"), ("index", "-1"), ("output", "99999"), ("lane", "18446744073709551615"),
      ("lane", "3"), ("figure", "1.25"), ("figure", "-1"), ("correctlyRounded", "1000000000"),
      ("mismatches", "578"), ("finitePairs", "18446744073709551615"),
      ("lanes", "18446744073709551615"),
      ("blockLanes", "18446744073709551615"), ("blockLanes", "0"), ("blocks", "-1"),
      ("blocks", "9223372036854775807"), ("length", "-1"), ("step", "1e-300"),
      ("limit", "1000000000"),
    ])
  func checkpoints(key: String, value: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("state")
    let words = (Self.exhaust + " --checkpoint " + path).split(separator: " ").map(String.init)
    #expect(try await run(words).status == 0)
    let text = try unsealed(path)
    let edited = try changed(text, key, to: value)
    #expect(edited != text)
    _ = try folder.file("state", Data(edited.utf8))
    let outcome = try await expectOrder(words)
    #expect(outcome.status == 65, "\(key) \(value): \(outcome.notes)")
  }

  @Test(
    "A shard that was edited is refused, whatever the number",
    arguments: [
      ("lanes", "18446744073709551615"), ("length", "-1"), ("step", "1e-300"),
      ("limit", "1000000000"),
      ("correctlyRounded", "18446744073709551615"), ("count", "1000000000000"), ("index", "0"),
      ("figure", "1.25"), ("blockLanes", "18446744073709551615"),
    ])
  func shards(key: String, value: String) async throws {
    let folder = try TemporaryFolder()
    for shard in 1...2 {
      let words = Self.exhaust + " --shard \(shard)/2 --json \(folder.path("\(shard).json"))"
      #expect(try await run(words).status == 0)
    }
    let paths = ["1.json", "2.json"].map(folder.path)
    #expect(try await run(["merge"] + paths + ["--quiet"]).status == 0)
    let text = try unsealed(paths[0])
    let edited = try changed(text, key, to: value)
    #expect(edited != text)
    _ = try folder.file("1.json", DocumentChecksum.seal(Data(edited.utf8)))
    let outcome = try await expectOrder(["merge"] + paths + ["--quiet"])
    #expect(outcome.status == 65, "\(key) \(value): \(outcome.notes)")
  }

  @Test("A shard of a trillion is no shard")
  func shardCount() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("1.json")
    _ = try await run(
      "audit --implementation max-trick --format float16 --family normal-1 --length 3 --samples 1 --shard 1/2 --quiet --json \(path)"
    )
    let text = try unsealed(path)
    let edited = text.replacing("\"count\":2", with: "\"count\":1000000000000")
    #expect(edited != text)
    _ = try folder.file("1.json", Data(edited.utf8))
    try await expect(65, of: "merge F/1.json", in: folder, saying: "shard 1 of 1000000000000")
  }

  // MARK: At random

  /// What numbers and texts are replaced by.
  private static let extremes = [
    "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
    "18446744073709551616", "1000000000000", "1e300", "-1e300", "1e-300", "5e-324", "\"nan\"",
    "\"inf\"", "\"\"", "null", "[]", "{}", "true", "1e19", "3.5", "99999999999", "\"float8\"",
    "[[[]]]", "\"1e-9223372036854775808\"",
  ]

  /// A text with one to three of its values replaced, or some of its bytes.
  private func mutated(_ text: String, _ random: inout SplitMix64) -> Data {
    if random.next() % 4 == 0 {
      var bytes = Array(text.utf8)
      for _ in 0...random.next() % 4 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      return Data(bytes)
    }
    var text = text
    for _ in 0...random.next() % 3 {
      let pattern = #/[:\[,] ?("[^"]*"|-?[0-9][-+0-9.e]*|true|false|null)(?=[,\]}])/#
      let values = text.matches(of: pattern).map { $0.output.1.startIndex..<$0.output.1.endIndex }
      guard !values.isEmpty else { break }
      let range = values[Int(random.next() % UInt64(values.count))]
      text.replaceSubrange(
        range, with: Self.extremes[Int(random.next() % UInt64(Self.extremes.count))])
    }
    return Data(text.utf8)
  }

  /// Files that the program has written, and what reads them.
  private func subjects(_ folder: TemporaryFolder) async throws -> [(file: String, command: String)]
  {
    let f = folder.url.path + "/"
    let small =
      "--implementation naive --format float16 --family overflow-edge --length 3 --samples 1 --quiet"
    for command in [
      "audit \(small) --json \(f)audit.json", "audit \(small) --shard 1/1 --json \(f)shard.json",
      "check --implementation naive --format float16 --law overflow --effort 0.01 --quiet --json \(f)check.json --regressions \(f)cases",
      "\(Self.exhaust) --shard 1/1 --json \(f)certificates.json",
      "\(Self.exhaust) --checkpoint \(f)state",
      "search --implementation naive --format float16 --length 3 --budget 5000 --shard 1/1 --quiet --json \(f)search.json",
      "export \(f)inputs --format float16 --family normal-1 --length 3 --samples 1",
    ] {
      _ = try await run(command)
    }
    let claim =
      "[{\"id\": \"a\", \"logits\": [[1, 2], [3, 4.5]], \"axis\": -1, \"format\": \"float32\", \"printed\": [[\"0.27\", \"0.73\"], [\"0.18\", \"0.82\"]], \"note\": \"n\"}]"
    _ = try folder.file("claims.json", Data(claim.utf8))
    let regressions = folder.path("cases/float16/overflow")
    let cases = try FileManager.default.contentsOfDirectory(atPath: regressions)
    let first = "cases/float16/overflow/" + (cases.sorted().first ?? "")
    return [
      ("audit.json", "report \(f)audit.json --as html"),
      ("audit.json", "compare \(f)audit.json \(f)shard.json --quiet"),
      ("check.json", "report \(f)check.json"), ("shard.json", "merge \(f)shard.json --quiet"),
      ("certificates.json", "merge \(f)certificates.json --quiet"),
      ("search.json", "merge \(f)search.json --quiet"),
      ("state", "\(Self.exhaust) --checkpoint \(f)state"),
      ("inputs/manifest.json", "verify --inputs \(f)inputs --outputs \(f)inputs --quiet"),
      ("claims.json", "verify --claims \(f)claims.json"),
      (
        first,
        "check --implementation naive --format float16 --law overflow --effort 0.001 --quiet --regressions \(f)cases"
      ),
    ]
  }

  @Test("Files changed at random never end the program", arguments: [UInt64(1), 2])
  func changedFiles(seed: UInt64) async throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: seed)
    for (file, command) in try await subjects(folder) {
      let sound = try unsealed(folder.path(file))
      for _ in 0..<8 {
        _ = try folder.file(file, mutated(sound, &random))
        _ = try await expectOrder(command.split(separator: " ").map(String.init))
      }
      _ = try folder.file(file, Data(sound.utf8))
    }
  }
}
