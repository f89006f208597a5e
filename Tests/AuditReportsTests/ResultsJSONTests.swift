import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Testing

@Suite("Results as JSON")
struct ResultsJSONTests {
  /// The document but for the checksum, so that a test can change it.
  private func text(_ results: AuditResults) throws -> String {
    String(decoding: try ResultsJSON.encode(results), as: UTF8.self)
      .replacing(/^\{"checksum":"[^"]*",/, with: "{")
  }

  /// Checks that a text is refused as malformed input, with exactly this message.
  private func expectRefusal(
    of text: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) {
      try ResultsJSON.decode(Data(text.utf8), name: "results.json")
    }
    #expect(error?.kind == .malformedInput, sourceLocation: sourceLocation)
    #expect(error?.message == message, sourceLocation: sourceLocation)
  }

  @Test("What is written is read back the same, infinities and hostile names included")
  func roundTrip() throws {
    let data = try ResultsJSON.encode(interestingResults)
    #expect(try ResultsJSON.decode(data, name: "results.json") == interestingResults)
    #expect(try ResultsJSON.encode(ResultsJSON.decode(data, name: "results.json")) == data)
  }

  @Test("NaN is read back as NaN")
  func notANumber() throws {
    let written = results([row("a", .float32) { $0.maxSumError = Figure(.nan) }])
    let read = try ResultsJSON.decode(ResultsJSON.encode(written), name: "results.json")
    #expect(read.accuracy[0].maxSumError?.value.isNaN == true)
    #expect(try text(written).contains("\"maxSumError\":\"nan\""))
  }

  @Test(
    "Extreme figures keep every bit",
    arguments: [
      0x1p-1074, 0x1p-1022, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0.1, -0.0, 1e22,
      0x1.fffffffffffffp-1, .infinity, -.infinity,
    ] as [Double])
  func extremeFigures(value: Double) throws {
    let written = results([row("a", .float32) { $0.meanSignedUlp = Figure(value) }])
    let read = try ResultsJSON.decode(ResultsJSON.encode(written), name: "results.json")
    #expect(read.accuracy[0].meanSignedUlp?.value.bitPattern == value.bitPattern)
  }

  @Test("Every row has a line of its own, keys are sorted, and absent figures are absent")
  func layout() throws {
    let lines = try text(interestingResults).split(separator: "\n")
    #expect(lines.count == interestingResults.accuracy.count + 2)
    #expect(lines[0] == "{\"accuracy\":[")
    #expect(lines[1].hasPrefix("{\"agreedSpecial\":0,\"axis\":1,\"bound\":{\"maxRatio\":0.5,"))
    #expect(try !text(interestingResults).contains("null"))
    #expect(try text(results([])).hasPrefix("{\"accuracy\":[],\"command\":"))
  }

  @Test("The largest seed survives")
  func largestSeed() throws {
    var written = results([])
    written.seed = .max
    #expect(try ResultsJSON.decode(ResultsJSON.encode(written), name: "r").seed == .max)
  }

  @Test("A gate that names a rule that there is not is refused")
  func strayRule() throws {
    var stray = results([])
    stray.gate = interestingGate
    stray.gate?.judgements[0].rule = 7
    expectRefusal(
      of: try text(stray),
      "results.json: the gate names rule 7 of 2; write the file anew")
  }

  @Test("Another version of the schema is refused by name")
  func otherSchema() throws {
    let other = try text(results([])).replacing("results/1", with: "results/2")
    expectRefusal(
      of: other,
      "results.json has the schema \"softmax-audit/results/2\"; this version reads "
        + "\"softmax-audit/results/1\": make it again with this version")
  }

  @Test("A truncated file is refused wherever it ends")
  func truncated() throws {
    let whole = try text(results([row("a", .float32)]))
    for count in stride(from: 0, to: whole.count - 2, by: 97) {
      let error = #expect(throws: UserError.self) {
        try ResultsJSON.decode(Data(whole.prefix(count).utf8), name: "results.json")
      }
      #expect(error?.kind == .malformedInput)
    }
    expectRefusal(
      of: String(whole.dropLast(2)),
      "results.json is not a results file: at the top, the text ends within an object or array, at byte "
        + "\(whole.utf8.count - 2)")
  }

  @Test("Another document is refused, and the message says where it differs")
  func malformed() throws {
    let valid = try text(
      results([row("a", .float32), row("b", .float32) { $0.worst = witness(0.75) }]))
    func changed(_ old: String, to new: String) -> String {
      valid.replacing(old, with: new)
    }
    expectRefusal(
      of: "[]", "results.json is not a results file: at the top, an object is expected")
    expectRefusal(
      of: "{}", "results.json is not a results file: at the top, the key \"schema\" is missing")
    expectRefusal(
      of: "{\"schema\": 1}", "results.json is not a results file: at schema, a string is expected")
    expectRefusal(
      of: changed("\"seed\":20180528", to: "\"seeds\":1"),
      "results.json is not a results file: at the top, the key \"seed\" is missing")
    expectRefusal(
      of: changed("\"threads\":2", to: "\"threads\":\"2\""),
      "results.json is not a results file: at environment.threads, an integer is expected")
    expectRefusal(
      of: changed("\"accuracy\":[", to: "\"accuracy\":[7,"),
      "results.json is not a results file: at accuracy[0], an object is expected")
    expectRefusal(
      of: changed("\"shape\":[2,8]", to: "\"shape\":8"),
      "results.json is not a results file: at accuracy[0].shape, an array is expected")
    expectRefusal(
      of: changed("\"elided\":5,", to: ""),
      "results.json is not a results file: at accuracy[1].worst, the key \"elided\" is missing")
    expectRefusal(
      of: changed("\"maxUlp\":0.75", to: "\"maxUlp\":\"large\""),
      "results.json is not a results file: at accuracy[0].maxUlp, "
        + "\"large\" is not a number, \"inf\", \"-inf\" or \"nan\"")
    expectRefusal(
      of: changed("\"maxUlp\":0.75", to: "\"maxUlp\":[]"),
      "results.json is not a results file: at accuracy[0].maxUlp, a number is expected")
    expectRefusal(
      of: changed("\"outputFormat\":\"float32\"", to: "\"outputFormat\":\"float31\""),
      "results.json is not a results file: at accuracy[0].outputFormat, there is no format "
        + "\"float31\"")
    expectRefusal(
      of: changed("\"operation\":\"softmax\"", to: "\"operation\":\"softmin\""),
      "results.json is not a results file: at accuracy[0].operation, \"softmin\" is no operation; "
        + "there are \(AuditedOperation.names)")
    expectRefusal(
      of: changed("\"inputFormat\":\"float32\"", to: "\"inputFormat\":32"),
      "results.json is not a results file: at accuracy[0].inputFormat, a string is expected")
    expectRefusal(
      of: changed("\"command\":\"softmax-audit audit\"", to: "\"command\":null"),
      "results.json is not a results file: at command, a string is expected instead of null")
  }
}
