import AuditRecords
import Basics
import FloatFormats
import LogitFamilies

/// The results as a Markdown page, fit for a repository.
package enum MarkdownReport {
  /// The report, with a line break at the end.
  package static func render(_ results: AuditResults) -> String { render(ReportSources(results)) }

  /// The report on one results file, or on several side by side, with a line break at the end.
  package static func render(_ sources: ReportSources) -> String { render(sources, figures: []) }

  /// The report with references to the figures that lie beside it.
  static func render(_ sources: ReportSources, figures: [FigureFile]) -> String {
    let summaries = AccuracySummary.summaries(of: sources)
    var page: [String] = [
      "# \(sources.title)", "",
    ]
    for (label, name, verdict) in sources.verdicts {
      if let label { page += ["", "**\(label)**: \(MarkdownText.escaped(name))", ""] }
      page += ["**\(verdict.word): \(MarkdownText.escaped(verdict.headline))**", ""]
      page += verdict.resemblances.flatMap { ["**\(MarkdownText.escaped($0))**", ""] }
      page += verdict.sentences.map { "* \(MarkdownText.escaped($0))" }
    }
    for (_, source) in sources.labelled {
      if let gate = source.results.gate { page += ["", GateMarkdownReport.render(gate)] }
    }
    if sources.count > 1 { page += [""] + comparisonSection(sources) }
    if !summaries.isEmpty || sources.laws.isEmpty { page += accuracySection(summaries) }
    page += [""] + mismatchSection(summaries)
    page += lawSection(sources)
    page += figureSection(figures)
    page += familySection(summaries)
    page += lengthSection(summaries)
    page += witnessSection(sources)
    page += blameSection(summaries)
    page += specialSection(summaries)
    page += consequenceSection(summaries)
    page += elsewhereSection(summaries)
    page += methodSection(sources)
    return page.joined(separator: "\n") + "\n"
  }

  private static func accuracySection(_ summaries: [AccuracySummary]) -> [String] {
    var page = ["", "## Accuracy and speed", ""]
    page += [
      "Errors are in ULP of the exact value, over outputs whose exact value is normal, unless the column says otherwise: "
        + "an ULP is the spacing of the numbers of the output format there, and the best rounding is at most 0.5 ULP off. "
        + "*Largest found* is a fact about the lanes measured, rounded up; others may be worse. *Ordinary* is the same over families "
        + "that stand for what programs compute every day. *Part of bound* is the largest error as a part of what a sound "
        + "softmax keeps to on that very lane: proved for a declared model, and for what declares none the tolerance for all "
        + "sound forms (1 or less: kept). *Correctly rounded*: the output is the number of its format nearest to the exact value. "
        + "*Zeros*: outputs that are 0 although the exact value is positive. *Mismatches* have no error in ULP: NaN, infinite, "
        + "negative, or not 0 where the exact value is 0. *No bound*: outputs of lanes outside the domain of the bound, where it "
        + "promises nothing. ns is the time for an element in lanes of 128 and more where there are such, one thread, conversion "
        + "included: a by-product of the run, not a benchmark.", "",
    ]
    let hasFiles =
      Set(summaries.map(\.sourceName)).count > 1
      && summaries.allSatisfy { $0.sourceLabel == nil }
    var heading: String?
    var columns: [Column] = []
    for summary in summaries {
      if summary.heading != heading {
        heading = summary.heading
        columns = Column.all(for: summaries.filter { $0.heading == heading }.leading)
        page += ["", "### \(MarkdownText.escaped(summary.heading))", ""]
        page += table(
          ["implementation"] + (hasFiles ? ["file"] : []) + columns.map(\.name))
      }
      page.append(
        line(
          [MarkdownText.code(summary.shortName)]
            + (hasFiles ? [MarkdownText.escaped(summary.sourceName)] : [])
            + columns.map { $0.text(summary) }))
    }
    let remarks = summaries.compactMap(\.scarcitySentence)
    if !remarks.isEmpty { page += [""] + remarks.map { "* \(MarkdownText.escaped($0))" } }
    return page
  }

  /// The places where outputs are not numbers although the exact value is one, or the other way
  /// round.
  private static func mismatchSection(_ summaries: [AccuracySummary]) -> [String] {
    var lines: [String] = []
    for summary in summaries where summary.mismatches > 0 {
      let families = Set(summary.rows.filter { $0.mismatches > 0 }.map(\.family)).sorted()
      let parts = families.map { family -> String in
        let cells = summary.only { $0.family == family && $0.mismatches > 0 }
        return
          "\(MarkdownText.escaped(family)) (\(cells.total(\.mismatchedLanes)) of \(cells.total(\.lanes)) lanes)"
      }
      let kinds = MismatchWords(summary).text
      lines.append(
        line([
          MarkdownText.code(summary.named(summary.subject)),
          MarkdownText.escaped(summary.inputFormat.rawValue),
          FigureText.count(summary.mismatches), kinds.isEmpty ? "-" : kinds,
          parts.joined(separator: ", "),
        ]))
    }
    guard !lines.isEmpty else { return [] }
    return [
      "## Mismatches", "",
      "An output that is NaN, infinite or negative where the exact value is a number, that is not zero where the exact value is "
        + "zero, or a special lane that does not follow its policy.", "",
    ] + table(["implementation", "format", "outputs", "what", "where"]) + lines + [""]
  }

  /// The largest error by family for each algorithm, one table for each format.
  private static func familySection(_ summaries: [AccuracySummary]) -> [String] {
    grid(
      summaries, title: "Where the error comes from",
      introduction:
        "The largest error found \(summaries.leadingWords), by family of logits, over all lengths, sequential summation. A dash: no output with a normal exact value.",
      firstColumn: "family", isRow: { $0.family }, sortedByFirstSeen: true,
      chosen: { $0.implementation.contains("/sequential") || !$0.implementation.contains("/") },
      columnName: { $0.named($0.nameWithoutComputingFormat.replacingSuffix("/sequential")) })
  }

  /// The largest error by length for each summation of the max trick, one table for each format.
  private static func lengthSection(_ summaries: [AccuracySummary]) -> [String] {
    let sweep = LogitFamily.sweeping
    return grid(
      summaries, title: "Error against length",
      introduction:
        "The largest error found \(summaries.leadingWords), by length of the lane, family \(sweep), for the summations of the max trick.",
      firstColumn: "length", isRow: { "\($0.length)" }, sortedByFirstSeen: false,
      isIncluded: { $0.family == sweep },
      chosen: { $0.implementation.hasPrefix("max-trick/") },
      columnName: { $0.named($0.nameWithoutComputingFormat.replacingPrefix("max-trick/")) })
  }

  private static func grid(
    _ summaries: [AccuracySummary], title: String, introduction: String, firstColumn: String,
    isRow: (AccuracyRow) -> String, sortedByFirstSeen: Bool,
    isIncluded: (AccuracyRow) -> Bool = { _ in true }, chosen: (AccuracySummary) -> Bool,
    columnName: (AccuracySummary) -> String
  ) -> [String] {
    let selected = summaries.filter(chosen)
    let rowNames = selected.flatMap { $0.rows.filter(isIncluded).map(isRow) }
    guard Set(rowNames).count > 1 else { return [] }
    var page = ["## \(title)", "", introduction, ""]
    var headings: [String] = []
    for summary in selected where !headings.contains(summary.heading) {
      headings.append(summary.heading)
    }
    for heading in headings {
      let columns = selected.filter { $0.heading == heading }
      var names: [String] = []
      var seen = Set<String>()
      for row in columns.flatMap({ $0.rows.filter(isIncluded) })
      where seen.insert(isRow(row)).inserted {
        names.append(isRow(row))
      }
      if !sortedByFirstSeen { names.sort { (Int($0) ?? 0) < (Int($1) ?? 0) } }
      page += ["### \(MarkdownText.escaped(heading))", ""]
      page += table([firstColumn] + columns.map { MarkdownText.code(columnName($0)) })
      for name in names {
        let figures = columns.map { summary -> String in
          let cells = summary.only { isIncluded($0) && isRow($0) == name }
          let figure = FigureText.maximum(cells[columns.leading])
          return cells.mismatches > 0 ? "\(figure) ✗" : figure
        }
        page.append(line([MarkdownText.escaped(name)] + figures))
      }
      page.append("")
    }
    page += [
      "✗ marks cells with mismatches: there the error is that of the outputs that are numbers.", "",
    ]
    return page
  }

  /// The element on which each implementation errs most, and that of the largest part of its bound.
  private static func witnessSection(_ sources: ReportSources) -> [String] {
    let witnesses = WorstWitness.all(of: sources)
    guard !witnesses.isEmpty else { return [] }
    var page = [
      "## Worst witnesses", "",
      "The element with the largest error found \(witnesses.map(\.summary).leadingWords), "
        + "and where it is another one, the element whose error is the largest part of what is tolerated there. The logits stand in the JSON file, and the command beneath measures "
        + "the same lane again.", "",
    ]
    let hasScaled = witnesses.contains { $0.witness.scaled != nil }
    let hasSteps = witnesses.contains { $0.witness.steps != nil }
    page += table(
      [
        "implementation", "format", "worst by", "lane", "computed", "exact",
        hasSteps ? "ULP or steps" : "ULP",
      ]
        + (hasScaled ? ["scaled"] : []) + ["part of bound"])
    for one in witnesses {
      let witness = one.witness
      page.append(
        line(
          [
            MarkdownText.code(one.summary.named(one.summary.subject)),
            MarkdownText.escaped(one.summary.formatPair),
            one.words,
            "\(MarkdownText.escaped(one.row.family)), n = \(one.row.length), sample \(witness.sample), element \(witness.index)",
            MarkdownText.code(witness.steps.map { "\($0.computed)" } ?? witness.computed),
            MarkdownText.code(witness.steps.map { "\($0.exact)" } ?? witness.exact),
            FigureText.maximum(witness.ulp.value),
          ] + (hasScaled ? [FigureText.maximum(witness.scaled?.value)] : []) + [
            FigureText.maximum(one.partOfBound)
          ]))
    }
    page.append("")
    let shown = 20
    let commands = witnesses.compactMap(\.command).uniqued()
    page += commands.prefix(shown).map { "* \(MarkdownText.code($0, inTable: false))" }
    if commands.count > shown { page.append("* … and \(commands.count - shown) more.") }
    return page + [""]
  }

  /// The laws broken by each implementation, and the command that shows it again.
  private static func lawSection(_ sources: ReportSources) -> [String] {
    let laws = sources.laws
    guard !laws.isEmpty else { return [] }
    func name(_ label: String?, _ row: PropertyRow) -> String {
      "\(row.subject) in \(row.formatPair)"
        + (label.map { " · \($0)" } ?? "")
    }
    var groups: [String: [PropertyRow]] = [:]
    for (label, row) in laws { groups[name(label, row), default: []].append(row) }
    var page = [
      "## Laws", "",
      "A kept law is evidence from the cases tried; a broken one has a witness.", "",
    ]
    page += table(["implementation", "kept", "broken", "which are broken"])
    for name in laws.map({ name($0.label, $0.row) }).uniqued() {
      let group = groups[name] ?? []
      let broken = group.filter { $0.verdict == .failed }.map { MarkdownText.escaped($0.law) }
      page.append(
        line([
          MarkdownText.code(name), "\(group.count { $0.verdict == .passed })", "\(broken.count)",
          broken.isEmpty ? "-" : broken.joined(separator: ", "),
        ]))
    }
    page.append("")
    let shown = 60
    let failed = laws.filter { $0.row.verdict == .failed }
    for (label, row) in failed.prefix(shown) {
      page += [
        "* **\(MarkdownText.escaped(row.law))**, \(MarkdownText.code(name(label, row), inTable: false)): \(MarkdownText.escaped(row.reason ?? row.statement))"
      ]
      if let witness = row.counterexample {
        page.append("  \(MarkdownText.code(witness.replay, inTable: false))")
      }
    }
    if failed.count > shown { page.append("* … and \(failed.count - shown) more in the JSON.") }
    for (label, row) in laws where [.waived, .notMeasured, .undecided].contains(row.verdict) {
      let verdict = row.verdict == .notMeasured ? "not measured" : row.verdict.rawValue
      page.append(
        "* \(MarkdownText.escaped(row.law)), \(MarkdownText.code(name(label, row), inTable: false)): \(verdict). \(MarkdownText.escaped(row.reason ?? ""))"
      )
    }
    page.append("")
    return page
  }

  private static func figureSection(_ figures: [FigureFile]) -> [String] {
    guard !figures.isEmpty else { return [] }
    var page = ["## Figures", ""]
    for figure in figures {
      page += ["### \(MarkdownText.escaped(figure.title))", ""]
      guard !figure.files.isEmpty else {
        page += ["Not drawn. \(MarkdownText.escaped(figure.missing))", ""]
        continue
      }
      page += [MarkdownText.escaped(figure.caption), ""]
      for file in figure.files {
        page += [
          "![\(MarkdownText.escaped(figure.title)): \(MarkdownText.escaped(file.heading))](\(file.path))",
          "",
        ]
      }
    }
    return page
  }

  private static func specialSection(_ summaries: [AccuracySummary]) -> [String] {
    let groups = SpecialBehaviour.all(of: summaries)
    guard !groups.isEmpty else { return [] }
    return [
      "## Lanes without a softmax", "",
      "What came out of lanes with a NaN, with +inf, or with -inf only, whatever the policy asks for.",
      "",
    ]
      + table([
        "a NaN among the logits", "+inf among the logits", "only -inf", "lanes against the policy",
        "implementations",
      ])
      + groups.map {
        line([
          $0.nan, $0.infinity, $0.masked, FigureText.count($0.lanesAgainstPolicy),
          MarkdownText.escaped($0.who),
        ])
      } + [""]
  }

  private static func blameSection(_ summaries: [AccuracySummary]) -> [String] {
    let entries = BlameReport(summaries).entries
    guard !entries.isEmpty else { return [] }
    return [
      "## Which stage makes the worst error", "", "In ULP. " + BlameReport.method, "",
    ] + table(["implementation", "format", "family", "length", "parts"])
      + entries.map {
        line([
          MarkdownText.code($0.summary.named($0.summary.subject)),
          MarkdownText.escaped($0.summary.formatPair),
          MarkdownText.escaped($0.row.family), "\($0.row.length)",
          MarkdownText.escaped($0.blame.words),
        ])
      } + [""]
  }

  private static func consequenceSection(_ summaries: [AccuracySummary]) -> [String] {
    guard let consequences = ConsequenceTable(summaries) else { return [] }
    var page = ["## What the errors cost", "", ConsequenceTable.explanation, ""]
    page += table(["implementation", "formats"] + ConsequenceTable.columns.map(\.name))
    for summary in consequences.summaries {
      page.append(
        line(
          [
            MarkdownText.code(summary.named(summary.subject)),
            MarkdownText.escaped(summary.formatPair),
          ] + ConsequenceTable.columns.map { $0.text(summary) }))
    }
    return page + [""]
  }

  private static func elsewhereSection(_ summaries: [AccuracySummary]) -> [String] {
    guard let elsewhere = ElsewhereTable(summaries) else { return [] }
    var page = [
      "## Would it pass elsewhere?", "",
      "Which tolerances in use would have accepted the outputs, the exact value being the reference: accepted where every "
        + "output of every cell measured is. In parentheses the cells rejected.", "",
    ]
    page += elsewhere.sentences.map { "* \(MarkdownText.escaped($0))" }
    if !elsewhere.sentences.isEmpty { page.append("") }
    page += table(["implementation", "format", "max", "here"] + elsewhere.tolerances.map(\.name))
    for row in elsewhere.rows {
      let cells = [
        MarkdownText.code(row.summary.named(row.summary.subject)),
        MarkdownText.escaped(row.summary.formatPair),
        FigureText.maximum(row.summary.maxUlp), row.verdict.word,
      ]
      page.append(line(cells + row.answers.map(\.words)))
    }
    page.append("")
    for tolerance in elsewhere.tolerances {
      page.append(
        "* \(tolerance.name): \(MarkdownText.escaped(tolerance.formula)) (\(MarkdownText.escaped(tolerance.source)))"
      )
    }
    return page + [""]
  }

  private static func comparisonSection(_ sources: ReportSources) -> [String] {
    var page = ["## What is compared", ""]
    page += table(["", "file", "made by", "platform", "processor", "seed", "command"])
    for (label, source) in sources.labelledFiles {
      let results = source.results
      page.append(
        line([
          label ?? "", MarkdownText.escaped(source.name),
          MarkdownText.escaped("\(results.tool.name) \(results.tool.version)"),
          MarkdownText.escaped(results.environment.platform),
          MarkdownText.escaped(results.environment.processor),
          "\(results.seed)", MarkdownText.code(results.command),
        ]))
    }
    page.append("")
    page += SideBySide.remarks(sources).map { "\($0)" }
    let shared = SideBySide(sources)
    guard !shared.rows.isEmpty else {
      return page
        + (sources.areDisjoint
          ? [""]
          : [
            "", "No implementation stands in more than one of the files with the same formats.", "",
          ])
    }
    page += [
      "", "### Side by side", "",
      "The largest error found \(shared.rows.flatMap { $0.summaries.compactMap { $0 } }.leadingWords), and in parentheses the share of correctly rounded outputs in percent.",
      "",
    ]
    page += table(["implementation", "format"] + sources.labelled.map { $0.label ?? "" })
    for row in shared.rows {
      page.append(
        line(
          [MarkdownText.code(row.implementation), MarkdownText.escaped(row.heading)]
            + row.summaries.map { summary in
              summary.map {
                "\(FigureText.maximum($0.largest)) (\(FigureText.share($0.correctlyRounded)))"
              } ?? "-"
            }))
    }
    return page + [""]
  }

  private static func methodSection(_ sources: ReportSources) -> [String] {
    [
      "## Method", "",
      "* ULP error of y against the exact p: (y - p) / ulp(p) with ulp(p) = 2^(max(floor(log2 p), e_min) - (P - 1)) of the output format. "
        + "p is never rounded first.",
      "* Maxima are facts about the lanes measured, and lower bounds for all lanes. Means and shares depend on the choice of lanes.",
    ]
      + sources.labelledFiles.flatMap { label, source -> [String] in
        let results = source.results
        let lines =
          [
            "* Oracle: \(MarkdownText.escaped(results.oracle.library)), tier \(MarkdownText.escaped(results.oracle.tier)); precision rises until the rounding of each p is decided.",
            "* Seed \(results.seed). The same seed gives the same figures on any number of threads; times excepted.",
            "* Judged: \(MarkdownText.escaped(source.judgingWords)).",
            "* Command: \(MarkdownText.code(results.command, inTable: false))",
            "* Made by \(MarkdownText.escaped(results.tool.name)) \(MarkdownText.escaped(results.tool.version)) on \(MarkdownText.escaped(results.environment.platform)), "
              + "\(MarkdownText.escaped(results.environment.processor)), \(results.environment.threads) threads.",
          ] + source.implementationVersions.map { "* From outside: \(MarkdownText.escaped($0))" }
        let heading = label ?? (sources.files.count > 1 ? MarkdownText.escaped(source.name) : nil)
        return heading.map { ["* \($0):"] + lines.map { "  " + $0 } } ?? lines
      } + [""]
  }

  // MARK: - Markdown

  private static func table(_ columns: [String]) -> [String] {
    [
      line(columns),
      "|---|" + String(repeating: "---:|", count: columns.count - 1),
    ]
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }
}
