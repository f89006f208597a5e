import Basics
import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditReports
@testable import AuditedOperations
@testable import Audits
@testable import Policies

@Suite("HTML reports")
struct HTMLReportTests {
  let snapshots = Snapshots(of: .module)

  /// Results with data for every figure.
  private let whole: AuditResults = {
    var rows: [AccuracyRow] = []
    for name in ["max-trick/sequential", "max-trick/pairwise"] {
      for (index, length) in [2, 17, 1000].enumerated() {
        for family in ["normal-4", "dust", "normal-1", "offset"] {
          rows.append(
            row(name, .float32, family: family, length: length) {
              $0.maxUlp = Figure(0.5 + Double(index))
              $0.worst = witness(Figure(0.5 + Double(index)))
              $0.worst?.bound = Figure(2 + 4 * Double(index))
              $0.sample = sample
            })
        }
      }
      rows.append(
        row(name, .float32, family: "special") {
          $0.specialOutputs = [
            SpecialOutput(lane: .nan, answer: .nanEverywhere, lanes: 2),
            SpecialOutput(lane: .infinity, answer: .nanSomewhere, lanes: 1),
          ]
        })
    }
    var results = results(rows)
    results.properties = [
      law("range", "max-trick/sequential", .passed), law("shift", "max-trick/sequential", .failed),
      law("bias", "max-trick/pairwise", .waived), law("range", "max-trick/pairwise", .notMeasured),
    ]
    return results
  }()

  /// Pages that must be sound whatever their content.
  private func pages() throws -> [(name: String, page: String)] {
    let onlyNaN = results([
      row("a", .float32, length: 2) { fill(&$0, with: Figure(.nan)) },
      row("a", .float32, length: 4) { fill(&$0, with: Figure(.nan)) },
    ])
    let onlyInfinite = results([
      row("a", .float32, length: 2) { fill(&$0, with: Figure(.infinity)) },
      row("a", .float32, length: 4) { fill(&$0, with: Figure(.infinity)) },
    ])
    let hostile = hostileResults
    let sources: [(String, ReportSources)] = [
      ("whole", ReportSources(whole)), ("interesting", ReportSources(interestingResults)),
      ("empty", ReportSources(results([]))),
      ("gated", ReportSources(gated)), ("gated and hostile", ReportSources(hostileGate)),
      ("one row", ReportSources(results([row("a", .float16)]))),
      ("only NaN", ReportSources(onlyNaN)), ("only infinite", ReportSources(onlyInfinite)),
      ("hostile", ReportSources(hostile, name: hostileName)),
      (
        "several",
        ReportSources([
          .init(name: "a.json", results: whole), .init(name: hostileName, results: hostile),
          .init(name: "c.json", results: results([])),
        ])
      ),
    ]
    return try sources.map { ($0.0, try HTMLReport.render($0.1)) }
  }

  private func fill(_ row: inout AccuracyRow, with figure: Figure) {
    row.maxUlp = figure
    row.meanUlp = figure
    row.maxSumError = figure
    row.correctlyRounded = figure
    row.bound?.maxRatio = figure
    row.nsPerElement = figure
    row.worst = witness(figure)
    row.worst?.bound = figure
    row.sample = sample
    row.sample?.octaveMaxima = sample.octaves.map { _ in figure }
    row.sample?.decadeMaxima = sample.decades.map { _ in figure }
  }

  private var gated: AuditResults {
    var gated = whole
    gated.gate = interestingGate
    return gated
  }

  /// A gate whose every text is hostile.
  private var hostileGate: AuditResults {
    var hostile = hostileResults
    let evil = hostile.command
    hostile.gate = interestingGate
    hostile.gate?.policy = evil
    hostile.gate?.notes = [evil]
    for index in interestingGate.rules.indices { hostile.gate?.rules[index].reason = evil }
    for index in interestingGate.judgements.indices {
      hostile.gate?.judgements[index].implementation = evil
      hostile.gate?.judgements[index].subject = evil
      hostile.gate?.judgements[index].budget = evil
      hostile.gate?.judgements[index].message = evil
      hostile.gate?.judgements[index].replay = evil
    }
    return hostile
  }

