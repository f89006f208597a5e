import Foundation
import Testing

@testable import AuditRecords

@Suite("gate")
struct GateTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The path of a policy with rules.
  private func policy(_ rules: String, defaults: String = "samples: 2") throws -> String {
    let text = "schema: softmax-audit/policy/1\n\(defaults)\nrules:\n\(rules)\n"
    return try folder.file("policy.yaml", Data(text.utf8))
  }

  private func gate(_ rules: String, _ arguments: String...) async throws -> Outcome {
    try await run(["gate", "--policy", policy(rules)] + arguments)
  }

  private let sound = """
      - implementation: max-trick
        format: float32
        length: [17, 128]
        family: normal-4
        max-ulp: bound
        reason: its own bound
    """

  @Test("A policy that holds passes, with a table, and the verdict is in the JSON")
  func passing() async throws {
    let json = folder.path("results.json")
    let outcome = try await gate(sound, "--json", json)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("max-trick/sequential     max-ulp               bound"))
    #expect(outcome.output.hasSuffix("1 budget and 0 laws: 1 kept, 0 broken. The gate passes.\n"))
    for line in outcome.lines where !line.contains("replay:") { #expect(line.count <= 80) }
    let results = try results(in: json)
    #expect(results.accuracy.map(\.length) == [17, 128])
    #expect(results.gate?.verdict == .passed)
  }

  @Test("A budget that is exceeded is 1, with the place in the policy and a command that shows it")
  func failing() async throws {
    let outcome = try await gate(sound.replacingOccurrences(of: "bound\n", with: "0.25\n"))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("FAILED max-ulp: max-trick/sequential in float32"))
    #expect(outcome.output.contains("policy.yaml:8:5)"))
    let replay = try #require(outcome.lines.first { $0.hasPrefix("  replay: softmax-audit ") })
    let again = try await run(String(replay.dropFirst("  replay: softmax-audit ".count)))
    #expect(again.status == 1)
    #expect(again.notes.contains("exceed --max-ulp 0.25"))
  }

  @Test(
    "The command that shows a violation again judges as the policy does",
    arguments: [
      ("FLOAT16_ACCUMULATOR", "normal-1", 256, "declare: none\n    max-ulp: bound"),
      ("NONE", "dust", 4096, "declare: max-trick/pairwise\n    max-ulp: bound"),
      ("NONE", "normal-4", 17, "max-ulp: 0.25"),
      (
        "FLUSH_TO_ZERO", "subnormal-results", 17,
        "underflow: gradual\n    special-lanes: nan-everywhere\n    max-ulp: bound"
      ),
    ])
  func replays(fault: String, family: String, length: Int, judging: String) async throws {
    let library = try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/planted_fault.c", named: "mine", in: folder,
      flags: ["-DFAULT=\(fault)"])
    let rules =
      "  - implementation: mine\n    format: float32\n    family: \(family)\n    length: \(length)\n"
      + "    samples: 2\n    \(judging)\n    reason: x"
    let outcome = try await gate(rules, "--plugin", "mine=\(library)")
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.notes)")
    let command = try #require(outcome.lines.first { $0.hasPrefix("  replay: softmax-audit ") })
    let again = try await run(String(command.dropFirst("  replay: softmax-audit ".count)))
    #expect(again.status == 1, "\(command)\n\(again.output)\(again.notes)")
  }

  @Test("A bound of which another rule decides one regime is judged in the other")
  func splitBound() async throws {
    let outcome = try await gate(
      sound + """

          - implementation: max-trick/sequential
            format: float32
            length: [17, 128]
            family: [normal-4, subnormal-results]
            regime: subnormal
            max-ulp: 1e6
            reason: x
        """)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
    #expect(outcome.output.contains("max-ulp (normal)"), "\(outcome.output)")
    #expect(outcome.output.contains("max-ulp (subnormal)"), "\(outcome.output)")
  }

  @Test(
    "A bound in one regime is about the elements of that regime, and so are its witness and cause",
    arguments: [("FLUSHES", "subnormal", "0x0p+0"), ("ROUGH", "normal", "")])
  func boundInRegime(_ fault: String, _ broken: String, _ computed: String) async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: PluginTests.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
    for regime in ["normal", "subnormal"] {
      let rule = """
          - implementation: mine
            format: float32
            family: [subnormal-results, normal-20]
            length: 64
            regime: \(regime)
            max-ulp: bound
            reason: x
        """
      let outcome = try await gate(rule, "--plugin", "mine=\(library)")
      #expect(outcome.status == (regime == broken ? 1 : 0), "\(regime): \(outcome.output)")
      guard regime == broken else { continue }
      let words = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("max-ulp (\(regime))"), "\(words)")
      #expect(words.contains("computed \(computed)"), "\(words)")
      let results = folder.path("results.json")
      try await run([
        "audit", "--plugin", "mine=\(library)", "--format", "float32", "--family",
        "subnormal-results", "--length", "64", "--json", results,
      ])
      let policy = try folder.file(
        "policy.yaml",
        Data("schema: softmax-audit/policy/1\nrules:\n\(rule)".utf8))
      let again = try await run(["gate", "--policy", policy, "--results", results])
      #expect(again.status != 0, "\(again.output)")
    }
  }

  @Test("Laws are checked, and expected failures as well")
  func laws() async throws {
    let rules = """
        - implementation: naive
          format: float16
          effort: 0.1
          laws: [axis]
          expect-failure: [overflow]
          reason: issue 12
      """
    let kept = try await gate(rules)
    #expect(kept.status == 0)
    #expect(kept.output.contains("broken   broken          expected"))
    let surprise = try await gate(
      rules.replacingOccurrences(of: "[overflow]", with: "[determinism]"))
    #expect(surprise.status == 1)
    #expect(surprise.output.contains("determinism is expected to fail and does not"))
    let broken = try await gate(rules.replacingOccurrences(of: "axis", with: "large-logits"))
    #expect(broken.status == 1)
    #expect(broken.output.contains("--law large-logits --replay case1-"))
  }

  @Test(
    "What the policy names and nothing measures is 2",
    arguments: [
      (
        "implementation: max-trick\n    max-ulp: bound", "--implementation=online",
        "was not measured"
      ),
      ("max-ulp: bound", "--plugin=nowhere.so", "there is no plug-in nowhere.so"),
    ])
  func notMeasured(rule: String, option: String, message: String) async throws {
    let rules = "  - family: normal-4\n    length: 17\n    \(rule)\n    reason: x"
    let outcome = try await gate(rules, option)
    #expect(outcome.status == 2)
    #expect((outcome.output + outcome.notes).contains(message))
  }

  @Test("An implementation that was asked for and has no budget is 2")
  func withoutBudget() async throws {
    let outcome = try await gate(
      sound, "--implementation", "max-trick", "--implementation", "online")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("online/sequential: no rule of"))
  }

  @Test(
    "A policy that is none, or whose rules are for nothing, is 65 with line and column",
    arguments: [
      ("  - max_ulp: 4\n    reason: x", ":4:5: there is no key \"max_ulp\""),
      ("  - max-ulp: 4", ":4:5: the rule has no reason"),
      (
        "  - implementation: max-trik\n    max-ulp: 4\n    reason: x",
        ":4:5: implementation matches nothing in this run"
      ),
      (
        "  - implementation: \"lib*\"\n    max-ulp: 4\n    reason: x",
        ":4:5: implementation matches nothing in this run"
      ),
      ("  - family: norm\n    max-ulp: 4\n    reason: x", ":4:5: family matches nothing"),
      (
        "  - implementation: max-trick\n    max-ulp: 4\n    reason: x\n  - max-ulp: 5\n    reason: y",
        ":5:5: max-ulp decides nothing"
      ),
    ])
  func mistakes(rules: String, message: String) async throws {
    let outcome = try await gate(rules)
    #expect(outcome.status == 65)
    #expect(outcome.output == "")
    #expect(outcome.notes.contains("policy.yaml" + message), "\(outcome.notes)")
  }

  @Test("Results of an audit are judged without measuring")
  func givenResults() async throws {
    let json = folder.path("results.json")
    try await run([
      "audit", "--implementation", "max-trick", "--format", "float32", "--family", "normal-4",
      "--length", "17", "--length", "128", "--samples", "2", "--json", json,
    ])
    #expect(try await gate(sound, "--results", json).status == 0)
    let red = try await gate(
      sound.replacingOccurrences(of: "bound\n", with: "0.25\n"), "--results", json)
    #expect(red.status == 1)
    #expect(try await gate(sound, "--results", json, "--threads", "1").status == 64)
  }

  @Test("Results of less than the policy asks for are no pass")
  func lessThanAsked() async throws {
    let json = folder.path("t.json")
    try await run([
      "audit", "--implementation", "naive", "--format", "float32", "--family", "constant",
      "--length", "1", "--samples", "1", "--json", json,
    ])
    let rules = "  - implementation: naive\n    max-ulp: 4\n    reason: x"
    let outcome = try await gate(rules, "--results", json)
    #expect(outcome.status == 2, "\(outcome.notes)")
    #expect(outcome.output.contains("naive/sequential in float32: the policy asks for"))
    #expect(outcome.output.contains("naive/sequential in float16: the policy asks for"))
    // Fewer lanes are less too.
    try await run([
      "audit", "--implementation", "max-trick", "--format", "float32", "--family", "normal-4",
      "--length", "17", "--length", "128", "--samples", "1", "--json", json,
    ])
    let fewer = try await gate(sound, "--results", json)
    #expect(fewer.status == 2)
    #expect(fewer.output.contains("the policy asks for 2 lanes, the results have 1"))
  }

  @Test("One shard is not judged, all shards are judged as the whole")
  func shardsOfResults() async throws {
    let command =
      "audit --implementation max-trick --format float32 --family normal-4 --length 17 "
      + "--length 128 --samples 2"
    let paths = (1...2).map { folder.path("\($0).json") }
    for (index, path) in paths.enumerated() {
      try await run("\(command) --shard \(index + 1)/2 --json \(path)")
    }
    let one = try await gate(sound, "--results", paths[0])
    #expect(one.status == 2)
    #expect(one.notes.contains("shard 2/2 is missing"))
    #expect(try await gate(sound, "--results", paths[0], "--results", paths[1]).status == 0)
    let twice = try await gate(
      sound, "--results", paths[0], "--results", paths[1], "--results", paths[0])
    #expect(twice.status == 65)
  }

  @Test("Files of audit and check are judged together, the same cell twice is not")
  func joinedResults() async throws {
    let (audit, check) = (folder.path("audit.json"), folder.path("check.json"))
    try await run([
      "audit", "--implementation", "max-trick", "--format", "float32", "--family", "normal-4",
      "--length", "17", "--length", "128", "--samples", "2", "--json", audit,
    ])
    try await run([
      "check", "--implementation", "max-trick", "--format", "float32", "--law", "axis",
      "--effort", "0.1", "--json", check,
    ])
    let laws =
      sound + "\n  - implementation: max-trick\n    format: float32\n    effort: 0.1\n"
      + "    laws: [axis]\n    reason: y"
    let both = try await gate(laws, "--results", audit, "--results", check)
    #expect(both.status == 0, "\(both.output)\(both.notes)")
    #expect(try await gate(laws, "--results", audit).status == 2)
    let twice = try await gate(sound, "--results", audit, "--results", audit)
    #expect(twice.status == 65)
    #expect(twice.notes.contains("second row for the same cell"))
    // A check of less effort than the policy asks for is no check.
    let more = try await gate(
      laws.replacingOccurrences(of: "effort: 0.1", with: "effort: 100"), "--results", audit,
      "--results", check)
    #expect(more.status == 2)
    let words = more.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("the policy asks for effort 100"))
  }

  @Test("What a check waived, the policy does not")
  func waivedElsewhere() async throws {
    let json = folder.path("w.json")
    let check = try await run([
      "check", "--implementation", "naive", "--format", "float32", "--law", "overflow", "--effort",
      "0.1", "--waive", "overflow=x", "--json", json,
    ])
    #expect(check.status == 0)
    let rules =
      "  - implementation: naive\n    format: float32\n    effort: 0.1\n    laws: [overflow]\n"
      + "    reason: x"
    let outcome = try await gate(rules, "--results", json)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("the policy does not waive it"))
    let expected = try await gate(
      rules.replacingOccurrences(of: "laws: [overflow]", with: "expect-failure: [overflow]"),
      "--results", json)
    #expect(expected.status == 0, "\(expected.output)")
  }

  @Test("Results that were judged otherwise than the policy judges are not measured")
  func otherSettings() async throws {
    let json = folder.path("r.json")
    let command =
      "gate --policy \(try policy(sound)) --implementation max-trick --json \(json) --quiet"
    #expect(try await run(command).status == 0)
    // The same policy finds its own results as they were.
    #expect(try await gate(sound, "--results", json).status == 0)
    for setting in ["declare: none", "underflow: flush", "special-lanes: masked-zero"] {
      let outcome = try await gate(
        sound.replacingOccurrences(of: "max-ulp", with: "\(setting)\n    max-ulp"), "--results",
        json)
      #expect(outcome.status == 2, "\(setting): \(outcome.output)")
      #expect(outcome.output.contains("the policy judges by \(setting.split(separator: ":")[0])"))
    }
  }

  @Test("A mistake in the policy, and a plug-in that cannot be loaded, are in every file too")
  func filesOfRefusals() async throws {
    let environment = ["GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": folder.url.path]
    for (rules, option, status, words) in [
      ("  - max_ulp: 4\n    reason: x", [], 65 as Int32, "there is no key"),
      (sound, ["--plugin", "nowhere.so"], 2, "there is no plug-in nowhere.so"),
    ] as [(String, [String], Int32, String)] {
      let paths = ["json", "junit", "sarif", "markdown"].map { folder.path("gate.\($0)") }
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
      let files = ["--json", "--junit", "--sarif", "--markdown"]
      let outcome = try await run(
        ["gate", "--policy", policy(rules)] + option + zip(files, paths).flatMap { [$0, $1] },
        environment: environment)
      #expect(outcome.status == status)
      #expect(outcome.output.hasPrefix("::error file=policy.yaml,"), "\(outcome.output)")
      #expect(outcome.output.contains(words))
      for path in paths {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(words), "\(path)")
      }
      #expect(try results(in: paths[0]).gate?.verdict == .notMeasured)
      let sarif = try String(contentsOfFile: paths[2], encoding: .utf8)
      #expect(sarif.contains("\"uri\" : \"policy.yaml\""))
      if status == 65 {
        #expect(outcome.output.contains("line=4,col=5"))
        #expect(sarif.contains("\"startLine\" : 4"))
      }
    }
  }

  @Test("One policy for several kernels is run for one of them with --partial")
  func partialRuns() async throws {
    let rules =
      sound + "\n  - implementation: otherlib\n    max-ulp: 4\n    reason: another one"
    #expect(try await gate(rules, "--implementation", "max-trick").status == 65)
    let partial = try await gate(rules, "--implementation", "max-trick", "--partial")
    #expect(partial.status == 0, "\(partial.output)")
    #expect(partial.output.contains("not part of this run (--partial):"))
    #expect(partial.output.contains("implementation otherlib"))
    #expect(try await gate(rules, "--partial").status == 64)
  }

  @Test(
    "Numbers beyond all limits are mistakes with a place",
    arguments: [
      ("length: 100000000000\n    max-ulp: 1", "policy.yaml:4:13: length is \"100000000000\""),
      (
        "implementation: max-trick\n    format: float32\n    samples: 1000000\n    max-ulp: bound",
        "policy.yaml:6:5: samples is 1000000; with length"
      ),
    ])
  func largeNumbers(rule: String, message: String) async throws {
    let outcome = try await gate("  - \(rule)\n    reason: x")
    #expect(outcome.status == 65)
    #expect(outcome.notes.contains(message), "\(outcome.notes)")
  }

  @Test("A plug-in does not excuse its own NaNs; a model without a bound there is no pass")
  func ownDomain() async throws {
    let library = try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/naive_plugin.c", named: "selfish", in: folder,
      flags: ["-DDECLARED"])
    let rules = """
        - implementation: selfish
          format: float32
          family: [overflow-edge, normal-4]
          length: [17]
          max-ulp: bound
          reason: x
      """
    let own = try await gate(rules, "--plugin", library)
    #expect(own.status == 1, "\(own.output)")
    #expect(own.output.contains("FAILED mismatches"))
    let declared = try await gate(
      rules.replacingOccurrences(of: "max-ulp", with: "declare: naive\n    max-ulp"), "--plugin",
      library)
    #expect(declared.status == 2, "\(declared.output)")
    let words = declared.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("the declared naive/sequential has no bound on their lanes"))
    #expect(words.contains("in lanes that the bound of naive/sequential leaves out"))
    // A number is no statement about lanes without numbers.
    let number = try await gate(
      rules.replacingOccurrences(
        of: "max-ulp: bound", with: "declare: naive\n    max-ulp: bound\n    sum-error: 1"),
      "--plugin", library)
    #expect(number.status == 1, "\(number.output)")
  }

  @Test(
    "Results that are truncated, edited or of another schema are 65",
    arguments: ["truncated", "schema", "elements", "maximum", "twice"])
  func badResults(kind: String) async throws {
    let json = folder.path("results.json")
    try await run([
      "audit", "--implementation", "max-trick", "--format", "float32", "--family", "normal-4",
      "--length", "17", "--samples", "2", "--json", json,
    ])
    var text = try String(contentsOfFile: json, encoding: .utf8)
    switch kind {
    case "truncated": text = String(text.prefix(text.count / 2))
    case "schema": text = text.replacingOccurrences(of: "results/1", with: "results/2")
    case "elements":
      text = text.replacingOccurrences(of: "\"elements\":34", with: "\"elements\":340")
    case "maximum":
      text = text.replacing(/"maxUlp":[0-9.]+/, with: "\"maxUlp\":0.5")
    default:
      let line = try #require(text.split(separator: "\n").first { $0.contains("\"family\"") })
      text = text.replacingOccurrences(of: line, with: line + ",\n" + line)
    }
    // The checksum tells most of it; without it, as earlier versions wrote, the content does.
    for checked in [text, text.replacing(/^\{"checksum":"[^"]*",/, with: "{")] {
      _ = try folder.file("results.json", Data(checked.utf8))
      let outcome = try await gate(sound, "--results", json)
      #expect(outcome.status == 65, "\(outcome.notes)")
      #expect(outcome.output == "")
      #expect(outcome.notes.contains("results.json"))
    }
  }

  @Test("Reports for servers are written together, and GitHub gets annotations and a summary")
  func servers() async throws {
    let files = ["--junit", "--sarif", "--markdown"]
    let paths = files.map { folder.path("gate" + $0) }
    let summary = try folder.file("summary.md", Data("# before\n".utf8))
    let rules = sound.replacingOccurrences(of: "bound\n", with: "0.25\n")
    let outcome = try await run(
      ["gate", "--policy", policy(rules), "--quiet"] + zip(files, paths).flatMap { [$0, $1] },
      environment: ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary])
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 1)
    #expect(outcome.output.hasPrefix("::error file="))
    for path in paths { #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 100) }
    let page = try String(contentsOfFile: summary, encoding: .utf8)
    #expect(page.hasPrefix("# before\n## softmax-audit gate: failed\n"))
    let nowhere = try await gate(sound, "--junit", folder.path("no/where.xml"))
    #expect(nowhere.status == 73)
  }

  @Test("A budget that a faulty softmax would pass is named, and forbidden on demand")
  func vacuity() async throws {
    let rules = """
        - implementation: max-trick
          format: float32
          length: [2, 17]
          family: normal-4
          max-ulp: 1e6
          reason: too generous
      """
    let named = try await gate(rules, "--vacuity")
    #expect(named.status == 0)
    #expect(named.output.contains("vacuous: max-ulp"))
    #expect(named.output.contains("exp-good-to-20-ulp"))
    let words = named.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let coverage = try #require(
      words.firstMatch(of: /coverage: max-ulp .* catches ([0-9]+) of ([0-9]+) faults/))
    #expect(try #require(Int(coverage.1)) < #require(Int(coverage.2)), "\(words)")
    #expect(words.contains("in only short lanes, of 17 logits at most"), "\(words)")
    let forbidden = try await gate(rules, "--forbid-vacuous")
    #expect(forbidden.status == 1)
    #expect(forbidden.output.contains("the budget is vacuous: it would let through"))
    let tight = rules.replacingOccurrences(of: "1e6", with: "bound")
    #expect(try await gate(tight, "--forbid-vacuous").status == 0)
  }

  @Test("Budgets on other operations are tried on faults of the operation")
  func vacuityOfOperations() async throws {
    let rules = """
        - operation: cross-entropy
          implementation: fused
          format: float32
          length: [2, 17]
          family: normal-4
          max-ulp: 1e9
          reason: too generous
      """
    let named = try await gate(rules, "--vacuity")
    #expect(named.status == 0, "\(named.notes)")
    #expect(named.output.contains("vacuous: max-ulp"), "\(named.output)")
    #expect(!named.output.contains("tried on nothing"), "\(named.output)")
    let words = named.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let coverage = try #require(
      words.firstMatch(of: /coverage: max-ulp .* catches ([0-9]+) of ([0-9]+) faults/))
    let tight = rules.replacingOccurrences(of: "1e9", with: "bound")
    let bound = try await gate(tight, "--vacuity").output.split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    let better = try #require(
      bound.firstMatch(of: /coverage: max-ulp .* catches ([0-9]+) of ([0-9]+) faults/))
    #expect(try #require(Int(coverage.1)) < #require(Int(better.1)), "\(words)\n\(bound)")
    #expect(coverage.2 == better.2)
    // Where results may be flushed, the default tolerance judges faults as it judges the rest.
    let flushed = try await gate(tight + "\n    underflow: flush", "--vacuity")
    let caught = try #require(
      flushed.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        .firstMatch(of: /coverage: max-ulp .* catches ([0-9]+) of/))
    #expect(try #require(Int(caught.1)) > #require(Int(coverage.1)), "\(flushed.output)")
    let declared = try await gate(tight + "\n    underflow: flush\n    declare: fused")
    #expect(declared.status == 2)
    #expect(declared.output.contains("not judged"), "\(declared.output)")
  }

  @Test("A baseline is written family by family on demand, with figures that the policy has not")
  func baselineByFamily() async throws {
    let rules = """
        - implementation: max-trick/sequential
          format: float32
          family: [normal-1, normal-20]
          length: 17
          max-ulp: bound
          reason: x
      """
    let baseline = folder.path("families.yaml")
    let written = try await gate(
      rules, "--write-baseline", baseline, "--baseline-by", "family", "--baseline-figure",
      "mean-ulp")
    #expect(written.status == 0, "\(written.output)\(written.notes)")
    let text = try String(contentsOfFile: baseline, encoding: .utf8)
    for key in ["family: normal-1\n", "family: normal-20\n", " max-ulp: bound*", " mean-ulp: "] {
      #expect(text.components(separatedBy: key).count > 1, "\(key): \(text)")
    }
    #expect(text.components(separatedBy: "\n    mean-ulp: ").count == 3, "\(text)")
    let again = try await run(["gate", "--policy", baseline])
    #expect(again.status == 0, "\(again.output)\(again.notes)")
    for (option, value) in [("--baseline-by", "family"), ("--baseline-figure", "mean-ulp")] {
      let alone = try await gate(rules, option, value)
      #expect(alone.status == 64)
      #expect(alone.notes.contains("\(option) belongs to --write-baseline"), "\(alone.notes)")
    }
    let unknown = try await gate(
      rules, "--write-baseline", baseline, "--baseline-figure", "max-upl")
    #expect(unknown.status == 64)
  }

  @Test("A baseline is written, holds, tightens, and loosens for a reason alone")
  func ratchet() async throws {
    let baseline = folder.path("baseline.yaml")
    func text() throws -> String { try String(contentsOfFile: baseline, encoding: .utf8) }
    func gate(_ arguments: String...) async throws -> Outcome {
      try await run(["gate", "--policy", baseline] + arguments)
    }
    // Lines are broken at 80 columns.
    func said(_ outcome: Outcome) -> String {
      outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let rules = sound.replacingOccurrences(of: "bound\n", with: "1e6\n    mean-ulp: 1e6\n")
    let written = try await run(["gate", "--policy", policy(rules), "--write-baseline", baseline])
    #expect(written.status == 0 && said(written).contains("note: baseline: "))
    let first = try text()
    #expect(first.contains("platform: ") && first.contains("samples: 2"))
    #expect(try await gate().status == 0)
    let kept = try await gate("--tighten")
    #expect(kept.status == 0 && said(kept).contains("is as tight as what was measured"))
    #expect(try text() == first)

    let line = try #require(first.split(separator: "\n").first { $0.contains(" max-ulp: ") })
    _ = try folder.file(
      "baseline.yaml", Data(first.replacingOccurrences(of: line, with: "    max-ulp: 5000").utf8))
    let tightened = try await gate("--tighten")
    #expect(tightened.status == 0 && said(tightened).contains("was 5000, is"))
    #expect(try text() == first)

    _ = try folder.file(
      "baseline.yaml", Data(first.replacingOccurrences(of: line, with: "    max-ulp: 0.5").utf8))
    let tight = try text()
    #expect(try await gate("--tighten").status == 1)
    #expect(try await gate("--loosen", "figure=max-ulp").status == 64)
    #expect(try await gate("--loosen", "figure=mean-ulp", "--reason", "x").status == 64)
    #expect(try text() == tight)
    let loosened = try await gate("--loosen", "figure=max-ulp", "--reason", "new compiler")
    #expect(loosened.status == 0, "\(loosened.output)\(loosened.notes)")
    #expect(try text().contains("new compiler (max-ulp was 0.5: its own bound)"))

    _ = try folder.file(
      "baseline.yaml",
      Data(first.replacing(/platform: .*/, with: "platform: Plan 9 mips").utf8))
    let elsewhere = try await gate()
    #expect(elsewhere.status == 0)
    #expect(said(elsewhere).contains("is a baseline of Plan 9 mips, this is"))
    #expect(try await gate("--tighten").status == 64)
    #expect(try await run(["gate", "--policy", policy(sound), "--tighten"]).status == 64)
  }
}
