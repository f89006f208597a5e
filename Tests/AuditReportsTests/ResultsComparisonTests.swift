import AuditRecords
import AuditedOperations
import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import AuditReports

@Suite("Comparing two results")
struct ResultsComparisonTests {
  private func compare(
    _ before: [AccuracyRow], _ after: [AccuracyRow],
    laws: ([PropertyRow], [PropertyRow]) = ([], []),
    seed: UInt64? = nil
  ) -> ResultsComparison {
    var (old, new) = (results(before), results(after))
    (old.properties, new.properties) = laws
    if let seed { new.seed = seed }
    return ResultsComparison(
      before: .init(name: "before.json", results: old),
      after: .init(name: "after.json", results: new))
  }

  /// The changes as direction, figure or law, evidence.
  private func told(_ comparison: ResultsComparison) -> [String] {
    comparison.changes.map {
      "\($0.direction) \($0.figure ?? $0.law ?? $0.explanation) \($0.evidence)"
    }
  }

  @Test("A file does not differ from itself")
  func itself() {
    let comparison = compare(interestingResults.accuracy, interestingResults.accuracy)
    #expect(told(comparison) == [])
    #expect(comparison.outcome == .notWorse)
    #expect(comparison.compared.sameLanes == interestingResults.accuracy.count)
  }

  @Test("On the same lanes any difference of a certified figure is one")
  func sameLanes() {
    let worse = compare([row("a", .float32)], [row("a", .float32) { $0.maxUlp = 0.7500001 }])
    #expect(told(worse) == ["worse maxUlp sameLanes"])
    #expect(worse.outcome == .worse)
    let better = compare([row("a", .float32)], [row("a", .float32) { $0.maxUlp = 0.7499 }])
    #expect(told(better) == ["better maxUlp sameLanes"])
    #expect(better.outcome == .notWorse)
    // 13 of 16 are correctly rounded before, 12 after.
    let share = compare(
      [row("a", .float32)], [row("a", .float32) { $0.correctlyRounded = 0.75 }])
    #expect(told(share) == ["worse notCorrectlyRounded sameLanes"])
    #expect(share.changes[0].before == 3.0)
    #expect(share.changes[0].after == 4.0)
  }

