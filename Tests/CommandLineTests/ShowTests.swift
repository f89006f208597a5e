import Foundation
import Testing

@Suite("Files that come with the program")
struct ShowTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

  @Test("The list has the header, the protocol and every schema, and shows each as it is")
  func files() async throws {
    let interface = Self.sources.appendingPathComponent("ExternalImplementations")
    let schemas = Self.sources.appendingPathComponent("AuditReports/Schemas")
    let places =
      [
        interface.appendingPathComponent("Plugins/softmax_audit.h"),
        interface.appendingPathComponent("WorkerProtocol.md"),
      ]
      + (try FileManager.default.contentsOfDirectory(atPath: schemas.path)).sorted()
      .map { schemas.appendingPathComponent($0) }
    #expect(places.count >= 9)
    let list = try await run("show")
    #expect(list.status == 0)
    let names = list.lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names.sorted() == places.map(\.lastPathComponent).sorted())
    for place in places {
      let shown = try await run(["show", place.lastPathComponent])
      #expect(shown.status == 0)
      #expect(try shown.output == String(contentsOf: place, encoding: .utf8))
    }
  }

  @Test("A file that there is not is a usage error that names those there are")
  func unknown() async throws {
    let outcome = try await run("show softmax.h")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("softmax_audit.h"))
  }
}
