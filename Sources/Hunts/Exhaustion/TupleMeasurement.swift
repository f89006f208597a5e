import AuditRecords
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Measures the outputs of many short lanes of finite logits, some ten nanoseconds a lane.
///
/// The exact value is evaluated in binary64 with a proven bound. What that leaves open (which
/// binade, which float is nearest, a new maximum) goes to MPFR. Outputs of 16-bit formats for two
/// logits are mostly settled by an interval of differences, without an exponential.
///
/// **Bound** for lanes of up to 8 logits, in units of u = 2^-53: an exponential errs by 3.2
/// (``DifferenceExponential``), a sum of positive terms by 3.2 + 7, the quotient adds 1: below 16 u
/// = 2^-49. A difference of two logits is rounded once, which adds d u to an exponential and at
/// most the largest d u to the sum: 2 D u in all, D being the largest difference, cut at 200.
/// Beyond 200 the value is an upper bound of p, which is below half of every subnormal number, and
/// positive.
///
/// Maxima are raised only by what exceeds them, so a measurement has to see lanes in ascending
/// order.
struct TupleMeasurement<F: BinaryFloat, G: BinaryFloat> {
  private let exponential: DifferenceExponential
  private let intervals: RoundingIntervals?
  private let oracle: SoftmaxOracle
  private let length: Int
  private let isFiltered: Bool
  /// The judge that compares every output with the default tolerance; `nil` where nothing does.
  private let judge: LaneJudge?
  private let floor: ToleranceFloor?
  private var weights: [Double]
  private var reference: (lane: UInt64, reference: LaneReference)?
  /// The maxima of all that this measurement has seen.
  private var largest = -1.0
  private var largestSubnormal = -1.0

  /// - Parameters:
  ///   - judge: What compares every output with the default tolerance; nil for nothing.
  ///   - arbiterOnly: Every element goes to MPFR.
  init(
    length: Int, exponential: DifferenceExponential, oracle: SoftmaxOracle,
    intervals: RoundingIntervals?, judge: LaneJudge? = nil, arbiterOnly: Bool = false
  ) {
    self.judge = judge
    floor = judge?.floor(ofLanesOfLength: length)
    self.length = length
    self.exponential = exponential
    self.oracle = oracle
    isFiltered = !arbiterOnly && F.format != .float64 && G.format != .float64
    self.intervals = isFiltered && length == 2 && G.format.isNarrow ? intervals : nil
    weights = Array(repeating: 0, count: length)
  }

  /// Leaves out from now on what is below maxima that other lanes of the domain are known to have.
  ///
  /// The figures themselves are not left out: whoever measures these lanes finds them again, at the
  /// first place. Without this every lane of a domain that begins with tiny errors would be a new
  /// maximum.
  mutating func expect(atLeast tally: ExhaustiveTally) {
    largest = tally.maxUlp.justBelow
    largestSubnormal = tally.maxUlpSubnormal.justBelow
  }

  /// Measures consecutive lanes.
  ///
  /// - Parameters:
  ///   - logits: Lane by lane, in binary64, finite.
  ///   - outputs: As many.
  ///   - number: That of the first lane.
  mutating func measure(
    _ logits: UnsafePointer<Double>, _ outputs: UnsafePointer<G>, lanes: Int,
    from number: UInt64, into tally: inout ExhaustiveTally
  ) {
    tally.lanes += UInt64(lanes)
    tally.elements += UInt64(lanes * length)
    guard let intervals else {
      for lane in 0..<lanes {
        measureLane(
          logits + lane * length, outputs + lane * length, number + UInt64(lane), skip: 0, &tally)
      }
      return
    }
    var settled: UInt64 = 0
    for lane in 0..<lanes {
      let difference = logits[2 * lane] - logits[2 * lane + 1]
      let (first, second) = (outputs[2 * lane].bitPattern, outputs[2 * lane + 1].bitPattern)
      let isFirst = canBePassed(first) && intervals.isClose(Int(first), at: difference)
      let isSecond = canBePassed(second) && intervals.isClose(Int(second), at: -difference)
      if isFirst && isSecond {
        settled += 2
        continue
      }
      if isFirst || isSecond { settled += 1 }
      measureLane(
        logits + 2 * lane, outputs + 2 * lane, number + UInt64(lane),
        skip: isFirst ? 1 : isSecond ? 2 : 0, &tally)
    }
    tally.finitePairs += settled
    tally.correctlyRounded += settled
    tally.faithful += settled
  }

  /// Whether an output within 0.45 ulp can raise no maximum any more: a larger error has been seen
  /// among those whose exact value is normal, or subnormal, as that of this output is.
  @inline(__always)
  private func canBePassed(_ output: G.BitPattern) -> Bool {
    let leastNormal = G.BitPattern(1) << G.BitPattern(G.format.precision - 1)
    return (output < leastNormal || largest >= RoundingIntervals.radius)
      && (output > leastNormal || largestSubnormal >= RoundingIntervals.radius)
  }

