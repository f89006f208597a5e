import AuditRecords
import Foundation

/// A test of two cells that measured different lanes of one family.
///
/// Lane k before and lane k after are drawn from the same distribution. If the softmax had not
/// changed, exchanging the two would have been as likely, independently for each k and each cell.
/// Elements of a lane share a sum and are anything but independent, so every test counts lanes or
/// cells. None assumes how errors are distributed.
///
/// * *Dominance*, for one cell: k lanes of one side each hold an error above the largest of all
///   lanes of the other. Were nothing changed, each of them would have fallen on its side with
///   probability 1/2: 2^-k together.
/// * *Mismatched lanes*, for one cell: a against b of them. At most min(a + b, 2 L - a - b) pairs
///   of lanes differ, each either way with probability 1/2; the probability of a lead of a - b
///   grows with the number of pairs.
/// * *Sign test*, for one implementation and pair of formats: in how many cells a figure is larger.
///   Equal ones are left out.
///
/// The probability of a false alarm anywhere in a comparison is at most ``falseAlarm``: each test
/// gets its part of it.
enum SamplingTest {
  /// The probability of a false alarm in a whole comparison.
  static let falseAlarm = 0.001
  static let falseAlarmText = "1 in 1000"

  /// The number of lanes of a cell that must hold an error above a limit, as its percentiles show;
  /// both of its numbers in ulps.
  ///
  /// A percentile is the upper edge of its bin, whose lower edge is at most a 65th part below it.
  /// All errors from its rank on lie above that, and a lane holds at most its length of them.
  static func lanes(of row: AccuracyRow, above limit: Double) -> Int {
    guard row.length > 0, row.normalPairs > 0, limit.isFinite else { return 0 }
    var most = (row.maxUlp?.value ?? 0) > limit ? 1 : 0
    for (share, figure) in [(0.5, row.p50Ulp), (0.95, row.p95Ulp), (0.99, row.p99Ulp)] {
      guard let value = figure?.value, value * 64 / 65 > limit else { continue }
      let above = Double(row.normalPairs) - (share * Double(row.normalPairs)).rounded(.up) + 1
      most = max(most, Int((above / Double(row.length)).rounded(.up)))
    }
    return most
  }

  /// The probability that lanes of one side dominate the other so far.
  static func dominance(lanes: Int) -> Double {
    Double(sign: .plus, exponent: -lanes, significand: 1)
  }

  /// The probability of so many more mismatched lanes on one side.
  static func mismatchedLanes(_ more: Int, against fewer: Int, of lanes: Int) -> Double {
    guard more > fewer, more <= lanes, fewer >= 0 else { return 1 }
    let pairs = min(more + fewer, 2 * lanes - more - fewer)
    return tail(of: pairs, atLeast: (pairs + more - fewer) / 2)
  }

  /// The probability that at least so many of n fair coins fall on one side.
  ///
  /// Within a few roundings of it; thresholds are powers of ten away.
  static func tail(of count: Int, atLeast successes: Int) -> Double {
    guard successes > 0 else { return 1 }
    guard successes <= count else { return 0 }
    let scale = Double(count) * log(2.0)
    let terms = (successes...count).map { k in
      exp(lgamma(Double(count) + 1) - lgamma(Double(k) + 1) - lgamma(Double(count - k) + 1) - scale)
    }
    return min(1, terms.reversed().reduce(0, +))
  }
}
