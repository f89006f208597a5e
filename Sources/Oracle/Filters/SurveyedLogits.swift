import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision
import RealModule

/// The logits of a lane with what the kernels see of them: the maximum m, the k logits that equal
/// it, and t = sum e^(x_j - m) over all others.
final class SurveyedLogits {
  let lane: EncodedLane
  let survey: lane_survey
  let level: Int32
  /// k, t in binary64, and the number of logits that are not -inf.
  private(set) lazy var tail = exponentials(nil)
  /// k, t in double-double, and the number of logits that are not -inf.
  private lazy var pairSum = lane.withUnsafeBytes { bytes in
    withUnsafePointer(to: survey) {
      lane_tail_pairs(level, lane.format.kernelCode, bytes.baseAddress, lane.count, $0)
    }
  }
  /// ln (k + t) in double-double, with a bound on its relative error; `nil` where that does not
  /// tell.
  ///
  /// t is as good as a probability, see ``FilterBounds``, and its logarithm loses no more than
  /// ``PairLogarithm/error``. Beside a tie of the largest logits a t below 2^-900 is nothing.
  private(set) lazy var pairOfLogarithm: (value: lane_pair, relativeError: Double)? = {
    guard pairSum.high > Self.leastPairTail || pairSum.ties > 1 else { return nil }
    return (
      PairLogarithm.value(
        tied: pairSum.ties, tail: lane_pair(high: pairSum.high, low: pairSum.low)),
      FilterBounds.pair(count: lane.count, spread: maximum - survey.minimum)
        + PairLogarithm.error * 0x1p-106
    )
  }()
  /// t by double-double; `nil` where that does not tell.
  private(set) lazy var pairTail = makePairTail()
  /// ln (k + t) by double-double; `nil` where that does not tell.
  private(set) lazy var pairLogarithm = pairTail.map {
    SharedEnclosure(
      ExponentialSums.logOfSum(
        tied: BigFloat(integer: tail.ties), tail: $0.enclosure, precision: Self.precision))
  }

  /// The bits of what is made of numbers in double-double.
  static let precision = 192
  /// Below, what the kernel's floor of e^-800 adds to t would count.
  private static let leastPairTail = 0x1p-900

  init(_ lane: consuming EncodedLane, level: KernelLevel) {
    self.level = Int32(level.rawValue)
    survey = lane.withUnsafeBytes {
      lane_look(Int32(level.rawValue), lane.format.kernelCode, $0.baseAddress, lane.count)
    }
    self.lane = lane
  }

  var maximum: Double { survey.maximum }
  var hasNaN: Bool { survey.has_nan }

  /// The reason why the lane has no probabilities: a NaN, a +inf, or only -inf.
  var lackOfProbabilities: SpecialLane? {
    if survey.has_nan { return .holdsNaN }
    if survey.maximum == .infinity { return .holdsInfinity }
    return survey.maximum == -.infinity && lane.count > 0 ? .fullyMasked : nil
  }

  /// Whether the lane has probabilities, and two or more of them are not 0.
  var hasTwoNumbers: Bool {
    guard !survey.has_nan, survey.maximum.isFinite else { return false }
    return survey.minimum > -.infinity ? lane.count >= 2 : tail.finite >= 2
  }

  /// Whether the lane has probabilities, and two or more of them differ and are not 0.
  var hasTwoDifferentNumbers: Bool {
    guard !survey.has_nan, survey.maximum.isFinite else { return false }
    return survey.minimum > -.infinity ? maximum > survey.minimum : tail.ties < tail.finite
  }

  /// Whether no difference of a logit and the maximum was rounded that matters.
  var hasExactDifferences: Bool { !survey.has_tiny }

  /// ln (k + t) in binary64.
  var logarithm: Double { SumLogarithm.value(tied: tail.ties, tail: tail.high) }

  /// Evaluates the exponentials e^(x_j - m) in binary64, and their sum as ``tail``.
  ///
  /// - Parameter terms: Takes the exponentials, in whole groups of the kernels'; `nil` for the sum
  ///   alone.
  func exponentials(_ terms: UnsafeMutablePointer<Double>?) -> lane_sum {
    lane.withUnsafeBytes { bytes in
      withUnsafePointer(to: survey) {
        lane_tail(level, lane.format.kernelCode, bytes.baseAddress, lane.count, $0, terms)
      }
    }
  }

