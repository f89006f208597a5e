import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Measures the log-softmax or the logsumexp of many short lanes of finite logits.
///
/// The exact value is evaluated in binary64 as a sum of two numbers with a proven bound. A lane of
/// which that leaves anything open (a binade, the nearest float, a new maximum) is measured by
/// MPFR, all of it.
///
/// **The two numbers.** A log-probability is -(d_i + ln s), d_i = m - x_i, and the logsumexp m + ln
/// s. d_i is a binary64 number and the error of its subtraction, m is a number of the format, and
/// ln s > 0. Differences of 16-bit numbers lie in the middle of two floats all the time, and ln s,
/// however small it is beside them, says to which side the value falls: so it is compared, and not
/// added, with what is left of the difference.
///
/// **Bound** for lanes of up to 8 logits, in units of u = 2^-53: an exponential errs by 3.2
/// (``DifferenceExponential``), and by d where the difference is rounded; a sum of positive terms
/// by 7 more; its logarithm by 11 (``SumLogarithm``) and by no more than the sum, relatively. With
/// D the largest difference, cut at 200, that is below 22 + D; 64 + 2 D leaves room for the
/// roundings of the comparisons: fl(h - b) errs by u |h - b|, and its sign with ln s can be wrong
/// only where it is as large as ln s. Beyond 200 an exponential is between 0 and e^-200.
///
/// Values of two or more finite logits are irrational, so that no float, and no middle of two, is
/// one.
///
/// Maxima are raised only by what exceeds them, so a measurement has to see lanes in ascending
/// order.
struct LogarithmMeasurement<F: BinaryFloat, G: BinaryFloat> {
  private let operation: AuditedOperation
  private let exponential: DifferenceExponential
  private let oracle: SoftmaxOracle
  private let length: Int
  /// The number of outputs of a lane.
  private let outputs: Int
  private let isFiltered: Bool
  /// The judge that compares every output with the default tolerance; `nil` where nothing does.
  private let judge: LaneJudge?
  private let floor: LogarithmFloor?
  /// The maxima of all that this measurement has seen.
  private var largest = -1.0
  private var largestSubnormal = -1.0
  private var largestScaled = -1.0

  /// - Parameters:
  ///   - operation: Log-softmax or logsumexp.
  ///   - judge: What compares every output with the default tolerance; nil for nothing.
  ///   - arbiterOnly: Every lane goes to MPFR.
  init(
    _ operation: AuditedOperation, length: Int, exponential: DifferenceExponential,
    oracle: SoftmaxOracle, judge: LaneJudge? = nil, arbiterOnly: Bool = false
  ) {
    self.operation = operation
    self.length = length
    self.exponential = exponential
    self.oracle = oracle
    self.judge = judge
    outputs = operation.outputCount(ofLength: length)
    floor = judge?.logarithmFloor(ofLanesOfLength: length)
    isFiltered = !arbiterOnly && F.format != .float64 && G.format != .float64
  }

  /// Leaves out from now on what is below maxima that other lanes of the domain are known to have,
  /// as ``TupleMeasurement/expect(atLeast:)`` does.
  mutating func expect(atLeast tally: ExhaustiveTally) {
    largest = tally.maxUlp.justBelow
    largestSubnormal = tally.maxUlpSubnormal.justBelow
    largestScaled = tally.maxScaled.justBelow
  }

  /// Measures consecutive lanes.
  ///
  /// - Parameters:
  ///   - logits: Lane by lane, in binary64, finite, at least two in each.
  ///   - results: The outputs, lane by lane.
  ///   - number: That of the first lane.
  mutating func measure(
    _ logits: UnsafePointer<Double>, _ results: UnsafePointer<G>, lanes: Int,
    from number: UInt64, into tally: inout ExhaustiveTally
  ) {
    tally.lanes += UInt64(lanes)
    tally.elements += UInt64(lanes * outputs)
    for lane in 0..<lanes {
      let (own, found) = (logits + lane * length, results + lane * outputs)
      if isFiltered, settle(own, found, number + UInt64(lane), &tally) { continue }
      arbitrate(own, found, number + UInt64(lane), &tally)
    }
  }

