import AuditRecords
import FloatFormats
import Testing

@testable import AuditReports

@Suite("Summaries of rows, and the verdict")
struct SummaryTests {
  private func summary(_ rows: [AccuracyRow]) throws -> AccuracySummary {
    let summaries = AccuracySummary.summaries(of: results(rows))
    try #require(summaries.count == 1)
    return summaries[0]
  }

  @Test("Rows of one implementation in one pair of formats are one summary, in order of formats")
  func grouping() {
    let summaries = AccuracySummary.summaries(
      of: results([
        row("b/sequential", .float64), row("b/sequential", .float16),
        row("a/sequential/float32", .float16), row("a/sequential", .float16),
        row("a/sequential", .float16, to: .float32), row("b/sequential", .float16),
      ]))
    let texts = summaries.map {
      "\($0.heading): \($0.nameWithoutComputingFormat) \($0.rows.count)"
    }
    #expect(
      texts == [
        "float16: b/sequential 2", "float16: a/sequential 1",
        "float16, computed in float32: a/sequential 1",
        "float16 to float32: a/sequential 1", "float64: b/sequential 1",
      ])
  }

  @Test("Counts are added, maxima are the largest, means are weighted by what they are over")
  func aggregation() throws {
    let summary = try summary([
      row("a", .float32, length: 100, lanes: 3) {
        $0.maxUlp = 2.0
        $0.meanUlp = 1.0
        $0.correctlyRounded = 0.5
        $0.faithful = 1.0
        $0.maxUlpSubnormal = 7.0
        $0.nsPerElement = 1000.0
        $0.mismatches = 2
        $0.undecided = 1
        $0.bound?.maxRatio = nil
        $0.bound?.outsideDomain = 4
      },
      row("a", .float32, length: 500, lanes: 1) {
        $0.finitePairs = 100
        $0.normalPairs = 50
        $0.maxUlp = 1.0
        $0.meanUlp = 3.0
        $0.correctlyRounded = 0.25
        $0.faithful = 0.5
        $0.nsPerElement = 10.0
        $0.bound?.maxRatio = 0.75
        $0.bound?.outsideDomain = 5
      },
      row("a", .float32, length: 128, lanes: 1) {
        $0.finitePairs = 0
        $0.normalPairs = 0
        $0.meanUlp = nil
        $0.maxUlp = nil
        $0.correctlyRounded = nil
        $0.faithful = nil
        $0.nsPerElement = 30.0
        $0.bound = nil
      },
    ])
    #expect(summary.elements == 928)
    #expect(summary.mismatches == 2)
    #expect(summary.mismatchesInDomain == 0)
    #expect(summary.undecided == 1)
    #expect(summary.outsideDomain == 9)
    #expect(summary.maxUlp == 2)
    #expect(summary.maxUlpSubnormal == 7)
    #expect(summary.maxRatio == 0.75)
    let mean: Double = (300 * 1 + 50 * 3) / 350
    #expect(summary.meanUlp == mean)
    #expect(summary.correctlyRounded == 0.4375)
    #expect(summary.faithful == 0.875)
    // Short lanes do not count for the time.
    let weighted: Double = (500 * 10 + 128 * 30) / 628
    #expect(summary.nsPerElement == weighted)
    #expect(!summary.isFailure)
  }

  @Test("Where no row has a figure, the summary has none")
  func absentFigures() throws {
    let summary = try summary([
      row("a", .float32) {
        $0.finitePairs = 0
        $0.normalPairs = 0
        $0.maxUlp = nil
        $0.meanUlp = nil
        $0.correctlyRounded = nil
        $0.nsPerElement = nil
      }
    ])
    #expect(summary.maxUlp == nil)
    #expect(summary.meanUlp == nil)
    #expect(summary.correctlyRounded == nil)
    #expect(summary.nsPerElement == nil)
    #expect(summary.worstRow == nil)
  }

  @Test("An infinite error makes the mean infinite; a figure that is no number is never hidden")
  func infiniteFigures() throws {
    let summary = try summary([
      row("a", .float32) {
        $0.meanUlp = Figure(.infinity)
        $0.maxUlp = Figure(.infinity)
        $0.bound?.maxRatio = Figure(.nan)
      },
      row("a", .float32),
    ])
    #expect(summary.meanUlp == .infinity)
    #expect(summary.maxUlp == .infinity)
    #expect(summary.maxRatio?.isNaN == true)
    #expect(summary.isFailure)
  }

  @Test("The worst row is the first with the largest error")
  func worstRow() throws {
    let summary = try summary([
      row("a", .float32, family: "no witness") { $0.maxUlp = 9.0 },
      row("a", .float32, family: "small") { $0.worst = witness(0.75) },
      row("a", .float32, family: "first") {
        $0.maxUlp = 2.0
        $0.worst = witness(-2.0)
      },
      row("a", .float32, family: "second") {
        $0.maxUlp = 2.0
        $0.worst = witness(2.0)
      },
    ])
    #expect(summary.worstRow?.family == "first")
  }

  @Test("Without failure the verdict says so")
  func passing() {
    let verdict = Verdict(results([row("a", .float32), row("b", .float32)]))
    #expect(!verdict.isFailure)
    #expect(
      verdict.sentences == [
        "2 combinations of implementation and format, 32 outputs measured.",
        "No declared bound was exceeded, and every mismatch is declared.",
      ])
  }

  @Test("The verdict names every bound exceeded, every mismatch in the domain, and what is excused")
  func failing() {
    let verdict = Verdict(
      results([
        row("max-trick/sequential", .float16) { $0.bound?.maxRatio = 1.6801 },
        row("online/pairwise", .float32) {
          $0.mismatches = 1234
          $0.mismatchesInDomain = 1234
        },
        row("two-pass/pairwise", .float32) { $0.mismatches = 2 },
        row("naive/pairwise", .float32) {
          $0.mismatches = 2
          $0.mismatchesInDomain = 1
        },
        row("naive/sequential", .float32) {
          $0.mismatches = 2
          $0.undecided = 3
        },
      ]))
    #expect(verdict.isFailure)
    #expect(
      verdict.sentences == [
        "5 combinations of implementation and format, 80 outputs measured.",
        "max-trick/sequential in float16, normal-4, length 8, judged by the bound of "
          + "max-trick/sequential: exceeded 1.69 times.",
        "online/pairwise in float32 has 1 234 mismatches that no declared domain excuses.",
        "naive/pairwise in float32 has 1 mismatch that no declared domain excuses.",
        "Mismatches outside the declared domain: naive, two-pass.",
        "Undecided, because the oracle reached its precision cap: 3 outputs.",
      ])
  }

  @Test("A ratio of exactly 1 keeps the bound; the next number and NaN do not")
  func edgeOfTheBound() {
    let cases: [(Double, Bool)] = [
      (1, false), (1.0.nextUp, true), (.nan, true), (.infinity, true),
    ]
    for (ratio, fails) in cases {
      let results = results([row("a", .float32) { $0.bound?.maxRatio = Figure(ratio) }])
      #expect(Verdict(results).isFailure == fails, "\(ratio)")
      #expect(results.accuracy[0].isFailure == fails, "\(ratio)")
    }
  }

  // MARK: What a verdict adds

  private func sentences(_ rows: [AccuracyRow]) -> String {
    Verdict(results(rows)).sentences.joined(separator: " ")
  }

  @Test("A recipe that the worst cell does not look like is told of the cells that do")
  func usualRecipe() {
    let wrong = row("a", .float32) {
      $0.bound?.maxRatio = 5.0
      $0.resembles = "the softmax along axis 0"
    }
    let worst = row("a", .float32, family: "dust") { $0.bound?.maxRatio = Figure(0x1p40) }
    #expect(
      sentences([wrong, worst]).contains("In 1 of 2 cells these are the softmax along axis 0."))
    #expect(!sentences([wrong]).contains("cells these are"))
    #expect(!sentences([worst]).contains("these are"))
  }

  @Test("Flushing is named where it explains every output that exceeds its bound, and only there")
  func flushing() {
    let flushed = row("a", .float32) {
      $0.bound = .init(
        model: "undeclared", maxRatio: Figure(0x1p20), outsideDomain: 0,
        regimes: .init(normal: .init(maxRatio: 0.5), subnormal: .init(maxRatio: Figure(0x1p20))))
      $0.maxUlpSubnormal = Figure(0x1p22)
      $0.maxUlpFlushToZero = 0.75
      $0.zeros = 3
    }
    #expect(sentences([row("a", .float32), flushed]).contains("--underflow flush accepts"))
    // A result below the normal range that was kept, a bound exceeded above it.
    let kept = row("a", .float32, length: 9) {
      $0.maxUlpSubnormal = 0.5
      $0.maxUlpFlushToZero = 0.5
      $0.zeros = 0
    }
    #expect(!sentences([kept, flushed]).contains("--underflow flush"))
    var besides = flushed
    besides.bound?.regimes?.normal.maxRatio = 2.0
    #expect(!sentences([besides]).contains("--underflow flush"))
  }
}
