import AuditRecords

/// The origin of the figures, and the trust that each deserves.
enum MethodSection {
  /// Figures of one kind, and how far they can be trusted.
  struct Kind: PagePart {
    let figure: String
    let kind: String

    init(_ figure: String, _ kind: String) {
      self.figure = figure
      self.kind = kind
    }
  }

  /// The run that made a results file.
  struct Environment: PagePart {
    let heading: String?
    let tool: String
    let oracle: String
    let seed: String
    let samples: String
    let platform: String
    let processor: String
    let threads: String
    let judging: String
    let versions: [String]
    let file: String
    /// The address of the file; `nil` where it does not lie beside the page.
    let target: String?
    let command: String
  }

  static var kinds: [Kind] {
    [
      Kind(
        "largest errors, witnesses, mismatches",
        "certified: facts about real numbers on the lanes measured, maxima rounded up; for all possible lanes they are lower bounds"
      ),
      Kind(
        "a-priori bounds",
        "proved: no rounding of the declared algorithm can do worse on this very lane, underflow included; upper bounds. Of what declares none: what every sound form of the softmax in use keeps to"
      ),
      Kind(
        "shares of correctly rounded outputs",
        "certified for the lanes measured; for others they depend on the choice of lanes"),
      Kind(
        "means, percentiles, histograms",
        "statistical: errors on a grid of 2^-40 ULP, added in exact integers; they depend on the choice of lanes"
      ),
      Kind(
        "errors by magnitude and by offset",
        "from a sample of at most 1024 outputs of each cell, rounded up to 10 bits; lower bounds of the largest errors"
      ),
      Kind("kept laws", "evidence from the cases tried, no proof"),
      Kind("broken laws", "certified: each has a witness that shows it again"),
      Kind("times", "a by-product of this run on this machine, not a benchmark"),
    ]
  }

  static func environments(_ sources: ReportSources, hasFiles: Bool) -> [Environment] {
    let isOneOfSeveral = sources.files.count > 1
    return sources.labelledFiles.map { label, source in
      let results = source.results
      let lanes = results.accuracy.map(\.lanes)
      return Environment(
        heading: isOneOfSeveral ? (label.map { "\($0) · " } ?? "") + source.name : nil,
        tool: "\(results.tool.name) \(results.tool.version)",
        oracle: "\(results.oracle.library), tier \(results.oracle.tier)",
        seed: "\(results.seed)", samples: samples(lanes, cells: results.accuracy.count),
        platform: results.environment.platform, processor: results.environment.processor,
        threads: FigureText.counted(UInt64(max(0, results.environment.threads)), "thread"),
        judging: source.judgingWords, versions: source.implementationVersions,
        file: source.name, target: hasFiles ? Link(source.name).target : nil,
        command: results.command)
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
