import AuditReports
import Foundation
import Testing

@testable import AuditRecords
@testable import Basics

@Suite("Plans and units as JSON")
struct PlanJSONTests {
  private typealias Object = [String: Any]

  private func object(_ value: Any?) throws -> Object { try #require(value as? Object) }

  private func schema(_ name: String) throws -> Object {
    let content = try #require(SchemaFile.all.first { $0.name == name }).content
    return try object(JSONSerialization.jsonObject(with: Data(content)))
  }

  private func expect(_ part: Object, describes whole: Object, requires least: Object) throws {
    #expect(try Set(object(part["properties"]).keys) == Set(whole.keys))
    #expect(Set(try #require(part["required"] as? [String])) == Set(least.keys))
    #expect(part["additionalProperties"] as? Bool == false)
  }

  private let subject = RunSubject(
    tool: .init(name: "softmax-audit", version: "1.2.3"), library: "MPFR 4.2.0",
    command: ["audit", "--worker", "a=\"units\":[]"], seed: .max,
    implementations: ["a": ["sha256": "aa"]], answers: ["a in float32": "bb"],
    domain: ["12 cells"], digest: "cc", parts: 12, notMeasured: ["b"])

  private func plan() throws -> FleetPlan {
    try FleetPlan(
      subject, units: 3, estimate: FleetEstimate(of: [0.1, 0.3], parts: 12, start: 0.01))
  }

  @Test("A plan comes back as it was, and the marker of its units may stand in a text")
  func roundTrip() throws {
    let data = try PlanJSON.encode(plan())
    #expect(try PlanJSON.decode(data, name: "p") == plan())
    #expect(String(decoding: data, as: UTF8.self).split(separator: "\n").count == 5)
    #expect(DocumentChecksum.state(of: data) == .intact)
  }

  @Test(
    "A plan that was changed, is cut short, contradicts itself or is of another schema is refused")
  func damaged() throws {
    let text = String(decoding: try PlanJSON.encode(plan()), as: UTF8.self)
    let open = text.replacing(/^\{"checksum":"[^"]*",/, with: "{")
    func sealed(_ text: String) -> Data { DocumentChecksum.seal(Data(text.utf8)) }
    for (data, words) in [
      (Data(text.replacing("12 cells", with: "13 cells").utf8), "was changed since"),
      (Data(text.dropLast(30).utf8), "is not a plan file"),
      (sealed(open.replacing("12 cells", with: "13 cells")), "its identity is that of another"),
      (sealed(open.replacing("\"unit\":2", with: "\"unit\":3")), "its units are those of another"),
      (sealed(open.replacing("plan/1", with: "plan/2")), "this version reads"),
      (sealed(open.replacing("\"parts\":12", with: "\"parts\":2")), "more units than parts"),
    ] {
      let error = #expect(throws: UserError.self) { try PlanJSON.decode(data, name: "p") }
      #expect(error?.kind == .malformedInput)
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }

  @Test("A unit holds the results as they were written, to the byte")
  func unitRoundTrip() throws {
    let results = DocumentChecksum.seal(
      Data("{\"schema\":\"s\",\"a\":[1.50,\n{\"x\":\",\\\"results\\\":\"}]}\n".utf8))
    let unit = try FleetUnit(2, of: plan(), status: 1, seconds: 0.25)
    let data = try UnitJSON.encode(unit, results: results)
    let back = try UnitJSON.decode(data, name: "u")
    #expect(back.unit == unit)
    #expect(back.results == results)
    let whole = try object(JSONSerialization.jsonObject(with: data))
    #expect(try object(whole["results"])["schema"] as? String == "s")
  }

  @Test("A unit that was changed, is cut short or has no checksum is refused")
  func damagedUnits() throws {
    let unit = try FleetUnit(2, of: plan(), status: 1, seconds: 0.25)
    let results = Data("{\"schema\":\"s\"}\n".utf8)
    let text = String(decoding: try UnitJSON.encode(unit, results: results), as: UTF8.self)
    let open = text.replacing(/^\{"checksum":"[^"]*",/, with: "{")
    for damaged in [
      text.replacing("\"status\":1", with: "\"status\":0"),
      text.replacing("\"s\"", with: "\"t\""), String(text.dropLast(4)), open, "",
    ] {
      #expect(damaged != text)
      let error = #expect(throws: UserError.self) {
        try UnitJSON.decode(Data(damaged.utf8), name: "u")
      }
      #expect(error?.kind == .malformedInput)
    }
  }

  @Test("Their schemas describe every key that can be written and require those that always are")
  func schemas() throws {
    let schema = try schema("plan-1.schema.json")
    #expect(schema["$id"] as? String == FleetPlan.currentSchema)
    let full = try object(JSONSerialization.jsonObject(with: PlanJSON.encode(plan())))
    var sparse = subject
    sparse.seed = nil
    let bare = try object(
      JSONSerialization.jsonObject(
        with: PlanJSON.encode(FleetPlan(sparse, units: 3, estimate: nil))))
    try expect(schema, describes: full, requires: bare)
    let properties = try object(schema["properties"])
    for key in ["subject", "estimate"] {
      var least = try object(bare[key] ?? full[key])
      if key == "estimate" { least["uncertaintySeconds"] = nil }
      try expect(object(properties[key]), describes: object(full[key]), requires: least)
    }
    let units = try #require(full["units"] as? [Object])
    try expect(
      object(object(properties["units"])["items"]), describes: units[0], requires: units[0])

    let unitSchema = try self.schema("unit-1.schema.json")
    #expect(unitSchema["$id"] as? String == FleetUnit.currentSchema)
    let unit = try object(
      JSONSerialization.jsonObject(
        with: UnitJSON.encode(
          FleetUnit(1, of: plan(), status: 0, seconds: 1), results: Data("{}\n".utf8))))
    try expect(unitSchema, describes: unit, requires: unit)
  }

  @Test("The text names units, time and how it is known")
  func text() throws {
    let text = PlanText.render(try plan(), name: "p lan.json", part: "cell")
    #expect(text.hasPrefix("3 units of audit, each with 4 of 12 cells\n  12 cells\n"))
    // 12 * 0.2 s and 3 starts; two standard errors 2 * 12 * 0.1414 * sqrt((1 - 1/6) / 2) = 2.19 s.
    #expect(text.contains("about 6.75e-4 hours") || text.contains("about 6.8e-4 hours"), "\(text)")
    #expect(text.contains("give or take 6.1e-4 hours"), "\(text)")
    #expect(text.contains("2 of 12 cells"))
    #expect(text.contains("run-unit 'p lan.json' K"))
    #expect(text.contains("not measured: b\n"))
    let one = PlanText.render(
      try FleetPlan(
        subject, units: 5, estimate: FleetEstimate(of: [4e7], parts: 12, start: 0)), name: "p",
      part: "cell")
    #expect(one.contains("each with 2 or 3 of 12 cells"))
    #expect(one.contains("about 15.2 years of one processor"), "\(one)")
    #expect(one.contains("one cell was measured"))
  }
}
