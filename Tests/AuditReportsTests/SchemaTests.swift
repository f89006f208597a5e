import AuditReports
import FloatFormats
import Foundation
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics

/// The schema is compared with what is written; `scripts/checks/validate-json` checks whole files
/// against it.
@Suite("The JSON Schema of results")
struct SchemaTests {
  private let schema: [String: Any]
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/AuditReports/Schemas")
  private let file = Self.folder.appendingPathComponent("results-1.schema.json")

  init() throws {
    let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    schema = try #require(parsed as? [String: Any])
  }

  /// The part of the schema for an object.
  private func part(_ path: String...) throws -> [String: Any] {
    try path.reduce(schema) { try #require($0[$1] as? [String: Any]) }
  }

  private func written(_ results: AuditResults) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: ResultsJSON.encode(results)) as? [String: Any])
  }

  private func expect(
    _ part: [String: Any], hasKeysOf whole: [String: Any], requiring least: [String: Any],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let properties = try #require(part["properties"] as? [String: [String: Any]])
    let required = try #require(part["required"] as? [String])
    #expect(Set(properties.keys) == Set(whole.keys), sourceLocation: sourceLocation)
    #expect(Set(required) == Set(least.keys), sourceLocation: sourceLocation)
    #expect(part["additionalProperties"] as? Bool == false, sourceLocation: sourceLocation)
    for (key, value) in properties {
      #expect(value["description"] is String, "\(key)", sourceLocation: sourceLocation)
    }
  }

  @Test("The schema has the identifier that documents name")
  func identifier() throws {
    let name = try #require(part("properties", "schema")["const"] as? String)
    #expect(name == AuditResults.currentSchema)
    #expect(schema["$id"] as? String == AuditResults.currentSchema)
  }

  @Test("It knows every operation that rows can be about")
  func operations() throws {
    let names = try part("$defs", "operation")["enum"] as? [String]
    #expect(names == AuditedOperation.everyOne.map(\.name))
    for row in ["accuracyRow", "propertyRow", "judgement"] {
      let operation = try part("$defs", row, "properties", "operation")
      #expect(operation["$ref"] as? String == "#/$defs/operation")
    }
  }

  /// The definitions that the values of a figure can have in the schema, the usual one first.
  private func definitions(of figure: FigureDescriptor) -> [String] {
    switch (figure.range, figure.unit) {
    case (_, .lanes): ["count"]
    case (.share, _): ["share"]
    case (.signed, _): ["figure"]
    // Of a share of which less is better as well.
    case (.magnitude, .one): ["magnitude", "share"]
    case (.magnitude, _): ["magnitude"]
    }
  }

  /// Nobody writes figures into the schema by hand: with `RECORD_SNAPSHOTS=1` their descriptors do.
  @Test("It has every figure in the words of its descriptor")
  func figures() throws {
    let properties = try part("$defs", "accuracyRow", "properties")
    var missing: [FigureDescriptor] = []
    for figure in FigureDescriptor.all {
      let present = properties[figure.key] as? [String: String]
      let isThere =
        present?["description"] == figure.meaning
        && definitions(of: figure).contains { present?["$ref"] == "#/$defs/\($0)" }
      if !isThere { missing.append(figure) }
    }
    #expect(
      missing.isEmpty,
      "\(missing.map(\.key)) are to be recorded with RECORD_SNAPSHOTS=1; look at the schema then")
    guard ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" else { return }
    var text = try String(contentsOf: file, encoding: .utf8)
    for figure in missing { text = try recording(figure, in: text) }
    try Data(text.utf8).write(to: file)
  }

  @Test("The schema of policies has every budget of a figure")
  func budgets() throws {
    let file = Self.folder.appendingPathComponent("policy-1.schema.json")
    var text = try String(contentsOf: file, encoding: .utf8)
    let missing = FigureDescriptor.all.filter { figure in
      figure.budget.map { !text.contains("\n        \"\($0)\": {") } ?? false
    }
    #expect(
      missing.isEmpty, "\(missing.map(\.key)) have budgets; record them with RECORD_SNAPSHOTS=1")
    guard ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" else { return }
    let marker = "        \"laws\": {"
    for figure in missing {
      let words = String(decoding: try JSONEncoder().encode(figure.meaning), as: UTF8.self)
      let entry =
        "        \"\(figure.budget ?? "")\": { \"description\": "
        + "\(words.replacing("\\/", with: "/")), \"$ref\": \"#/$defs/budget\" },\n"
      text = text.replacing(marker, with: entry + marker, maxReplacements: 1)
    }
    try Data(text.utf8).write(to: file)
  }

  /// The text of a schema with the entry of a figure, before the comparison with the bound.
  private func recording(_ figure: FigureDescriptor, in schema: String) throws -> String {
    let old = try Regex("        \"\(figure.key)\": \\{\n[^}]*\\},\n")
    let marker = "        \"bound\": {"
    let start = try #require(schema.range(of: "\"accuracyRow\": {")?.lowerBound)
    let row = schema[start...].replacing(old, with: "", maxReplacements: 1)
    let words = String(decoding: try JSONEncoder().encode(figure.meaning), as: UTF8.self)
    let entry = """
              "\(figure.key)": {
                "description": \(words.replacing("\\/", with: "/")),
                "$ref": "#/$defs/\(definitions(of: figure)[0])"
              },

      """
    return String(
      schema[..<start] + row.replacing(marker, with: entry + marker, maxReplacements: 1))
  }

  @Test("It describes every key that can be written and requires those that always are")
  func keys() throws {
    let file = NumberFile(path: "m.npy", shape: [1], numbers: [1])
    let parameters = RowParameters(
      GivenModifiers(scale: 0.5, softcap: 30, causal: .topLeft, mask: file, sink: .number(1)),
      GivenLoss(labelSmoothing: 0.1, ignoreIndex: 0, classWeights: file), reduction: .mean,
      quantised: ["logits": try Quantization(scale: 0.1, zeroPoint: -3, type: .int8)])
    let full = row("a", .float32) {
      var worst = witness(0.75)
      worst.bound = 1.5
      worst.accompanying = WitnessInputs(
        upstream: ["0x1p+0"], targets: [1], labelSmoothing: 0.1, ignoreIndex: -100,
        classWeights: [1])
      worst.accompanying?.take(
        LaneModifiers(scale: 0.5, softcap: 30, mask: [0], sink: 1), upTo: 1)
      worst.accompanying?.causal = .topLeft
      worst.accompanying?.values = ["0x1p+0"]
      worst.accompanying?.query = ["0x1p+0"]
      worst.accompanying?.key = ["0x1p+0"]
      worst.accompanying?.value = ["0x1p+0"]
      worst.accompanying?.queryShape = [1, 1]
      worst.accompanying?.keyShape = [1, 1]
      worst.accompanying?.valueShape = [1, 1]
      worst.blame = StageBlame(
        model: "a", isOwn: true, ulp: 1.5, stages: [.init(stage: .sum, ulpIfExact: 0.5)],
        overflow: .exponential)
      worst.scaled = 1.5
      worst.steps = StepWitness(logits: [1], computed: 1, exact: "1.5", rounded: 2)
      $0.outputRole = "output"
      $0.worst = worst
      $0.worstScaled = worst
      $0.sample = sample
      $0.specialOutputs = [SpecialOutput(lane: .nan, answer: .nanEverywhere, lanes: 1)]
      $0.elsewhere = [ElsewhereCount(tolerance: "t", judged: 16, rejected: 1, undecided: 0)]
      $0.maxUlpSubnormal = 0.5
      $0.maxUlpFlushToZero = 0.75
      $0.failure = .init(kind: .crash, explanation: "it died")
      $0.misconduct = [Misconduct(.inputModified, "element 3 of the input was changed")]
      $0.mismatchKinds = MismatchKinds()
      $0.zeros = 0
      for descriptor in FigureDescriptor.all where descriptor.isOnRequest {
        $0.figures[descriptor] = 0.0
      }
      ($0.maxSteps, $0.meanSteps, $0.meanSignedSteps) = (0.5, 0.25, -0.25)
      $0.likelyPairs = 8
      $0.bound?.worst = witness(0.5)
      $0.bound?.notJudged = 0
      $0.bound?.regimes = .init(
        normal: .init(maxRatio: 0.5), subnormal: .init(maxRatio: 0.25, worst: witness(0.25)))
      $0.resembles = "all zeros"
      $0.parameters = parameters
    }
    let bare = AccuracyRow(
      implementation: "a", inputFormat: .float32, outputFormat: .float32, operation: .softmax,
      family: "constant", length: 0, shape: [1, 0], axis: 1)
    let bareBound = row("a", .float32) {
      $0.bound?.maxRatio = nil
      $0.worst = witness(0.75)
    }
    var all = results([full, bare, bareBound])
    let bareEnvironment = try #require(try written(all)["environment"] as? [String: Any])
    all.environment.implementations = ["a": ["version": "1.0"]]
    let ungated = try written(all)
    let judgement = GateResult.Judgement(
      rule: 0, line: 4, column: 5, implementation: "a", inputFormat: .float32,
      outputFormat: .float32, operation: .softmax, subject: "max-ulp", isLaw: false, budget: "4",
      count: 3, withoutFigure: 0, verdict: .notMeasured)
    var telling = judgement
    telling.regime = .subnormal
    (telling.limit, telling.measured, telling.margin) = (4.0, 5.0, -0.25)
    (telling.family, telling.length) = ("dust", 8)
    telling.parameters = parameters
    (telling.message, telling.cause, telling.replay) = ("too much", "a fault", "softmax-audit")
    telling.letsThrough = ["wrong-axis"]
    telling.uncaught = ["wrong-axis"]
    telling.coverage = .init(tried: 60, caught: 41, longestLane: 17)
    all.gate = GateResult(
      policy: "p.yaml", verdict: .failed,
      rules: [.init(line: 4, column: 5, selection: "everything", reason: "why")],
      judgements: [telling, judgement], exclusions: [.init(rule: 0, cells: 1, lawScopes: 2)],
      notMeasured: [], notes: [])
    all.judging = MeasurementJudging(judge: .nothing)
    let bareJudging = try #require(try written(all)["judging"] as? [String: Any])
    all.judging = MeasurementJudging(
      judge: .tolerance, declare: "none", underflow: .flush, specialLanes: "masked-zero",
      maxUlp: 4.0, largestLogit: 1e4)
    all.judging?.maxSteps = 1.0
    all.gate?.policyDigest = String(repeating: "0", count: 64)
    all.gate?.mistakes = [.init(line: 1, column: 1, message: "no")]
    all.checking = LawJudging(
      effort: 1, declare: "none", underflow: .flush, specialLanes: "masked-zero",
      largestLogit: 1e4)
    all.environments = [all.environment]
    all.shard = ShardNote(try Shard(index: 1, count: 2), plan: "0", places: [0])
    let document = try written(all)
    let rows = try #require(document["accuracy"] as? [[String: Any]])
    func object(_ row: Int, _ key: String) throws -> [String: Any] {
      try #require(rows[row][key] as? [String: Any])
    }

    // Documents of earlier versions carry no checksum.
    let least = ungated.filter { $0.key != "checksum" }
    try expect(schema, hasKeysOf: document, requiring: least)
    let gate = try #require(document["gate"] as? [String: Any])
    try expect(
      part("$defs", "gate"), hasKeysOf: gate,
      requiring: gate.filter { !["policyDigest", "mistakes"].contains($0.key) })
    for (key, name) in [
      ("mistakes", "gateMistake"), ("rules", "gateRule"), ("judgements", "judgement"),
      ("exclusions", "exclusion"),
    ] {
      let objects = try #require(gate[key] as? [[String: Any]])
      try expect(
        part("$defs", name), hasKeysOf: objects[0], requiring: objects[objects.count - 1])
    }
    for key in ["tool", "oracle", "environment", "shard", "judging"] {
      let whole = try #require(document[key] as? [String: Any])
      let bare = ["environment": bareEnvironment, "judging": bareJudging][key] ?? whole
      try expect(part("properties", key), hasKeysOf: whole, requiring: bare)
    }
    try expect(part("$defs", "accuracyRow"), hasKeysOf: rows[0], requiring: rows[1])
    try expect(
      part("$defs", "accuracyRow", "properties", "bound"), hasKeysOf: object(0, "bound"),
      requiring: object(2, "bound"))
    let regimes = try #require(object(0, "bound")["regimes"] as? [String: Any])
    try expect(
      part("$defs", "accuracyRow", "properties", "bound", "properties", "regimes"),
      hasKeysOf: regimes, requiring: regimes)
    let regime = try #require(regimes["subnormal"] as? [String: Any])
    let properties = try #require(part("$defs", "boundRegime")["properties"] as? [String: Any])
    #expect(Set(properties.keys) == Set(regime.keys))
    let kinds = try object(0, "mismatchKinds")
    try expect(
      part("$defs", "accuracyRow", "properties", "mismatchKinds"), hasKeysOf: kinds,
      requiring: kinds)
    try expect(
      part("$defs", "witness"), hasKeysOf: object(0, "worst"), requiring: object(2, "worst"))
    try expect(
      part("$defs", "errorSample"), hasKeysOf: object(0, "sample"), requiring: object(0, "sample"))
    let outputs = try #require(rows[0]["specialOutputs"] as? [[String: Any]])
    let inputs = try #require(object(0, "worst")["accompanying"] as? [String: Any])
    try expect(part("$defs", "witnessInputs"), hasKeysOf: inputs, requiring: [:])
    try expect(
      part("$defs", "parameters"), hasKeysOf: object(0, "parameters"), requiring: [:])
    let quantised = try #require(object(0, "parameters")["quantised"] as? [String: Any])
    let quantization = try #require(quantised["logits"] as? [String: Any])
    try expect(part("$defs", "quantization"), hasKeysOf: quantization, requiring: quantization)
    let steps = try #require(object(0, "worst")["steps"] as? [String: Any])
    try expect(
      part("$defs", "witness", "properties", "steps"), hasKeysOf: steps,
      requiring: steps.filter { $0.key != "logits" })
    let blame = try #require(object(0, "worst")["blame"] as? [String: Any])
    try expect(
      part("$defs", "stageBlame"), hasKeysOf: blame,
      requiring: blame.filter { $0.key != "overflow" })
    let counts = try #require(rows[0]["elsewhere"] as? [[String: Any]])
    try expect(part("$defs", "elsewhereCount"), hasKeysOf: counts[0], requiring: counts[0])
    try expect(part("$defs", "specialOutput"), hasKeysOf: outputs[0], requiring: outputs[0])
  }

  @Test(
    "Its pattern takes hexadecimal numbers as they are written and nothing else",
    arguments: [
      ("0x1p+0", true), ("-0x1.8p-4", true), ("0x0p+0", true), ("-0x0p+0", true),
      ("0x1.fffffep+127", true), ("0x1p-1074", true), ("0x1.80p+0", false), ("0x2p+0", false),
      ("0x1p0", false), ("0x1p-0", false), ("1.5", false), ("inf", false), ("nan", false),
      ("0x1p+0 ", false), ("0X1P+0", false), ("", false),
    ])
  func hexFloats(text: String, isOne: Bool) throws {
    let pattern = try #require(part("$defs", "hexFloat")["pattern"] as? String)
    #expect(try text.contains(Regex(pattern)) == isOne)
  }
}
