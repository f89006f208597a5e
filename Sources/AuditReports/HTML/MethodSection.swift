import SoftmaxAudit

/// How the figures came about, and how far each can be trusted.
enum MethodSection {
  static var kinds: [HTMLReport.View] {
    [
      kind(
        "largest errors, witnesses, mismatches",
        "certified: facts about real numbers on the lanes measured, maxima rounded up; for all possible lanes they are lower bounds"
      ),
      kind(
        "a-priori bounds",
        "proved: no rounding of the declared algorithm can do worse on this very lane, underflow included; upper bounds. Of what declares none: what every sound form of the softmax in use keeps to"
      ),
      kind(
        "shares of correctly rounded outputs",
        "certified for the lanes measured; for others they depend on the choice of lanes"),
      kind(
        "means, percentiles, histograms",
        "statistical: errors on a grid of 2^-40 ULP, added in exact integers; they depend on the choice of lanes"
      ),
      kind(
        "errors by magnitude and by offset",
        "from a sample of at most 1024 outputs of each cell, rounded up to 10 bits; lower bounds of the largest errors"
      ),
      kind("kept laws", "evidence from the cases tried, no proof"),
      kind("broken laws", "certified: each has a witness that shows it again"),
      kind("times", "a by-product of this run on this machine, not a benchmark"),
    ]
  }

  private static func kind(_ figure: String, _ kind: String) -> HTMLReport.View {
    ["figure": figure, "kind": kind]
  }

  static func environments(_ sources: ReportSources, hasFiles: Bool) -> [HTMLReport.View] {
    sources.labelledFiles.map { label, source in
      let results = source.results
      let lanes = results.accuracy.map(\.lanes)
      var view: HTMLReport.View = [
        "tool": "\(results.tool.name) \(results.tool.version)",
        "oracle": "\(results.oracle.library), tier \(results.oracle.tier)",
        "seed": "\(results.seed)", "platform": results.environment.platform,
        "processor": results.environment.processor,
        "threads": FigureText.counted(UInt64(max(0, results.environment.threads)), "thread"),
        "samples": samples(lanes, cells: results.accuracy.count),
        "judging": source.judgingWords, "hasLink": hasFiles,
        "file": source.name, "target": HTMLReport.link(source.name)["target"] ?? "",
        "command": [["command": results.command]],
      ]
      let versions = source.implementationVersions
      if !versions.isEmpty {
        view["hasVersions"] = true
        view["versions"] = versions
      }
      if sources.files.count > 1 {
        view["heading"] = [["heading": (label.map { "\($0) · " } ?? "") + source.name]]
      }
      return view
    }
  }

  private static func samples(_ lanes: [UInt64], cells: Int) -> String {
    guard let least = lanes.min(), let most = lanes.max() else { return "none" }
    let range =
      least == most
      ? FigureText.count(least) : "\(FigureText.count(least)) to \(FigureText.count(most))"
    return "\(range) lanes in each of \(FigureText.counted(UInt64(cells), "cell"))"
  }
}