  // MARK: Binary64

  /// A positive number that lies strictly between `high + least` and `high + most`.
  private struct Sum {
    var high: Double
    var least: Double
    var most: Double

    var middle: Double { (least + most) / 2 }
    var approximate: Double { high + middle }
    var width: Double { most - least }

    /// Whether the number certainly lies above a number of binary64.
    func isAbove(_ bound: Double) -> Bool { (high - bound) + least >= 0 }
    func isBelow(_ bound: Double) -> Bool { (high - bound) + most <= 0 }

    /// The number times a power of two.
    func scaled(by power: Double) -> Sum {
      Sum(high: high * power, least: least * power, most: most * power)
    }

    /// The negative of the number.
    var negated: Sum { Sum(high: -high, least: -most, most: -least) }
  }

  /// The counts of a lane that binary64 settles.
  private struct Counts {
    var finitePairs: UInt64 = 0
    var correctlyRounded: UInt64 = 0
    var faithful: UInt64 = 0
    var negativeZeros: UInt64 = 0
    var overflows: UInt64 = 0
    var mismatches: UInt64 = 0
    var firstMismatch: ExhaustiveTally.Place?
  }

  /// Judges all outputs of a lane in binary64.
  ///
  /// - Returns: Whether that decided everything; if not, nothing has been counted.
  private func settle(
    _ logits: UnsafePointer<Double>, _ results: UnsafePointer<G>, _ lane: UInt64,
    _ tally: inout ExhaustiveTally
  ) -> Bool {
    var maximum = logits[0]
    for index in 1..<length { maximum = max(maximum, logits[index]) }
    var (tied, vanishing) = (UInt64(0), 0)
    var (tail, spread) = (0.0, 0.0)
    for index in 0..<length {
      let distance = maximum - logits[index]
      if distance == 0 {
        tied += 1
      } else if distance > DifferenceExponential.limit {
        vanishing += 1
      } else {
        tail += exponential(distance)
        spread = max(spread, distance)
      }
    }
    let error = 0x1p-47 + spread * 0x1p-52
    let logSum = SumLogarithm.value(tied: tied, tail: tail)
    // An exponential beyond the limit adds at most itself.
    let most =
      logSum * (1 + error) + Double(vanishing) * exponential(DifferenceExponential.limit) * 1.001
    let least = logSum * (1 - error)
    let isJudged = judge != nil && tally.beyondTolerance == nil

    var counts = Counts()
    for index in 0..<outputs {
      var value: Sum
      var distance = 0.0
      let isNegative: Bool
      if operation == .logSoftmax {
        let logit = logits[index]
        distance = maximum - logit
        // The error of the subtraction (Knuth).
        let part = distance - maximum
        let lost = (maximum - (distance - part)) - (logit + part)
        let room = abs(lost) * 0x1p-50
        value = Sum(high: distance, least: least + lost - room, most: most + lost + room)
        isNegative = true
      } else {
        value = Sum(high: maximum, least: least, most: most)
        isNegative = value.isBelow(0)
        guard isNegative || value.isAbove(0) else { return false }
        if isNegative { value = value.negated }
      }
      guard
        settle(
          results[index], isNegative: isNegative, value, logSum: least,
          floor: isJudged ? (floor, distance) : nil, .init(lane: lane, index: index, output: 0),
          &counts)
      else { return false }
    }
    tally.finitePairs += counts.finitePairs
    tally.correctlyRounded += counts.correctlyRounded
    tally.faithful += counts.faithful
    tally.negativeZeros += counts.negativeZeros
    tally.countOverflows(counts.overflows)
    if counts.mismatches > 0 {
      tally.mismatches += counts.mismatches
      tally.mismatchedLanes += 1
      ExhaustiveTally.lower(&tally.firstMismatch, counts.firstMismatch)
    }
    return true
  }

