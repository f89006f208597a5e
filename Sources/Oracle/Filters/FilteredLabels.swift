import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The class of a lane, with the parameters of its loss.
final class FilteredLabels {
  /// `nil` for the ignored one.
  let target: Int?
  /// That of the class.
  let weight: Double
  /// The weights of all classes; `nil` where all are 1.
  let weights: [Double]?
  /// e.
  let smoothing: Double
  /// The format of the outputs.
  let format: FloatFormat
  private var known: LossTotals?

  init(_ target: Int64?, _ parameters: CrossEntropyParameters, _ format: FloatFormat) {
    self.target = target == parameters.ignoreIndex ? nil : target.map { Int($0) }
    weight = self.target.map { parameters.weight($0) } ?? 0
    weights = parameters.labelSmoothing > 0 ? parameters.classWeights : nil
    smoothing = parameters.labelSmoothing
    self.format = format
  }

  /// Whether the weights that count are neither all 0 nor, with smoothing, so large or small that a
  /// product of three could overflow or underflow.
  var isServed: Bool {
    guard smoothing > 0 else { return weight > 0 }
    let range = 0x1p-150...0x1p150
    return smoothing >= 0x1p-150
      && (weights?.allSatisfy { $0 == 0 || range.contains($0) } ?? true)
  }

  /// The sums over all classes that the loss and its gradient take, with smoothing.
  func totals(_ logits: SurveyedLogits) -> LossTotals {
    if let known { return known }
    let found = LossTotals(logits, self)
    known = found
    return found
  }

  /// Calls a function with the weights of all classes, or with none.
  func withWeights<R>(_ body: (UnsafePointer<Double>?) -> R) -> R {
    guard let weights else { return body(nil) }
    return weights.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

/// Sums over the classes of a lane whose loss has label smoothing, in double-double.
///
/// Each is good to ``error``: the sums of ``GradientBounds``, all of whose terms are positive, and
/// three operations. Differences of logits of float64 are pairs, as the terms there are.
struct LossTotals {
  /// w_t (1 - e), the weight of the class without its part of what is spread.
  let own: lane_pair
  /// e / n.
  let share: lane_pair
  /// w_t (1 - e) + (e / n) sum w_c.
  let sum: lane_pair
  /// (e / n) sum w_c (m - x_c) over finite logits.
  let distances: lane_pair
  /// Whether a logit of -inf has a weight.
  let isInfinite: Bool
  /// A bound on the relative error of each.
  let error: Double

  init(_ logits: SurveyedLogits, _ labels: FilteredLabels) {
    let lane = logits.lane
    let found = lane.withUnsafeBytes { bytes in
      labels.withWeights {
        lane_weigh_distances(
          logits.level, lane.format.kernelCode, bytes.baseAddress, lane.count, logits.maximum, $0)
      }
    }
    own = lane_pair(labels.weight) * lane_pair(sumOf: 1, -labels.smoothing)
    share = lane_pair(labels.smoothing) / lane_pair(Double(lane.count))
    sum = own + share * found.weights
    distances = share * found.distances
    isInfinite = found.is_infinite
    error = GradientBounds.sum(count: lane.count) + 64 * 0x1p-106
  }

  /// An enclosure of one of the numbers, none of which is negative.
  func enclosure(of total: lane_pair) -> Enclosure {
    total.enclosure(error: total.high * error, precision: SurveyedLogits.precision)
  }
}