  @Test("Means are told and do not decide; across tiers the seventh digit is not even told")
  func means() {
    let mean = compare([row("a", .float32)], [row("a", .float32) { $0.meanUlp = 0.2500001 }])
    #expect(told(mean) == ["worse meanUlp sameLanes"])
    #expect(mean.outcome == .notWorse)
    var (old, new) = (
      results([row("a", .float32)]), results([row("a", .float32) { $0.meanUlp = 0.2500001 }])
    )
    (old.oracle.tier, new.oracle.tier) = ("mpfr", "filtered")
    #expect(
      ResultsComparison(
        before: .init(name: "b", results: old), after: .init(name: "a", results: new)
      )
      .changes == [])
  }

  @Test("A new mismatch is worse, one less is better, and neither is told twice")
  func mismatches() {
    let bad = row("a", .float32) {
      $0.mismatches = 3
      $0.mismatchesInDomain = 3
    }
    #expect(told(compare([row("a", .float32)], [bad])) == ["worse mismatches sameLanes"])
    #expect(told(compare([bad], [row("a", .float32)])) == ["better mismatches sameLanes"])
  }

  @Test("More lanes explain a larger maximum, unless its witness is in a lane that both have")
  func nestedLanes() {
    let few = row("a", .float32, lanes: 2)
    func many(_ ulp: Figure, lane: Int) -> AccuracyRow {
      row("a", .float32, lanes: 8) {
        $0.maxUlp = ulp
        $0.worst = witness(ulp)
        $0.worst?.sample = lane
      }
    }
    #expect(told(compare([few], [many(9.0, lane: 5)])) == [])
    #expect(told(compare([few], [many(9.0, lane: 1)])) == ["worse maxUlp nestedLanes"])
    #expect(told(compare([few], [many(0.5, lane: 5)])) == ["better maxUlp nestedLanes"])
    // The other way round: fewer lanes cannot make a maximum larger.
    #expect(told(compare([many(0.5, lane: 5)], [few])).contains("worse maxUlp nestedLanes"))
    #expect(
      told(compare([many(9.0, lane: 5)], [few])).contains("better maxUlp nestedLanes") == false)
    #expect(told(compare([many(9.0, lane: 1)], [few])).contains("better maxUlp nestedLanes"))
  }

  @Test("With another seed one larger maximum says nothing")
  func otherSeed() {
    let comparison = compare(
      [row("a", .float32)], [row("a", .float32) { $0.maxUlp = 1e9 }], seed: 1)
    #expect(told(comparison) == [])
    #expect(comparison.compared.drawnAlike == 1)
    #expect(comparison.remarks.contains { $0.contains("1 in 1000") })
  }

  @Test("With another seed, errors above the old maximum in half of 64 lanes say something")
  func dominance() {
    let before = row("a", .float32, lanes: 64)
    let after = row("a", .float32, lanes: 64) {
      $0.maxUlp = 4.0
      ($0.p50Ulp, $0.p95Ulp, $0.p99Ulp) = (2.0, 3.0, 3.5)
    }
    let worse = compare([before], [after], seed: 1)
    #expect(told(worse) == ["worse maxUlp statistics"])
    // Half of 512 outputs in lanes of 8: at least 33 lanes.
    #expect(worse.changes[0].probability == Figure(0x1p-33))
    #expect(worse.outcome == .worse)
    #expect(told(compare([after], [before], seed: 1)) == ["better maxUlp statistics"])
    // Another number of lanes: nothing relates the two.
    var fewer = after
    (fewer.lanes, fewer.shape) = (32, [32, 8])
    #expect(told(compare([before], [fewer], seed: 1)) == [])
  }

  @Test("With another seed, a maximum larger in nearly all cells says something")
  func signs() {
    let lengths = Array(1...40)
    let before = lengths.map { row("a", .float32, length: $0) }
    let after = lengths.map { length in
      row("a", .float32, length: length) { $0.maxUlp = length == 7 ? 0.5 : 1.0 }
    }
    let comparison = compare(before, after, seed: 1)
    #expect(told(comparison) == ["worse maxUlp statistics"])
    #expect(comparison.changes[0].explanation.hasSuffix("larger in 39 of 40 cells"))
    // 41 of 2^40 outcomes are as lopsided.
    #expect(abs((comparison.changes[0].probability?.value ?? 0) / (41 * 0x1p-40) - 1) < 1e-9)
    let even = lengths.map { length in
      row("a", .float32, length: length) { $0.maxUlp = length % 2 == 0 ? 0.5 : 1.0 }
    }
    #expect(told(compare(before, even, seed: 1)) == [])
  }

  @Test("Unchanged heavy-tailed errors on other lanes raise no alarm")
  func falseAlarms() {
    var random = SplitMix64(seed: 20_180_528)
    func maximum() -> Figure {
      Figure(1 / Double(random.next() >> 11 | 1) * 0x1p53)
    }
    for _ in 0..<50 {
      func side() -> [AccuracyRow] {
        (1...60).map { length in
          row("a", .float32, length: length) {
            $0.maxUlp = maximum()
            $0.maxNormUlp = maximum()
            $0.meanUlp = maximum()
          }
        }
      }
      #expect(told(compare(side(), side(), seed: 1)) == [])
    }
  }

  @Test("What fails now is worse on whatever lanes it was found")
  func failuresOnOtherLanes() {
    let before = row("a", .float32, lanes: 2)
    let exceeding = row("a", .float32, lanes: 3) { $0.bound?.maxRatio = 1.5 }
    let crashing = row("a", .float32, lanes: 3) {
      $0.failure = .init(kind: .crash, explanation: "signal 11")
    }
    let writing = row("a", .float32, lanes: 3) {
      $0.misconduct = [Misconduct(.inputModified, "element 3 of the input was changed")]
    }
    let mismatched = row("a", .float32, lanes: 3) { $0.mismatchesInDomain = 1 }
    for after in [exceeding, crashing, writing, mismatched] {
      let comparison = compare([before], [after], seed: 1)
      #expect(comparison.changes.map(\.direction) == [.worse], "\(comparison.changes)")
      #expect(comparison.changes.map(\.evidence) == [.witness])
      #expect(comparison.outcome == .worse)
    }
  }

  @Test("What vanished is not measured, which is no pass; what is new is told")
  func presence() {
    let gone = compare([row("a", .float32), row("b", .float32)], [row("a", .float32)])
    #expect(told(gone) == ["notMeasured vanished presence"])
    #expect(gone.outcome == .notMeasured)
    let cell = compare(
      [row("a", .float32), row("a", .float32, length: 9)], [row("a", .float32)])
    #expect(told(cell) == ["notMeasured the cell is not measured any more presence"])
    let new = compare([row("a", .float32)], [row("a", .float32), row("a", .float16)])
    #expect(told(new) == ["appeared was not there before presence"])
    #expect(new.outcome == .notWorse)
    let bound = compare([row("a", .float32)], [row("a", .float32) { $0.bound = nil }])
    #expect(bound.changes.map(\.direction) == [.notMeasured])
    let uncalled = compare(
      [row("a", .float32)],
      [
        row("a", .float32) {
          $0.failure = .init(kind: .notMeasured, explanation: "not installed")
          $0.maxUlp = nil
        }
      ])
    #expect(told(uncalled) == ["notMeasured not called any more: not installed presence"])
    #expect(compare([row("a", .float32)], []).outcome == .notMeasured)
  }

  @Test("Laws begin and cease to fail, whatever the seed")
  func laws() {
    func outcome(_ old: LawVerdict?, _ new: LawVerdict?) -> (
      [ResultsComparison.Change.Direction], ResultsComparison.Outcome
    ) {
      // Another law keeps the softmax in both files.
      let kept = law("kept", "a", .passed)
      let comparison = compare(
        [], [],
        laws: (
          [kept] + (old.map { [law("shift", "a", $0)] } ?? []),
          [kept] + (new.map { [law("shift", "a", $0)] } ?? [])
        ), seed: 1)
      return (comparison.changes.map(\.direction), comparison.outcome)
    }
    #expect(outcome(.passed, .failed) == ([.worse], .worse))
    #expect(outcome(.waived, .failed) == ([.worse], .worse))
    #expect(outcome(.undecided, .failed) == ([.worse], .worse))
    #expect(outcome(nil, .failed) == ([.worse], .worse))
    #expect(outcome(.failed, .passed) == ([.better], .notWorse))
    #expect(outcome(.failed, .waived) == ([.changed], .notWorse))
    #expect(outcome(.passed, .notMeasured) == ([.notMeasured], .notMeasured))
    #expect(outcome(.passed, nil) == ([.notMeasured], .notMeasured))
    #expect(outcome(nil, .passed) == ([.appeared], .notWorse))
    #expect(outcome(.failed, .failed) == ([], .notWorse))
  }

  @Test("Witnesses that show one lane with two contents forbid comparing figures")
  func contradiction() {
    let before = row("a", .float32, family: "file:x.npy") { $0.worst = witness(0.75) }
    let after = row("a", .float32, family: "file:x.npy") {
      $0.maxUlp = 5.0
      $0.worst = witness(5.0)
      $0.worst?.logits[0] = "0x1p+1"
    }
    let comparison = compare([before], [after])
    #expect(comparison.changes == [])
    #expect(comparison.remarks.contains { $0.contains("the lanes are not what they were") })
    #expect(comparison.compared.unrelated == 1)
  }

  @Test("Tails of fair coins are those of Pascal's triangle")
  func tails() {
    // 1 + 10 + 45 of 1024.
    #expect(abs(SamplingTest.tail(of: 10, atLeast: 8) - 56.0 / 1024) < 1e-15)
    #expect(SamplingTest.tail(of: 10, atLeast: 0) == 1)
    #expect(abs(SamplingTest.tail(of: 1000, atLeast: 1000) / 0x1p-1000 - 1) < 1e-9)
    // 5 lanes against none: all 5 pairs that differ fall on one side.
    #expect(abs(SamplingTest.mismatchedLanes(5, against: 0, of: 64) - 0x1p-5) < 1e-15)
    // 64 against 60 of 64: at most 4 pairs differ.
    #expect(abs(SamplingTest.mismatchedLanes(64, against: 60, of: 64) - 0x1p-4) < 1e-15)
    #expect(SamplingTest.mismatchedLanes(3, against: 3, of: 64) == 1)
  }
}
