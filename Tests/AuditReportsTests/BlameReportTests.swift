import AuditRecords
import FloatFormats
import SoftmaxVariants
import Testing

@testable import AuditReports
@testable import AuditedOperations

@Suite("Blame in reports")
struct BlameReportTests {
  private let blamed = results([
    row("good", .float32) {
      $0.worst = witness(0.75)
      $0.worst?.blame = StageBlame(
        model: "max-trick/sequential", isOwn: false, ulp: 0.75,
        stages: [
          .init(stage: .subtraction, ulpIfExact: 0.75), .init(stage: .sum, ulpIfExact: 0.25),
          .init(stage: .division, ulpIfExact: 1.0),
        ])
    },
    row(hostileName, .float32) {
      $0.worst = witness(0.5)
      $0.worst?.blame = StageBlame(
        model: hostileName, isOwn: false, ulp: Figure(.nan), stages: [], overflow: .exponential)
    },
  ])

  @Test("Stages stand with their parts, the largest first, in every form of report")
  func forms() throws {
    let words =
      "taken for max-trick/sequential, which errs by 0.750 = sum 0.500, division -0.250, 1 other below a thousandth"
    #expect(blamed.accuracy[0].worst?.blame?.words == words)
    let text = TextReport.render(blamed)
    #expect(text.contains("Which stage makes the worst error"))
    #expect(text.contains("exponential overflows"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(MarkdownReport.render(blamed).contains(words))
    let page = try HTMLReport.render(blamed)
    #expect(page.contains("<dt>Stages</dt><dd>\(words). "))
    #expect(XMLCheck(page).problem == nil)
    #expect(!TextReport.render(interestingResults).contains("Which stage"))
  }
}