  @Test("A gate that is red makes the page red, and is told with its reasons")
  func gate() throws {
    let page = try HTMLReport.render(gated)
    #expect(page.contains("✗ Failed"))
    #expect(page.contains("Gate: ci/my policy.yaml"))
    #expect(page.contains("the error is 35.25 ulp, 4 is allowed"))
    #expect(page.contains("out of reach &lt;by&gt; design"))
    let text = MarkdownReport.render(gated)
    #expect(text.contains("## softmax-audit gate: failed"))
    #expect(text.contains("By the policy ci/my policy.yaml: "))
    // Nothing in the rows themselves is wrong.
    var open = results([row("a", .float32)])
    open.gate = interestingGate
    for (verdict, outcome) in [
      (GateResult.Verdict.failed, Verdict.Outcome.failed), (.notMeasured, .undecided),
      (.passed, .passed),
    ] {
      open.gate?.verdict = verdict
      #expect(Verdict(open).outcome == outcome)
    }
  }

  /// Everything that is a text, hostile.
  private var hostileResults: AuditResults {
    let evil =
      "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u{202E}\u{0}\u{FFFE}]]>{{tool}}&amp;"
    var rows: [AccuracyRow] = []
    let names = [evil, hostileName, "=cmd|' /C calc'!A0", "javascript:alert(1)"]
    for (index, name) in names.enumerated() {
      for length in [2, 4, 8] {
        rows.append(
          row(
            name, .float32, to: index == 1 ? .float16 : nil, family: evil, length: length
          ) {
            $0.mismatches = 1
            $0.mismatchedLanes = 1
            $0.bound?.model = evil
            $0.worst = witness(0.75)
            $0.worst?.logits = [evil, evil]
            $0.worst?.computed = evil
            $0.worst?.exact = evil
            $0.sample = sample
            $0.specialOutputs = [SpecialOutput(lane: .nan, answer: .other, lanes: 1)]
          })
      }
    }
    var results = results(rows, command: evil)
    results.tool.name = evil
    results.oracle.library = evil
    results.environment.platform = evil
    results.environment.processor = evil
    var broken = law(evil, evil, .failed)
    broken.statement = evil
    broken.reason = evil
    broken.tolerance = evil
    broken.callLog = [evil]
    broken.counterexample?.logits = [evil]
    broken.counterexample?.failure = evil
    broken.counterexample?.change = evil
    broken.counterexample?.replay = evil
    results.properties = [broken, law(evil, evil, .waived)]
    return results
  }

  @Test("The page of a small audit has not changed")
  func snapshot() throws {
    let page = try HTMLReport.render(whole)
    // Style and script are looked at in a browser, not here.
    let content = page.replacing(/<style>(?s:.*?)<\/style>|<script>(?s:.*?)<\/script>/, with: "")
    #expect(try snapshots.difference(of: content, from: "report.html") == nil)
  }

  @Test("Every page is well-formed XML with unique identifiers, whatever the results hold")
  func wellFormed() throws {
    for (name, page) in try pages() {
      let check = XMLCheck(page)
      #expect(check.problem == nil, "\(name): \(check.problem ?? "")")
      #expect(Set(check.identifiers).count == check.identifiers.count, "\(name)")
      #expect(!page.contains("{{") || name.contains("hostile") || name == "several", "\(name)")
      // What labels a figure has to exist.
      for attribute in check.attributes where attribute.name == "aria-labelledby" {
        for id in attribute.value.split(separator: " ") {
          #expect(check.identifiers.contains(String(id)), "\(name): \(id)")
        }
      }
    }
  }

  @Test("Hostile names are shown and do nothing")
  func hostileNames() throws {
    for (name, page) in try pages() {
      let check = XMLCheck(page)
      #expect(check.elements.count { $0 == "script" } == 1, "\(name)")
      #expect(!check.elements.contains("img"), "\(name)")
      #expect(!check.attributes.contains { $0.name.hasPrefix("on") }, "\(name)")
      for attribute in check.attributes where attribute.name == "href" {
        #expect(attribute.value.hasPrefix("./"), "\(name): \(attribute.value)")
      }
      #expect(!page.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" }, "\(name)")
    }
    let page = try HTMLReport.render(hostileResults)
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(XMLCheck(page).text.contains("{{tool}}"))
  }

  @Test("The page loads nothing")
  func noNetwork() throws {
    for (name, page) in try pages() {
      let check = XMLCheck(page)
      let loading = ["link", "iframe", "object", "embed"]
      #expect(!check.elements.contains { loading.contains($0) }, "\(name)")
      #expect(!check.attributes.contains { $0.name == "src" }, "\(name)")
      #expect(page.contains("default-src 'none'"), "\(name)")
      let style = try #require(page.firstMatch(of: /<style>((?s:.*?))<\/style>/)).1
      #expect(!style.contains("url(") && !style.contains("@import"), "\(name)")
    }
  }

