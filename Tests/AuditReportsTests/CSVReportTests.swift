import AuditRecords
import FloatFormats
import Testing

@testable import AuditReports

@Suite("Rows for spreadsheets")
struct CSVReportTests {
  /// The fields of each line, by the rules of RFC 4180.
  private func fields(_ text: String) -> [[String]] {
    var lines: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"" where isQuoted && rest.first == "\"":
        field += "\""
        rest = rest.dropFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        lines[lines.count - 1].append(field)
        field = ""
      case "\r" where !isQuoted && rest.first == "\n":
        rest = rest.dropFirst()
        lines[lines.count - 1].append(field)
        field = ""
        lines.append([])
      default: field.unicodeScalars.append(scalar)
      }
    }
    return lines.dropLast()
  }

  @Test("Every line has a field for every heading, whatever the names are")
  func shape() {
    for text in [
      CSVReport.render(ReportSources(interestingResults)),
      CSVReport.render(
        ReportSources([
          .init(name: "a,\"b\"\n", results: interestingResults),
          .init(name: "=b", results: results([])),
        ])),
    ] {
      let lines = fields(text)
      #expect(lines.count == interestingResults.accuracy.count + 1)
      for line in lines { #expect(line.count == lines[0].count, "\(line)") }
    }
  }

  @Test(
    "No name from outside begins a formula",
    arguments: [
      "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "=cmd|' /C calc'!A0", "＝1",
      "\u{200B}=1",
    ])
  func formulas(name: String) {
    let lines = fields(
      CSVReport.render(ReportSources(results([row(name, .float32, family: name)]))))
    #expect(lines[1][0].hasPrefix("'"), "\(lines[1][0])")
    #expect(lines[1][4].hasPrefix("'"), "\(lines[1][4])")
    var broken = results([])
    broken.properties = [law(name, name, .failed)]
    let laws = fields(CSVReport.renderLaws(ReportSources(broken)))
    #expect(laws[1][0].hasPrefix("'"))
    #expect(laws[1][4].hasPrefix("'"))
  }

  @Test("Plain names and figures stay as they are")
  func plain() {
    let result = results([
      row("max-trick/pairwise", .float32) {
        $0.meanSignedUlp = -0.125
        $0.maxUlp = Figure(.infinity)
        $0.meanUlp = Figure(.nan)
      }
    ])
    let lines = fields(CSVReport.render(ReportSources(result)))
    func value(_ name: String) -> String? {
      lines[0].firstIndex(of: name).map { lines[1][$0] }
    }
    #expect(value("implementation") == "max-trick/pairwise")
    #expect(value("meanSignedUlp") == "-0.125")
    #expect(value("maxUlp") == "inf")
    #expect(value("meanUlp") == "nan")
    #expect(value("length") == "8")
  }
}
