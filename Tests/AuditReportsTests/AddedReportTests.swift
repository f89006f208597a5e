import AuditRecords
import AuditedOperations
import FloatFormats
import Testing

@testable import AuditReports

/// A form of report is a function of the sources of results: nothing else is asked of it.
@Suite("A form of report from outside")
struct AddedReportTests {
  private func names(_ sources: ReportSources) -> String {
    sources.files.flatMap { $0.results.accuracy }.map { "\($0.implementation) \($0.operation)\n" }
      .joined()
  }

  @Test("Reads rows without knowing how they were measured")
  func rows() throws {
    let sources = ReportSources(
      results([row("a/sequential", .float32), row("b", .float16)]), name: "results.json")
    #expect(names(sources) == "a/sequential softmax\nb softmax\n")
  }
}