  /// Evaluates the exponentials e^(x_j - m) in double-double, and their sum; see
  /// ``GradientBounds``.
  ///
  /// - Parameters:
  ///   - terms: Takes the high parts, in whole groups of the kernels'.
  ///   - low: Takes the low parts; `nil` where numbers are given.
  ///   - numbers: Those whose weighted sum is formed along, of the format of the logits.
  func weigh(
    _ terms: UnsafeMutablePointer<Double>, low: UnsafeMutablePointer<Double>? = nil,
    numbers: EncodedLane? = nil
  ) -> lane_weighted_sum {
    lane.withUnsafeBytes { bytes in
      withUnsafePointer(to: survey) { survey in
        func weigh(_ numbers: UnsafeRawPointer?) -> lane_weighted_sum {
          lane_weigh(
            level, lane.format.kernelCode, bytes.baseAddress, lane.count, survey, numbers, terms,
            low)
        }
        return numbers?.withUnsafeBytes { weigh($0.baseAddress) } ?? weigh(nil)
      }
    }
  }

  /// e^(x_i - m) in binary64, good to 2^-45, for the yardsticks of single elements.
  func approximateExponential(of index: Int) -> Double { Double.exp(lane[index] - maximum) }

  /// An enclosure of e^(x_i - m), for a logit that is finite.
  func exponential(of index: Int) -> Enclosure {
    let difference = difference(of: index)
    var own = Enclosure(precision: Self.precision)
    own.lower.setExponential(difference.lower, .down)
    own.upper.setExponential(difference.upper, .up)
    return own
  }

  /// x_i - m, or its negative, to ``precision``.
  func difference(of index: Int) -> Enclosure {
    var difference = Enclosure(precision: Self.precision)
    difference.lower.setDifference(BigFloat(lane[index]), BigFloat(maximum), .down)
    difference.upper.setDifference(BigFloat(lane[index]), BigFloat(maximum), .up)
    return difference
  }

  /// s by double-double; `nil` where that does not tell.
  func pairTotal() -> Enclosure? {
    pairTail.map {
      Enclosure(exactly: BigFloat(integer: tail.ties))
        .plus($0.enclosure, precision: Self.precision)
    }
  }

  /// The sum of numbers times exponentials by double-double.
  ///
  /// Each exponential is good to a bound of ``FilterBounds``, its product with a number exact but
  /// for the low part's, 8 u^2. TwoSum leaves at most u times the sum of sizes, which is added with
  /// the low parts to at most (n + 4) u of it, twice: n (2 n + 12) u^2. Below the kernel's floor an
  /// exponential is a bound only, less than 2^-1153.
  ///
  /// - Parameter numbers: As many as there are logits.
  func pairSum(of numbers: EncodedLane) -> Enclosure {
    let groups = (lane.count + Int(LANE_GROUP) - 1) / Int(LANE_GROUP)
    var high = [Double](repeating: 0, count: groups * Int(LANE_GROUP))
    var low = high
    _ = lane.withUnsafeBytes { bytes in
      withUnsafePointer(to: survey) {
        lane_exponential_pairs(
          level, lane.format.kernelCode, bytes.baseAddress, lane.count, $0, &high, &low)
      }
    }
    var (sum, rest, sizes, largest) = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<lane.count {
      let number = numbers[index]
      let product = lane_pair(productOf: high[index], number)
      let next = lane_pair(sumOf: sum, product.high)
      sum = next.high
      rest += next.low + product.low.addingProduct(low[index], number)
      sizes += abs(product.high)
      largest = max(largest, abs(number))
    }
    let count = Double(lane.count)
    let bound =
      FilterBounds.pair(count: lane.count, spread: maximum - survey.minimum)
      + (count * (2 * count + 12) + 16) * 0x1p-106
    var result = lane_pair(high: sum, low: rest)
      .enclosure(error: sizes * bound * (1 + 0x1p-20), precision: Self.precision)
    result.lower.formProduct(withPowerOfTwo: -Int(LANE_PAIR_SCALE))
    result.upper.formProduct(withPowerOfTwo: -Int(LANE_PAIR_SCALE))
    var floor = BigFloat(largest * count)
    floor.formProduct(withPowerOfTwo: -1153)
    result.lower.formDifference(floor, .down)
    result.upper.formSum(floor, .up)
    return result
  }

  private func makePairTail() -> SharedEnclosure? {
    guard tail.ties < tail.finite else { return SharedEnclosure(Enclosure(0)) }
    let sum = pairSum
    guard sum.high > Self.leastPairTail else { return nil }
    var tail = Enclosure(precision: Self.precision)
    tail.lower.setSum(BigFloat(sum.high), BigFloat(sum.low), .down)
    tail.upper.setSum(BigFloat(sum.high), BigFloat(sum.low), .up)
    let error = FilterBounds.pair(count: lane.count, spread: maximum - survey.minimum)
    tail.widen(factor: error.scaled(byPowerOfTwo: Self.precision), precision: Self.precision)
    return SharedEnclosure(tail)
  }
}
