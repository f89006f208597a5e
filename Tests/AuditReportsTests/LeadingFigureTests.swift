import AuditRecords
import AuditedOperations
import FloatFormats
import Testing

@testable import AuditReports

@Suite("The figure that reports compare by")
struct LeadingFigureTests {
  /// Two implementations of log-softmax: the error in ULP is that of results next to 0.
  private func logarithms(hasScaled: Bool = true) -> AuditResults {
    let named: [(String, Figure)] = [("exact", 0.75), ("absorbed", 3e6)]
    return results(
      named.map { name, scaled in
        row("\(name)/sequential", .float32) {
          $0.operation = .logSoftmax
          $0.maxUlp = 0x1p24
          $0.worst = witness(0x1p24)
          $0.maxScaled = hasScaled ? scaled : nil
          var worst = witness(0.5)
          worst.scaled = scaled
          $0.worstScaled = hasScaled ? worst : nil
        }
      })
  }

  @Test("Of log-probabilities it is the scaled error, in tables, at their place and in witnesses")
  func scaled() throws {
    let text = TextReport.render(logarithms())
    #expect(text.contains("scaled ordinary") && !text.contains("max ulp"))
    #expect(text.contains(FigureText.maximum(3e6)) && !text.contains(FigureText.maximum(0x1p24)))
    let summaries = AccuracySummary.summaries(of: logarithms())
    #expect(summaries.map(\.largest) == [0.75, 3e6])
    #expect(summaries.allSatisfy { $0.placeOfMaximum == "normal-4, length 8" })
    let witnesses = WorstWitness.all(of: ReportSources(logarithms()))
    #expect(witnesses.contains { $0.witness.scaled == 3e6 && $0.words == "scaled error" })
    let page = MarkdownReport.render(logarithms())
    #expect(page.contains("| largest scaled | at |") && page.contains("| ULP | scaled |"))
    #expect(!page.contains("max abs(sum - 1)"))
    #expect(page.hasPrefix("# How wrong is this log-softmax?\n"))
    let matrix = try HTMLReport.render(logarithms())
    #expect(matrix.contains("<h1>How wrong is this log-softmax?</h1>"))
    let row = try #require(
      matrix.split(separator: "\n").first {
        $0.contains("title=\"absorbed/sequential of log-softmax\"")
      })
    #expect(row.contains(FigureText.maximum(3e6)), "\(row)")
    let recommendation = try #require(Recommendation.all(of: summaries).first)
    #expect(recommendation.mostAccurate?.algorithm == "exact")
  }

  @Test("Of results of an older version, which have no scaled error, it is the error in ULP")
  func older() {
    let text = TextReport.render(logarithms(hasScaled: false))
    #expect(text.contains("max ulp") && text.contains(FigureText.maximum(0x1p24)))
  }

  @Test("Of probabilities it is the error in ULP")
  func probabilities() {
    #expect(AccuracySummary.summaries(of: interestingResults).allSatisfy { $0.leading == .maxUlp })
  }
}