  @Test("A figure has something to see, or says why it has not")
  func noEmptyFigure() throws {
    for (name, page) in try pages() {
      for figure in page.matches(of: /<figure (?s:.*?)<\/figure>/) {
        let text = figure.output
        if text.contains("Not drawn.") {
          #expect(!text.contains("<svg"), "\(name)")
          continue
        }
        let drawings = text.matches(of: /<svg (?s:.*?)<\/svg>/)
        #expect(!drawings.isEmpty, "\(name): \(text.prefix(80))")
        for drawing in drawings {
          let hasMarks = drawing.output.contains(#/class="(k|l) /#)
          #expect(hasMarks, "\(name): \(drawing.output.prefix(200))")
          #expect(!drawing.output.contains("nan\""), "\(name)")
        }
      }
    }
    let page = try HTMLReport.render(whole)
    #expect(!page.contains("Not drawn."))
  }

  @Test("The verdict is that of what was measured")
  func verdicts() throws {
    func word(_ results: AuditResults) throws -> String {
      let page = try HTMLReport.render(results)
      return String(try #require(page.firstMatch(of: /<p class="word">(.*?)<\/p>/)).1)
    }
    #expect(try word(results([row("a", .float32)])) == "✓ Passed")
    #expect(try word(results([row("a", .float32) { $0.bound?.maxRatio = 1.5 }])) == "✗ Failed")
    #expect(try word(results([])) == "– Nothing was measured")
    #expect(
      try word(results([row("a", .float32) { $0.undecided = 1 }]))
        == "? Not all of it could be measured")
    var open = results([row("a", .float32)])
    open.properties = [law("range", "a", .notMeasured)]
    #expect(try word(open) == "? Not all of it could be measured")
    open.properties = [law("range", "a", .failed)]
    #expect(try word(open) == "✗ Failed")
    var silent = results([row("a", .float32) { $0.bound = nil }])
    #expect(try word(silent) == "– Nothing was judged")
    silent.judging = .init(judge: .nothing)
    #expect(try word(silent) == "– Nothing was judged")
    silent.judging = .init(judge: .tolerance, maxUlp: 0.5)
    #expect(try word(silent) == "✗ Failed")
    silent.judging = .init(judge: .tolerance, maxUlp: 0.75)
    #expect(try word(silent) == "✓ Passed")
  }

  @Test("The page, Markdown and rows for spreadsheets say the same word")
  func oneWord() throws {
    func changed(_ change: (inout AccuracyRow) -> Void) -> AuditResults {
      results([row("a", .float32, change)])
    }
    var limited = changed { _ in }
    limited.judging = .init(judge: .tolerance, maxUlp: 0.25)
    var silent = changed { $0.bound = nil }
    silent.judging = .init(judge: .nothing)
    let cases: [(AuditResults, word: String, cell: String)] = [
      (changed { _ in }, "Passed", "passed"),
      (changed { $0.bound?.maxRatio = 1.5 }, "Failed", "failed"),
      (
        changed {
          $0.mismatches = 1
          $0.mismatchesInDomain = 1
        }, "Failed", "failed"
      ),
      (changed { $0.mismatches = 1 }, "Passed", "passed"),
      (limited, "Failed", "failed"), (silent, "Nothing was judged", "not judged"),
      (changed { $0.undecided = 1 }, "Not all of it could be measured", "undecided"),
    ]
    for (results, word, cell) in cases {
      #expect(Verdict(results).word == word)
      #expect(try HTMLReport.render(results).contains(" \(word)</p>"), "\(word)")
      #expect(MarkdownReport.render(results).contains("**\(word): "), "\(word)")
      #expect(CSVReport.render(ReportSources(results)).contains(",\(cell),"), "\(cell)")
    }
  }

  @Test("Nothing is recommended that failed, broke a law or was not judged")
  func noRecommendation() {
    func best(_ results: AuditResults) -> [String?] {
      Recommendation.all(of: AccuracySummary.summaries(of: results)).map {
        $0.mostAccurate?.implementation
      }
    }
    var all = results([row("a", .float32)])
    #expect(best(all) == ["a"])
    #expect(
      AccuracySummary.summaries(of: all)[0].lawsRemark.contains("no laws were checked"))
    all.properties = [law("range", "a", .passed)]
    #expect(best(all) == ["a"])
    #expect(AccuracySummary.summaries(of: all)[0].lawsRemark == "1 law kept")
    all.properties = [law("range", "a", .failed)]
    #expect(best(all) == [nil])
    #expect(best(results([row("a", .float32) { $0.bound = nil }])) == [nil])
    var limited = results([row("a", .float32)])
    limited.judging = .init(judge: .tolerance, maxUlp: 0.5)
    #expect(best(limited) == [nil])
  }

