import AuditReports
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords
@testable import AuditedOperations

@Suite("The JSON Schema of evidence")
struct EvidenceSchemaTests {
  private typealias Object = [String: Any]

  private func object(_ value: Any?) throws -> Object { try #require(value as? Object) }

  private func maximum(_ figure: EvidencedFigure) -> ClaimedMaximum {
    ClaimedMaximum(
      figure: figure, value: 0.5,
      scope: RowScope(implementation: "a", input: .float32, output: .float32),
      origin: "constant", shape: [1, 2], axis: 1, sample: 0, logits: ["0x0p+0", "0x0p+0"],
      elided: 0, index: 0, output: "0x1p-1", ulp: 0.5, scaled: 0.5, bound: nil,
      hasAccompanying: false)
  }

  @Test("It describes every key that can be written and requires those that always are")
  func keys() throws {
    let content = try #require(SchemaFile.all.first { $0.name == "evidence-1.schema.json" }).content
    let schema = try object(JSONSerialization.jsonObject(with: Data(content)))
    #expect(schema["$id"] as? String == EvidenceDocument.currentSchema)

    var document = EvidenceDocument(
      tool: .init(name: "softmax-audit", version: "0"), command: "", seed: 1,
      oracle: .init(tier: "mpfr", library: ""))
    let exact = (lower: "1", upper: "2", exponent: -2)
    document.lanes = [EvidenceLane(["0x0p+0", "0x0p+0"])]
    document.maxima = [
      EvidencedMaximum(
        maximum(.maxUlp), lane: 0, exact: exact,
        comparison: .init(model: "a", bound: 1, ratio: 0.5)),
      EvidencedMaximum(maximum(.maxUlp), lane: 0, exact: exact, comparison: nil),
    ]
    document.maxima[1].scaled = nil
    document.withoutEvidence = [.init(maximum(.maxRatio), because: "its lane is not at hand")]
    let full = try object(JSONSerialization.jsonObject(with: EvidenceJSON.encode(document)))
    document.seed = nil
    let bare = try object(JSONSerialization.jsonObject(with: EvidenceJSON.encode(document)))
    try expect(schema, describes: full, requires: bare)

    let properties = try object(schema["properties"])
    let maxima = try #require(full["maxima"] as? [Object])
    let entry = try object(object(properties["maxima"])["items"])
    try expect(entry, describes: maxima[0], requires: maxima[1])
    let comparison = try object(maxima[0]["comparison"])
    try expect(
      object(object(entry["properties"])["comparison"]), describes: comparison,
      requires: comparison)
    let without = try #require(full["withoutEvidence"] as? [Object])
    try expect(
      object(object(properties["withoutEvidence"])["items"]), describes: without[0],
      requires: without[0])
  }

  private func expect(_ part: Object, describes whole: Object, requires least: Object) throws {
    #expect(try Set(object(part["properties"]).keys) == Set(whole.keys))
    #expect(Set(try #require(part["required"] as? [String])) == Set(least.keys))
    #expect(part["additionalProperties"] as? Bool == false)
  }
}