  /// Judges the elements of a lane, but for the one that is skipped, counted from 1.
  private mutating func measureLane(
    _ logits: UnsafePointer<Double>, _ outputs: UnsafePointer<G>, _ lane: UInt64, skip: Int,
    _ tally: inout ExhaustiveTally
  ) {
    let profile = isFiltered ? evaluate(logits) : nil
    var mismatches: UInt64 = 0
    for index in 0..<length where index + 1 != skip {
      let y = outputs[index]
      guard y.isFinite, !y.isNegative || y.isZero else {
        mismatches += 1
        ExhaustiveTally.lower(
          &tally.firstMismatch, .init(lane: lane, index: index, output: UInt64(y.bitPattern)))
        continue
      }
      tally.finitePairs += 1
      if y.isZero, y.isNegative { tally.negativeZeros += 1 }
      if let profile, judge(y, index, logits, profile, lane, &tally) { continue }
      arbitrate(y, index, logits, lane, &tally)
    }
    if mismatches > 0 {
      tally.mismatches += mismatches
      tally.mismatchedLanes += 1
    }
  }

  /// The facts common to all elements of a lane.
  private struct Profile {
    var maximum: Double
    var sum: Double
    var ties: Int
    var relativeError: Double
  }

  private mutating func evaluate(_ logits: UnsafePointer<Double>) -> Profile {
    var maximum = logits[0]
    for index in 1..<length { maximum = max(maximum, logits[index]) }
    var sum = 0.0
    var ties = 0
    var largestDifference = 0.0
    for index in 0..<length {
      let difference = maximum - logits[index]
      largestDifference = max(largestDifference, difference)
      if difference == 0 { ties += 1 }
      weights[index] = difference == 0 ? 1 : exponential(difference)
      sum += weights[index]
    }
    let spread = min(largestDifference, DifferenceExponential.limit)
    return Profile(
      maximum: maximum, sum: sum, ties: ties,
      relativeError: ties == length ? 0x1p-53 : 0x1p-49 + spread * 0x1p-52)
  }

  /// Judges one output in binary64.
  ///
  /// - Returns: Whether that decided everything; if not, nothing has been counted but what the
  ///   caller counts.
  private mutating func judge(
    _ y: G, _ index: Int, _ logits: UnsafePointer<Double>, _ profile: Profile, _ lane: UInt64,
    _ tally: inout ExhaustiveTally
  ) -> Bool {
    let p = weights[index] / profile.sum
    let difference = profile.maximum - logits[index]
    let vanishes = difference > DifferenceExponential.limit
    let isExact = profile.ties == length && length.nonzeroBitCount == 1
    let slack = isExact ? 0 : vanishes ? p : p * profile.relativeError
    var (low, high) = (p - slack, p + slack)
    var highExponent = Self.exponent(high)
    // Signs decide what no precision does cheaply: k tied maxima above lower logits have p < 1/k;
    // the larger of two logits has p > 1/2, the smaller one p < 1/2.
    var cap: Double?
    if profile.ties < length {
      if difference == 0, profile.ties.nonzeroBitCount == 1 { cap = 1 / Double(profile.ties) }
      if length == 2, difference > 0 { cap = 0.5 }
      if let cap, high >= cap { highExponent = Self.exponent(cap) - 1 }
      if length == 2, difference == 0 { low = max(low, 0.5) }
    }
    let least = G.format.minimumExponent
    let lowExponent = Self.exponent(low)
    guard max(lowExponent, least) == max(highExponent, least),
      (lowExponent < least) == (highExponent < least)
    else { return false }
    let isNormal = highExponent >= least
    let quantum = max(highExponent, least) - (G.format.precision - 1)
    let scale = Double(bitPattern: UInt64(1023 - quantum) << 52)
    let t = p * scale
    let tolerance = slack * scale
    let units = y.exactDouble * scale
    let floor = t.rounded(.down)
    let fraction = t - floor
    guard abs(fraction - 0.5) > tolerance else { return false }
    let nearest = fraction > 0.5 ? floor + 1 : floor
    var isFaithful = units == nearest
    if !isFaithful, abs(units - nearest) == 1 {
      // The other neighbour, if it is certain on which side of `nearest` p lies. Nothing is below
      // 0.
      if isExact {
        isFaithful = fraction != 0 && (units == floor || units == floor + 1)
      } else if fraction > tolerance && fraction < 1 - tolerance || nearest == 0 {
        isFaithful = units == floor || units == floor + 1
      } else if let cap, nearest == cap * scale {
        isFaithful = units < nearest
      } else {
        return false
      }
    }
    let error = abs(units - t)
    if mayExceed(error + tolerance, p: p, difference: difference, scale: scale, tally) {
      compare(y, index, logits, lane, isWithin: error + tolerance, scale: scale, &tally)
    }
    // p lies between 0 and 1, which keeps a 0 in the place of nearly 1 from looking worse every
    // time.
    let upperBound = min(error + tolerance + error * 0x1p-51, max(units, scale))
    if upperBound > (isNormal ? largest : largestSubnormal) {
      let reference = lookUp(logits, lane)
      guard
        let figure = CertifiedUlp.figure(
          of: y.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
          quantumExponent: quantum, oracle: oracle)
      else { return false }
      raise(figure, isNormal, y, index, lane, &tally)
    }
    if units == nearest { tally.correctlyRounded += 1 }
    if isFaithful { tally.faithful += 1 }
    return true
  }

