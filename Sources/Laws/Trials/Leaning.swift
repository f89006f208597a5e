import FloatFormats
import RealModule
import SoftmaxVariants

/// The errors of a sound softmax that can all have one sign: a rounded constant, and functions that
/// err to one side.
///
/// To first order, with d the distances, p the probabilities and sums over the lane weighted by p:
///
/// * A constant log2 e off by c in relative terms makes p_i wrong by -c (d_i - sum p_j d_j).
/// * An exponential that errs by k in relative terms, but not for 0, makes it wrong by k ([d_i > 0]
///   - sum p_j [d_j > 0]).
/// * Exponentials that rescale a sum make it wrong by at most k sum p_j R_j, R_j the number of
///   different logits above.
/// * A logarithm that errs by k makes it wrong by k log s.
///
/// Means of these over lanes are what such a source can move a mean signed error by. Roundings and
/// the reciprocal are not among them: to lean is what is wrong with those.
struct Leaning {
  /// The largest relative errors, in units of the output's u: of the constant, of the exponentials,
  /// of what is computed of the sum.
  private let constant: Double
  private let exponential: Double
  private let ofSum: Double

  init(_ subject: Subject) {
    guard let model = subject.model?.variant else {
      // As in ``DefaultTolerance``; with 16 bits constants and functions are those of float32, and
      // rounding does not lean.
      let isNarrow = subject.output.isNarrow
      let ratio = isNarrow ? 0x1p-24 / subject.output.unitRoundoff : 1
      constant = ratio
      exponential = 8 * ratio
      ofSum = 8 * ratio
      return
    }
    let computing = model.computingFormat(for: subject.input)
    let ratio = computing.unitRoundoff / subject.output.unitRoundoff
    let functions = 2 * ElementaryAccuracy(of: computing).ulps * ratio
    constant = model.leansByConstant ? ratio : 0
    exponential = functions
    ofSum = functions
  }

  /// The distance that an output moves, in ulps, for each u that a source errs by.
  struct Sensitivity {
    var constant = 0.0
    var exponential = 0.0
    var ofSum = 0.0

    mutating func add(_ other: Self, times scale: Double) {
      constant += other.constant * scale
      exponential += other.exponential * scale
      ofSum += other.ofSum * scale
    }
  }

  /// The sensitivities of the outputs of a lane.
  func sensitivities(of lane: LaneProfile, in output: FloatFormat) -> (Int) -> Sensitivity {
    var (meanDistance, below, rescalings) = (0.0, 0.0, 0.0)
    var rank = -1.0
    var last = Double.infinity
    for logit in lane.logits.sorted(by: >) {
      let distance = lane.maximum - logit
      if logit != last { rank += 1 }
      last = logit
      let p = Double.exp(-distance) / lane.sum
      guard p > 0 else { break }
      meanDistance += p * distance
      if distance > 0 { below += p }
      rescalings += p * rank
    }
    return { index in
      let p = lane.probability(index)
      guard p >= output.leastNormal else { return Sensitivity() }
      // u p in ulps of p: between 1/2 and 1.
      let unit = p.significand / 2
      return Sensitivity(
        constant: unit * (lane.distances[index] - meanDistance),
        exponential: unit * ((lane.distances[index] > 0 ? 1 : 0) - below),
        ofSum: unit * (rescalings + lane.logSum))
    }
  }

  /// The most that the sources can make of sensitivities together.
  func explained(_ total: Sensitivity) -> Double {
    abs(total.constant) * constant + abs(total.exponential) * exponential
      + abs(total.ofSum) * ofSum
  }
}