  @Test(
    "A file of laws and the file of accuracy of the same kernel are one, other kernels one table")
  func joinedFiles() throws {
    let audit = results([row("a", .float32)])
    var check = results([])
    check.properties = [law("range", "a", .failed)]
    let both = ReportSources([
      .init(name: "audit.json", results: audit), .init(name: "check.json", results: check),
    ])
    #expect(both.count == 1)
    #expect(both.files.map(\.name) == ["audit.json", "check.json"])
    #expect(both.outcome == .failed)
    #expect(try HTMLReport.render(both).matches(of: /class="verdict/).count == 1)
    // Two runs of one library take as much memory as they take.
    var (first, second) = (audit, check)
    first.environment.implementations = ["a": ["sha256": "0", "peak memory": "26 MiB"]]
    second.environment.implementations = ["a": ["sha256": "0", "peak memory": "91 MiB"]]
    let runs = ReportSources([
      .init(name: "audit.json", results: first), .init(name: "check.json", results: second),
    ])
    #expect(runs.count == 1)
    #expect(SideBySide.remarks(runs).isEmpty)
    // Another library under the same name is another kernel.
    var other = check
    other.environment.implementations = ["a": ["sha256": "0"]]
    let apart = ReportSources([
      .init(name: "audit.json", results: audit), .init(name: "check.json", results: other),
    ])
    #expect(apart.count == 2)
    let kernels = ReportSources([
      .init(name: "a.json", results: audit),
      .init(name: "b.json", results: results([row("b", .float32)])),
    ])
    #expect(kernels.labelled.allSatisfy { $0.label == nil })
    let page = try HTMLReport.render(kernels)
    #expect(page.matches(of: /class="verdict/).count == 1)
    #expect(page.contains(#"<td class="l">b.json</td>"#))
  }