  /// Judges one output in binary64.
  ///
  /// - Parameters:
  ///   - y: The output.
  ///   - isNegative: Whether the exact value is.
  ///   - value: The size of the exact value.
  ///   - logSum: A lower bound of ln s.
  ///   - floor: The least tolerance, `nil` for one that is not known, and the distance of the
  ///     logit; `nil` where nothing is judged.
  /// - Returns: Whether that decided everything.
  private func settle(
    _ y: G, isNegative: Bool, _ value: Sum, logSum: Double,
    floor: (LogarithmFloor?, distance: Double)?, _ place: ExhaustiveTally.Place,
    _ counts: inout Counts
  ) -> Bool {
    let format = G.format
    let least = format.minimumExponent
    guard value.approximate > 0 else { return false }
    var exponent = max(Self.exponent(value.approximate), least - 1)
    func power(_ exponent: Int) -> Double {
      Double(bitPattern: UInt64(1023 + exponent) << 52)
    }
    // Binary64 may have rounded to a power of two that the value does not reach.
    if exponent >= least, value.isBelow(power(exponent)) { exponent -= 1 }
    guard value.isBelow(power(exponent + 1)), exponent < least || value.isAbove(power(exponent))
    else { return false }
    let quantum = max(exponent, least) - (format.precision - 1)
    let unit = power(quantum)
    let units = value.scaled(by: power(-quantum))
    var nearest = units.approximate.rounded(.toNearestOrEven)
    if units.isAbove(nearest + 0.5) {
      nearest += 1
    } else if nearest > 0, units.isBelow(nearest - 0.5) {
      nearest -= 1
    }
    guard nearest == 0 || units.isAbove(nearest - 0.5), units.isBelow(nearest + 0.5) else {
      return false
    }
    let overflows = nearest * unit > format.greatestFinite
    guard y.isFinite else {
      if overflows, !y.isNaN, y.isNegative == isNegative {
        counts.overflows += 1
      } else {
        counts.mismatches += 1
        if counts.firstMismatch == nil {
          counts.firstMismatch = .init(
            lane: place.lane, index: place.index, output: UInt64(y.bitPattern))
        }
      }
      return true
    }
    if overflows { return false }

    let computed = (isNegative ? -y.exactDouble : y.exactDouble) * power(-quantum)
    let isNearest = computed == nearest
    var isFaithful = isNearest
    if !isFaithful, abs(computed - nearest) == 1 {
      guard nearest == 0 || units.isAbove(nearest) || units.isBelow(nearest) else { return false }
      isFaithful = nearest == 0 || units.isAbove(nearest) ? computed > nearest : computed < nearest
    }
    let beyond = units.high - nearest
    let distance = abs((computed - nearest) - (beyond + units.middle))
    var error =
      distance * (1 + 0x1p-50) + units.width + (abs(beyond) + abs(units.middle)) * 0x1p-51
    if isFaithful { error = min(error, isNearest ? 0.5 : 1) }
    guard error <= (exponent >= least ? largest : largestSubnormal) else { return false }
    let size = value.approximate * (1 - 0x1p-40)
    var yardstick = max(1, size)
    if operation == .logSumExp { yardstick = max(yardstick, logSum) }
    let scaled = error * unit / (format.unitRoundoff * yardstick) * (1 + 0x1p-50)
    guard scaled <= largestScaled else { return false }
    if let (floor, logitDistance) = floor {
      guard let floor,
        error * unit <= (floor.relative * size + floor.slope * logitDistance + floor.absolute)
          * (1 - 0x1p-30)
      else { return false }
    }
    counts.finitePairs += 1
    if isNearest { counts.correctlyRounded += 1 }
    if isFaithful { counts.faithful += 1 }
    if y.isZero, y.isNegative { counts.negativeZeros += 1 }
    return true
  }

  /// The exponent of a positive number.
  @inline(__always)
  private static func exponent(_ value: Double) -> Int { Int(value.bitPattern >> 52) - 1023 }

  // MARK: MPFR

