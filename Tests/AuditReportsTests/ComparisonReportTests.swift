import AuditRecords
import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import AuditReports

@Suite("Comparisons as text, Markdown and JSON")
struct ComparisonReportTests {
  let snapshots = Snapshots(of: .module)

  /// One change of every kind.
  private let comparison: ResultsComparison = {
    var before = results([
      row("worse", .float32), row("worse", .float32, length: 128),
      row("worse", .float32, length: 1000), row("better", .float16, to: .float32),
      row("gone", .float64), row("fewer", .float32), row("fewer", .float32, length: 17),
      row(hostileName, .bfloat16),
    ])
    var after = results([
      row("worse", .float32) { $0.maxUlp = 0.75000001 },
      row("worse", .float32, length: 128) { $0.maxUlp = 3.0 },
      row("worse", .float32, length: 1000) {
        $0.mismatches = 4
        $0.meanUlp = 0.5
      },
      row("better", .float16, to: .float32) { $0.maxUlp = 0.5 },
      row("fewer", .float32), row("new", .float32),
      row(hostileName, .bfloat16) { $0.maxUlp = Figure(.infinity) },
    ])
    before.properties = [law("shift", "worse", .passed), law("sum", "worse", .failed)]
    after.properties = [law("shift", "worse", .failed), law("sum", "worse", .waived)]
    after.environment.implementations = ["worse": ["version": "2"]]
    before.environment.implementations = ["worse": ["version": "1"]]
    return ResultsComparison(
      before: .init(name: "before.json", results: before),
      after: .init(name: "after.json", results: after))
  }()

  @Test("The text has not changed and fits 80 columns")
  func text() throws {
    let text = ComparisonText.render(comparison)
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(!text.contains("\u{1B}"))
    #expect(try snapshots.difference(of: text, from: "comparison.txt") == nil)
  }

  @Test("The Markdown has not changed, and no name is markup")
  func markdown() throws {
    let page = ComparisonMarkdown.render(comparison)
    #expect(!page.contains("<script>"))
    #expect(try snapshots.difference(of: page, from: "comparison.md") == nil)
  }

  @Test("The JSON comes back as it was, one line for a change")
  func json() throws {
    let data = try ComparisonJSON.encode(comparison)
    #expect(try JSONDecoder().decode(ResultsComparison.self, from: data) == comparison)
    #expect(
      String(decoding: data, as: UTF8.self).split(separator: "\n").count
        == comparison.changes.count + 2)
  }

  @Test("The schema describes every key that is written")
  func schema() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/AuditReports/Schemas/comparison-1.schema.json")
    let schema = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let document = try #require(
      JSONSerialization.jsonObject(with: ComparisonJSON.encode(comparison)) as? [String: Any])
    func keys(_ part: Any?) -> Set<String> {
      Set(((part as? [String: Any])?["properties"] as? [String: Any] ?? [:]).keys)
    }
    #expect(keys(schema) == Set(document.keys))
    let parts = try #require(schema["$defs"] as? [String: Any])
    let written = try #require(document["changes"] as? [[String: Any]])
    let used = written.reduce(Set<String>()) { $0.union($1.keys) }
    #expect(keys(parts["change"]) == used.union(["probability", "parameters"]))
    let required = (parts["change"] as? [String: Any])?["required"] as? [String]
    #expect(Set(required ?? []) == written.reduce(used) { $0.intersection($1.keys) })
    #expect(keys(parts["origin"]) == Set((document["before"] as? [String: Any] ?? [:]).keys))
    let properties = schema["properties"] as? [String: Any]
    #expect(
      keys(properties?["compared"]) == Set((document["compared"] as? [String: Any] ?? [:]).keys))
  }
}