  @Test("Commands beside witnesses measure the lane again and write no files")
  func replays() {
    var results = results(
      [row("mine", .float32) { $0.worst = witness(0.75) }],
      command:
        "softmax-audit audit --plugin 'my lib.so' --json r.json --max-ulp 1 --family '*' --report out"
    )
    results.judging = .init(judge: .tolerance, underflow: .flush, maxUlp: 1.0)
    let commands = WorstWitness.all(of: ReportSources(results)).map(\.command)
    #expect(
      commands == [
        "softmax-audit audit --plugin 'my lib.so' --format float32 --family normal-4 --length 8 "
          + "--samples 2 --underflow flush --max-ulp 1.0"
      ])
    results.accuracy[0].family = "file:x.npy"
    results.command = "softmax-audit verify --logits x.npy --json r.json --probabilities y.npy"
    #expect(
      WorstWitness.all(of: ReportSources(results)).map(\.command)
        == ["softmax-audit verify --logits x.npy --probabilities y.npy"])
  }

  @Test("The verdict and the exit status come from the same findings")
  func oneDecision() {
    var limited = results([
      row("a", .float32) {
        $0.normalPairs = 0
        $0.maxUlp = nil
      }
    ])
    limited.judging = .init(judge: .tolerance, maxUlp: 1.0)
    let lost = results([row("file:y.npy", .float32, family: "file:x.npy", lanes: 0)])
    let cases: [(AuditResults, Verdict.Outcome)] = [
      (results([row("a", .float32)]), .passed), (faultyResults, .failed), (limited, .undecided),
      (results([row("a", .float32) { $0.undecided = 3 }]), .undecided), (lost, .undecided),
    ]
    for (results, expected) in cases {
      let found = RunOutcome(of: results)
      #expect(Verdict(results).outcome == expected)
      #expect(found.failures.isEmpty == (expected != .failed))
      #expect(expected == .failed || found.notMeasured.isEmpty == (expected == .passed))
    }
    #expect(Verdict(limited).sentences.contains { $0.contains("The limit judged nothing") })
    #expect(Verdict(lost).sentences.last == "There are no outputs to judge.")
  }

  @Test("Findings name both formats where outputs have another one than logits")
  func bothFormats() {
    var mixed = results([row("a", .float32, to: .float64)])
    mixed.judging = .init(judge: .tolerance, maxUlp: 0.5)
    #expect(RunOutcome(of: mixed).failures.allSatisfy { $0.hasPrefix("a in float32 to float64, ") })
    #expect(Verdict(mixed).sentences.contains { $0.hasPrefix("a in float32 to float64, ") })
  }

  @Test("Implementations are compared on the lanes that all of them measured")
  func comparedLanes() throws {
    let hard: (inout AccuracyRow) -> Void = { $0.maxUlp = 64.0 }
    let better = [
      row("better", .float32) { $0.maxUlp = 1.0 }, row("better", .float32, length: 4096, hard),
    ]
    let spared = row("spared", .float32) { $0.maxUlp = 2.0 }
    func best(_ rows: [AccuracyRow]) throws -> Recommendation {
      let all = Recommendation.all(of: AccuracySummary.summaries(of: results(rows)))
      return try #require(all.first)
    }
    let shared = try best(better + [spared])
    #expect(shared.mostAccurate?.implementation == "better")
    #expect(shared.mostAccurate?.maxUlp == 1.0)
    #expect(!(try HTMLReport.render(results(better + [spared])).contains(" best</span>")))
    let apart = try best([better[1], spared])
    #expect(apart.mostAccurate == nil && apart.fastest == nil)
    #expect(apart.absence == "no comparison: there are no lanes that all of them measured")
    let same = results([better[0], spared])
    #expect(try HTMLReport.render(same).contains(" best</span>"))
  }

  @Test("What has mismatches or exceeds its bound is never the best")
  func best() {
    let results = results([
      row("good", .float32) { $0.maxUlp = 2.0 },
      row("lucky", .float32) {
        $0.maxUlp = 0.5
        $0.mismatches = 1
      },
      row("liar", .float32) {
        $0.maxUlp = 0.5
        $0.bound?.maxRatio = 2.0
      },
    ])
    let best = Recommendation.all(of: AccuracySummary.summaries(of: results))
    #expect(best.map { $0.mostAccurate?.implementation } == ["good"])
    #expect(best.first?.avoid.map(\.algorithm) == ["lucky", "liar"])
    #expect(best.first?.avoid.map(\.reason).first == "1 mismatch")
  }

  @Test("20 implementations in 4 formats stay below 3 MB")
  func size() throws {
    var rows: [AccuracyRow] = []
    for implementation in 0..<20 {
      for format in [FloatFormat.float16, .bfloat16, .float32, .float64] {
        for family in ["normal-1", "normal-4", "normal-20", "uniform-10", "dust", "offset"] {
          for length in AuditPlan.sweptLengths {
            rows.append(
              row("library-\(implementation)", format, family: family, length: length) {
                $0.maxUlp = Figure(Double(length + implementation))
                $0.worst = witness($0.maxUlp ?? 0.0)
                $0.worst?.bound = 1e6
                $0.worst?.logits = Array(repeating: "0x1.23456789abcdep+3", count: 32)
                $0.sample = sample
              })
          }
        }
      }
    }
    let page = try HTMLReport.render(results(rows))
    #expect(page.utf8.count < 3_000_000, "\(page.utf8.count)")
    #expect(page.utf8.count > 300_000, "\(page.utf8.count)")
  }

  @Test("A report on 192 combinations draws panels that can be told apart")
  func panels() {
    let algorithms = (0..<8).map { "algorithm-\($0)" }
    let names = algorithms.flatMap { name in ["a", "b", "c", "d"].map { "\(name)/\($0)" } }
    let summaries = AccuracySummary.summaries(of: results(names.map { row($0, .float32) }))
    let panels = Lineup.lineups(of: summaries).flatMap(\.panels)
    #expect(panels.map(\.title) == algorithms)
    for panel in panels {
      #expect(panel.members.map(\.name) == ["a", "b", "c", "d"])
      #expect(panel.members.map(\.style) == [0, 1, 2, 3])
    }
    let others = results((0..<20).map { row("lib-\($0)", .float32) })
    for panel in Lineup.lineups(of: AccuracySummary.summaries(of: others)).flatMap(\.panels) {
      #expect(Set(panel.members.map(\.style)).count == panel.members.count)
      #expect(panel.members.count <= 8)
    }
  }

  @Test("Figures beside a Markdown page are well-formed, and hostile names do nothing in them")
  func figureFiles() throws {
    for results in [whole, hostileResults, interestingResults] {
      let files = try ReportFolder.files(of: ReportSources(results))
      let drawings = files.filter { $0.path.hasSuffix(".svg") }
      #expect(Set(files.map(\.path)).count == files.count)
      for file in drawings {
        let check = XMLCheck(String(decoding: file.data, as: UTF8.self))
        #expect(check.problem == nil, "\(file.path): \(check.problem ?? "")")
        #expect(!check.elements.contains("script") && !check.elements.contains("img"))
        #expect(file.path.contains(/^figures\/[a-z0-9-]+\.svg$/), "\(file.path)")
      }
    }
    let files = try ReportFolder.files(of: ReportSources(whole))
    #expect(files.count { $0.path.hasSuffix(".svg") } == 8)
  }
}
