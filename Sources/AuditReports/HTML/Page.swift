import AuditRecords
import Basics
import Foundation

/// The page of one results file, or of several side by side.
struct Page: PagePart {
  let title: String
  let subtitle: String
  let style = PageFiles.style
  let script = PageFiles.script
  /// The programs that made the results.
  let tool: String
  let links: [Link]
  let verdicts: [VerdictCard]
  let gates: [GateSection]
  /// The files side by side; `nil` for a single one.
  let sources: ComparisonSection?
  let recommendations: [RecommendationCard]
  /// The table of implementations; like all that shows accuracy, `nil` where none was measured.
  let matrix: MatrixSection?
  let laws: LawSection
  let figures: FigureSection?
  let witnesses: [WitnessCard]
  let special: SpecialSection?
  /// `nil` where nobody asked for it.
  let consequences: ConsequenceSection?
  let elsewhere: ElsewhereSection?
  let kinds: [MethodSection.Kind]
  let environments: [MethodSection.Environment]

  /// - Parameter hasFiles: Whether the results lie beside the page under the names of the sources,
  ///   so that links lead somewhere.
  init(_ sources: ReportSources, hasFiles: Bool) {
    let summaries = AccuracySummary.summaries(of: sources)
    title = sources.title
    subtitle = Self.subtitle(sources, summaries)
    tool = Self.tools(sources)
    links = hasFiles ? sources.files.map { Link($0.name) } : []
    verdicts = sources.verdicts.map { VerdictCard($0, $1, $2) }
    gates = GateSection.all(of: sources)
    self.sources = sources.count > 1 ? ComparisonSection(sources) : nil
    recommendations = Recommendation.all(of: summaries).map { RecommendationCard($0) }
    let isMeasured = !summaries.isEmpty
    matrix = isMeasured ? MatrixSection(sources, summaries) : nil
    laws = LawSection(sources)
    figures = isMeasured ? FigureSection(ReportFigure.all(of: summaries)) : nil
    witnesses = isMeasured ? WitnessCard.all(of: sources) : []
    special = isMeasured ? SpecialSection(summaries) : nil
    consequences = ConsequenceSection(summaries)
    elsewhere = ElsewhereSection(summaries)
    kinds = MethodSection.kinds
    environments = MethodSection.environments(sources, hasFiles: hasFiles)
  }

  private static func tools(_ sources: ReportSources) -> String {
    sources.sources.map { "\($0.results.tool.name) \($0.results.tool.version)" }.uniqued()
      .joined(separator: ", ")
  }

  private static func subtitle(_ sources: ReportSources, _ summaries: [AccuracySummary]) -> String {
    let pairs = summaries.map(\.formatPair).uniqued()
    var parts: [String] = []
    if sources.files.count > 1 { parts.append("\(sources.files.count) results files") }
    let names = summaries.map(\.implementation).uniqued()
    if !names.isEmpty {
      parts.append(
        FigureText.counted(UInt64(names.count), "implementation") + " in "
          + (pairs.count > 6
            ? FigureText.counted(UInt64(pairs.count), "format") : pairs.joined(separator: ", ")))
    }
    parts.append(tools(sources))
    return parts.joined(separator: " · ")
  }
}

/// A relative link to a file beside the page: a name cannot make it anything else.
struct Link: PagePart {
  let name: String
  let target: String

  init(_ name: String) {
    let allowed = CharacterSet.alphanumerics.intersection(
      CharacterSet(charactersIn: "\u{0}"..."\u{7F}")
    )
    .union(CharacterSet(charactersIn: "-._~"))
    let path = name.onOneLine.split(separator: "/", omittingEmptySubsequences: false)
      .map { String($0).addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
      .joined(separator: "/")
    self.name = name
    target = name.hasPrefix("/") ? path : "./" + path
  }
}

/// A command that a reader can copy.
struct Command: PagePart {
  let command: String
}
