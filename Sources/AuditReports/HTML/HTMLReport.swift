import Foundation
import Mustache
import SoftmaxAudit

/// The results as one HTML page that needs nothing else: no network, no files beside it.
///
/// The page is XHTML as well, so that a parser of XML takes it.
public enum HTMLReport {
  /// What a template is filled with.
  typealias View = [String: Any]

  /// The page.
  ///
  /// - Throws: ``InternalError`` where a template is malformed.
  public static func render(_ results: AuditResults, name: String = "results.json") throws -> String
  {
    try render(ReportSources(results, name: name))
  }

  /// The page of one results file, or of several side by side.
  ///
  /// - Parameter hasFiles: Whether the results lie beside the page under the names of the sources, so that links lead
  ///   somewhere.
  /// - Throws: ``InternalError`` where a template is malformed.
  public static func render(_ sources: ReportSources, hasFiles: Bool = false) throws -> String {
    let summaries = AccuracySummary.summaries(of: sources)
    var view: View = [
      "title": sources.count > 1 ? "Softmaxes side by side" : "How wrong is this softmax?",
      "subtitle": subtitle(sources, summaries),
      "style": PageStyle.text, "script": PageScript.text,
      "tool": tools(sources),
      "verdicts": sources.verdicts.map(verdict),
      "hasRecommendations": !summaries.isEmpty,
      "recommendations": Recommendation.all(of: summaries).map(recommendation),
      "gates": GateSection.views(sources), "laws": LawSection.view(sources),
      "kinds": MethodSection.kinds,
      "environments": MethodSection.environments(sources, hasFiles: hasFiles),
    ]
    view["links"] = hasFiles ? sources.files.map { link($0.name) } : []
    if sources.count > 1 { view["sources"] = ComparisonSection.view(sources, summaries) }
    if !summaries.isEmpty {
      view["matrix"] = MatrixSection.view(sources, summaries)
      view["hasFigures"] = true
      let figures = ReportFigure.all(of: summaries)
      view["figures"] = FigureSection.views(figures)
      let missing = FigureSection.missing(figures)
      view["hasMissing"] = !missing.isEmpty
      view["missing"] = missing
      let witnesses = WitnessSection.views(sources)
      view["hasWitnesses"] = !witnesses.isEmpty
      view["witnesses"] = witnesses
      view["special"] = SpecialSection.view(summaries)
      if let elsewhere = ElsewhereSection.view(summaries) { view["elsewhere"] = elsewhere }
    }
    return try template().render(clean(view))
  }

  private static func template() throws -> PageRenderer {
    do {
      return PageRenderer(
        library: MustacheLibrary(
          templates: try PageTemplate.parts.mapValues { try MustacheTemplate(string: $0) }))
    } catch {
      throw InternalError("a template of the HTML report is malformed: \(error)")
    }
  }

  private struct PageRenderer {
    let library: MustacheLibrary
    func render(_ view: Any) throws -> String {
      guard let text = library.render(view, withTemplate: "page") else {
        throw InternalError("the HTML report has no template for its page")
      }
      return text
    }
  }

  /// The view with every text on one line and without characters that neither XML nor a reader can bear.
  ///
  /// The template turns markup into text; only the drawings, the style and the script are taken as they are.
  private static func clean(_ value: Any) -> Any {
    switch value {
    case let text as String: return text.onOneLine.replacing(/[\u{FFFE}\u{FFFF}]/, with: " ")
    case let list as [Any]: return list.map(clean)
    case let view as View:
      var cleaned: View = [:]
      for (key, value) in view {
        cleaned[key] = ["svg", "style", "script"].contains(key) ? value : clean(value)
      }
      return cleaned
    default: return value
    }
  }

  /// A relative link to a file beside the page: a name cannot make it anything else.
  static func link(_ name: String) -> View {
    let allowed = CharacterSet.alphanumerics.intersection(
      CharacterSet(charactersIn: "\u{0}"..."\u{7F}")
    )
    .union(CharacterSet(charactersIn: "-._~"))
    let path = name.onOneLine.split(separator: "/", omittingEmptySubsequences: false)
      .map { String($0).addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
      .joined(separator: "/")
    return ["name": name, "target": name.hasPrefix("/") ? path : "./" + path]
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

  private static func verdict(_ label: String?, _ name: String, _ verdict: Verdict) -> View {
    let (kind, sign) =
      switch verdict.outcome {
      case .failed: ("failed", "✗")
      case .undecided: ("undecided", "?")
      case .nothingMeasured: ("nothingMeasured", "–")
      case .notJudged: ("notJudged", "–")
      case .passed: ("passed", "✓")
      }
    let word = "\(sign) \(verdict.word)"
    return [
      "kind": kind, "word": label.map { "\($0) · \(name): \(word)" } ?? word,
      "headline": verdict.headline, "resemblances": verdict.resemblances,
      "sentences": limited(verdict.sentences),
    ]
  }

  /// The first sentences, and how many more there are.
  private static func limited(_ sentences: [String]) -> [String] {
    let shown = 12
    guard sentences.count > shown + 1 else { return sentences }
    // The last one sums up.
    return Array(sentences.prefix(shown - 1))
      + ["… and \(sentences.count - shown) more findings, in the tables below."]
      + sentences.suffix(1)
  }

  private static func recommendation(_ one: Recommendation) -> View {
    func view(_ summary: AccuracySummary) -> View {
      [
        "name": summary.named(summary.implementation), "ulp": FigureText.maximum(summary.maxUlp),
        "share": FigureText.share(summary.correctlyRounded),
        "ns": FigureText.statistic(summary.nsPerElement),
        "place": summary.placeOfMaximum ?? "", "laws": summary.lawsRemark,
        "outputs": FigureText.counted(summary.normalPairs, "output"),
      ]
    }
    var result: View = ["heading": one.pair]
    if let best = one.mostAccurate { result["best"] = view(best) }
    if let absence = one.absence { result["absence"] = [["absence": absence]] }
    if let fastest = one.fastest,
      fastest.named(fastest.implementation) != one.mostAccurate.map({ $0.named($0.implementation) })
    {
      result["fastest"] = view(fastest)
    }
    if !one.avoid.isEmpty {
      let shown = one.avoid.prefix(4).map { "\($0.algorithm): \($0.reason)" }
      let more = one.avoid.count - shown.count
      result["hasAvoid"] = true
      result["avoid"] = shown + (more > 0 ? ["and \(more) more"] : [])
    }
    return result
  }
}