  /// Whether an error may be beyond the tolerance, and none in the block has been so far.
  ///
  /// - Parameters:
  ///   - error: An upper bound of |y - p| in units of 1 / scale.
  ///   - p: The exact value, to 2^-40 of itself where it is not below all subnormal numbers.
  @inline(__always)
  private func mayExceed(
    _ error: Double, p: Double, difference: Double, scale: Double, _ tally: ExhaustiveTally
  ) -> Bool {
    guard judge != nil, tally.beyondTolerance == nil else { return false }
    guard let floor else { return true }
    let least = (floor.relative + floor.slope * difference) * p + floor.absolute
    return !(error <= least * scale * (1 - 0x1p-30))
  }

  /// Notes an output that is beyond the tolerance of its lane, the first of the block.
  ///
  /// - Parameters:
  ///   - error: An upper bound of |y - p| in units of 1 / scale.
  ///   - scale: That of ulp(p), a power of two.
  private mutating func compare(
    _ y: G, _ index: Int, _ logits: UnsafePointer<Double>, _ lane: UInt64, isWithin error: Double,
    scale: Double, _ tally: inout ExhaustiveTally
  ) {
    let profile = LaneProfile(exactly: Array(UnsafeBufferPointer(start: logits, count: length)))
    guard
      let limit = try? judge?.promise(on: profile).limit(at: index, isZero: y.isZero),
      limit.largestRatio > 1
    else { return }
    let bound = limit.bound * scale
    guard !(error <= bound) else { return }
    guard oracle.certifiesError(of: y, at: index, in: lookUp(logits, lane), beyond: bound) else {
      return
    }
    tally.beyondTolerance = .init(lane: lane, index: index, output: UInt64(y.bitPattern))
  }

  /// The exponent of a number that is not negative; of one below the normal range something lower
  /// than all.
  @inline(__always)
  private static func exponent(_ value: Double) -> Int { Int(value.bitPattern >> 52) - 1023 }

  private mutating func raise(
    _ figure: Double, _ isNormal: Bool, _ y: G, _ index: Int, _ lane: UInt64,
    _ tally: inout ExhaustiveTally
  ) {
    guard figure > (isNormal ? largest : largestSubnormal) else { return }
    let extremum = ExhaustiveTally.Extremum(
      figure: Figure(figure),
      place: .init(lane: lane, index: index, output: UInt64(y.bitPattern)))
    if isNormal {
      largest = figure
      ExhaustiveTally.raise(&tally.maxUlp, extremum)
    } else {
      largestSubnormal = figure
      ExhaustiveTally.raise(&tally.maxUlpSubnormal, extremum)
    }
  }

  private mutating func lookUp(_ logits: UnsafePointer<Double>, _ lane: UInt64) -> LaneReference {
    if let reference, reference.lane == lane { return reference.reference }
    let made = oracle.softmax(
      of: UnsafeBufferPointer(start: logits, count: length), in: G.format)
    reference = (lane, made)
    return made
  }

  /// Judges one output by MPFR.
  private mutating func arbitrate(
    _ y: G, _ index: Int, _ logits: UnsafePointer<Double>, _ lane: UInt64,
    _ tally: inout ExhaustiveTally
  ) {
    tally.arbitrated += 1
    let reference = lookUp(logits, lane)
    let exact = reference.value(at: index)
    guard !exact.isUndecided else {
      tally.undecided += 1
      return
    }
    let error = UlpError(of: y, against: exact)
    if error.isCorrectlyRounded { tally.correctlyRounded += 1 }
    if error.isFaithful { tally.faithful += 1 }
    if judge != nil, tally.beyondTolerance == nil {
      let scale = 1.0.scaled(byPowerOfTwo: -Int(exact.quantumExponent))
      compare(
        y, index, logits, lane, isWithin: error.magnitudeUpperBound, scale: scale, &tally)
    }
    guard error.magnitudeUpperBound > (exact.isNormal ? largest : largestSubnormal) else { return }
    let quick =
      error.astronomical == nil
      ? CertifiedUlp.figure(lower: error.lower, upper: error.upper, isExact: error.isExact) : nil
    let figure =
      quick
      ?? CertifiedUlp.figure(
        of: y.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
        quantumExponent: Int(exact.quantumExponent), oracle: oracle)
    guard let figure else {
      tally.undecided += 1
      return
    }
    raise(figure, exact.isNormal, y, index, lane, &tally)
  }
}
