import AuditRecords
import AuditedOperations
import FloatFormats
import Foundation

/// The rows of results for spreadsheets and plotting: RFC 4180, UTF-8, one line of headings.
///
/// A spreadsheet takes a text that begins with =, +, - or @ for a formula; such texts from outside
/// get an apostrophe before them. Figures are numbers with a point, or inf, -inf and nan, or
/// nothing.
package enum CSVReport {
  /// One line for each row of accuracy; with a first column for the file where there are several.
  package static func render(_ sources: ReportSources) -> String {
    var lines = [
      line(
        (sources.files.count > 1 ? ["results"] : []) + textColumns.map(\.0) + ["axis", "shape"]
          + countColumns.map(\.0) + figureColumns.map(\.0) + ["worstUlp", "worstExact"]
          + judgementColumns)
    ]
    for source in sources.files {
      for row in source.results.accuracy {
        lines.append(
          line(
            (sources.files.count > 1 ? [text(source.name)] : [])
              + textColumns.map { text($0.1(row)) }
              + ["\(row.axis)", text(row.shape.map { "\($0)" }.joined(separator: "x"))]
              + countColumns.map { "\($0.1(row))" } + figureColumns.map { number($0.1(row)) }
              + [number(row.worst?.ulp), text(row.worst?.exact ?? "")]
              + judgement(of: row, under: source.results.judging)))
      }
    }
    return lines.joined()
  }

  /// One line for each law on an implementation and pair of formats.
  package static func renderLaws(_ sources: ReportSources) -> String {
    var lines = [
      line(
        (sources.files.count > 1 ? ["results"] : []) + [
          "implementation", "inputFormat", "outputFormat", "operation", "law", "grade", "verdict",
          "cases", "reason", "severity", "replay", "parameters",
        ])
    ]
    for source in sources.files {
      for row in source.results.properties {
        lines.append(
          line(
            (sources.files.count > 1 ? [text(source.name)] : [])
              + [
                row.implementation, row.inputFormat.rawValue, row.outputFormat.rawValue,
                row.operation.name, row.law,
              ].map(text)
              + [
                row.grade.rawValue, row.verdict.rawValue, "\(row.cases)", text(row.reason ?? ""),
                number((row.worst ?? row.counterexample)?.severity),
                text(row.counterexample?.replay ?? ""), text(row.parameters?.text ?? ""),
              ]))
      }
    }
    return lines.joined()
  }

  /// The columns of later versions, behind those that scripts know.
  private static let judgementColumns =
    ["verdict", "zeros"] + kinds.map(\.0) + ["ulpAtMaxRatio", "resembles"]
    + laterFigures.map(\.key) + ["parameters"]

  private static let kinds: [(String, @Sendable (MismatchKinds) -> UInt64)] = [
    ("nan", \.nan), ("infinite", \.infinite), ("negative", \.negative), ("masked", \.masked),
    ("special", \.special), ("unwritten", \.unwritten),
  ]

  private static func judgement(
    of row: AccuracyRow, under judging: MeasurementJudging?
  ) -> [String] {
    let verdict =
      row.isFailure(under: judging)
      ? "failed"
      : row.failure?.kind == .notMeasured || row.undecided > 0
        ? "undecided" : row.isJudged(under: judging) ? "passed" : "not judged"
    return [verdict, row.zeros.map { "\($0)" } ?? ""]
      + kinds.map { kind in row.mismatchKinds.map { "\(kind.1($0))" } ?? "" }
      + [number(row.bound?.worst?.ulp), text(row.resembles ?? "")]
      + laterFigures.map { number(row.figures[$0]) } + [text(row.parameters?.text ?? "")]
  }

  private static let textColumns: [(String, @Sendable (AccuracyRow) -> String)] = [
    ("implementation", { $0.implementation }), ("inputFormat", { $0.inputFormat.rawValue }),
    ("outputFormat", { $0.outputFormat.rawValue }), ("operation", { $0.operation.name }),
    ("family", { $0.family }), ("model", { $0.bound?.model ?? "" }),
  ]

  private static let countColumns: [(String, @Sendable (AccuracyRow) -> UInt64)] = [
    ("length", { UInt64(clamping: $0.length) }), ("lanes", { $0.lanes }),
    ("elements", { $0.elements }), ("finitePairs", { $0.finitePairs }),
    ("normalPairs", { $0.normalPairs }), ("mismatches", { $0.mismatches }),
    ("mismatchedLanes", { $0.mismatchedLanes }),
    ("mismatchesInDomain", { $0.mismatchesInDomain }), ("agreedSpecial", { $0.agreedSpecial }),
    ("negativeZeros", { $0.negativeZeros }), ("undecided", { $0.undecided }),
    ("outsideDomain", { $0.bound?.outsideDomain ?? 0 }),
    ("oracleFallbacks", { $0.oracleFallbacks }),
  ]

  private typealias FigureColumn = (String, @Sendable (AccuracyRow) -> Figure?)

  private static let boundColumns: [FigureColumn] = [
    ("maxRatio", { $0.bound?.maxRatio }), ("boundAtWorst", { $0.worst?.bound }),
  ]

  private static let figureColumns =
    earlierFigures.map(column) + boundColumns + [column(.nsPerElement)]

  /// The figures whose columns scripts know, in their order.
  private static let earlierFigures: [FigureDescriptor] = [
    .maxUlp, .meanUlp, .rmsUlp, .meanSignedUlp, .p50Ulp, .p95Ulp, .p99Ulp, .correctlyRounded,
    .faithful, .maxUlpSubnormal, .maxUlpFlushToZero, .maxNormUlp, .maxSumError,
  ]

  /// All other figures.
  private static let laterFigures = FigureDescriptor.all.filter {
    !earlierFigures.contains($0) && $0 != .nsPerElement
  }

  private static func column(_ descriptor: FigureDescriptor) -> FigureColumn {
    (descriptor.key, { $0.figures[descriptor] })
  }

  private static func line(_ fields: [String]) -> String {
    fields.joined(separator: ",") + "\r\n"
  }

  private static func number(_ figure: Figure?) -> String {
    guard let value = figure?.value else { return "" }
    return value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
  }

  /// A text as a field that is one, whatever it says.
  static func text(_ text: String) -> String {
    var field = text.onOneLine
    // Spreadsheets skip blanks before a formula; the signs of full width count as well.
    if let first = field.first(where: { !$0.isWhitespace }), "=+-@＝＋－＠".contains(first) {
      field = "'" + field
    }
    guard field.contains(where: { "\",;\t'".contains($0) }) || field != text else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