  /// Measures all outputs of a lane by MPFR.
  private mutating func arbitrate(
    _ logits: UnsafePointer<Double>, _ results: UnsafePointer<G>, _ lane: UInt64,
    _ tally: inout ExhaustiveTally
  ) {
    let inputs = OperationLane(
      operation, exactly: Array(UnsafeBufferPointer(start: logits, count: length)))
    let reference = oracle.reference(of: inputs, in: G.format)
    let found = Array(UnsafeBufferPointer(start: results, count: outputs))
    var statistics = AccuracyStatistics()
    var measurement = LaneMeasurement(oracle: oracle)
    measurement.measure(
      found, lane: 0, reference: reference, policy: .nanSomewhere, promise: .none,
      into: &statistics)
    tally.arbitrated += UInt64(outputs)
    tally.finitePairs += statistics.finitePairs
    tally.correctlyRounded += statistics.correctlyRounded
    tally.faithful += statistics.faithful
    tally.negativeZeros += statistics.negativeZeros
    tally.undecided += statistics.undecided
    tally.countOverflows(statistics.agreedSpecial)
    func place(_ index: Int) -> ExhaustiveTally.Place {
      .init(lane: lane, index: index, output: UInt64(found[index].bitPattern))
    }
    if statistics.mismatches > 0 {
      tally.mismatches += statistics.mismatches
      tally.mismatchedLanes += 1
      let first = found.indices.first {
        OutputClass(
          found[$0], against: reference.value(at: $0), of: operation.output, in: G.format)
          == .mismatch
      }
      ExhaustiveTally.lower(&tally.firstMismatch, first.map(place))
    }
    func raise(
      _ seen: inout Double, _ maximum: inout ExhaustiveTally.Extremum?, _ figure: Double?,
      _ index: Int?
    ) {
      guard let figure, let index, figure > seen else { return }
      seen = figure
      ExhaustiveTally.raise(&maximum, .init(figure: Figure(figure), place: place(index)))
    }
    raise(
      &largest, &tally.maxUlp, statistics.maxUlp.figure, statistics.maxUlp.location?.index)
    raise(
      &largestSubnormal, &tally.maxUlpSubnormal, statistics.maxUlpSubnormal.figure,
      statistics.maxUlpSubnormal.location?.index)
    let scaled = statistics.largestScaledError
    raise(&largestScaled, &tally.maxScaled, scaled?.figure, scaled?.location.index)
    compare(found, inputs, reference, place, &tally)
  }

  /// Notes the first output of a lane that is beyond its tolerance, where it is the first of the
  /// block.
  private func compare(
    _ found: [G], _ inputs: OperationLane, _ reference: LaneReference,
    _ place: (Int) -> ExhaustiveTally.Place, _ tally: inout ExhaustiveTally
  ) {
    guard let judge, tally.beyondTolerance == nil, let promise = try? judge.promise(on: inputs)
    else { return }
    for (index, y) in found.enumerated() where y.isFinite {
      let exact = reference.value(at: index)
      guard !exact.isUndecided,
        let limit = promise.limit(at: index, isZero: y.isZero), limit.largestRatio > 1
      else { continue }
      let bound = limit.bound.scaled(byPowerOfTwo: -Int(exact.quantumExponent))
      guard UlpError(of: y, against: exact).magnitudeUpperBound > bound,
        oracle.certifiesError(of: y, at: index, in: reference, beyond: bound)
      else { continue }
      tally.beyondTolerance = place(index)
      return
    }
  }
}

extension SoftmaxOracle {
  /// Whether the certified error of an output exceeds a bound, both in ULP.
  ///
  /// - Parameters:
  ///   - y: A finite output.
  ///   - index: Its place in a lane whose exact value there is decided.
  func certifiesError<G: BinaryFloat>(
    of y: G, at index: Int, in reference: LaneReference, beyond bound: Double
  ) -> Bool {
    let figure = CertifiedUlp.figure(
      of: y.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
      quantumExponent: Int(reference.value(at: index).quantumExponent), oracle: self)
    return figure.map { ExhaustiveCertificate.exceeds($0, bound: bound) } ?? false
  }
}

extension ExhaustiveTally.Extremum? {
  /// A number that every figure equal to the maximum exceeds, and few others; below all where
  /// there is no maximum.
  var justBelow: Double {
    guard let figure = self?.figure.value, figure > 0 else { return -1 }
    // An error is up to 2^-29 of itself below its figure.
    return figure * (1 - 0x1p-28)
  }
}
