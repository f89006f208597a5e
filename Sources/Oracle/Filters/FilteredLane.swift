import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The softmax of one lane as the filters see it, with the arbiter behind them.
///
/// Three tiers stand one behind the other, each evaluated when it is first asked for: binary64
/// (formats up to float32 only), double-double, MPFR. The first two give enclosures of every
/// probability at the speed of a softmax; their bounds are proven in ``FilterBounds``. What they
/// leave open goes to MPFR.
///
/// Belongs to one thread at a time, as its oracle does.
package final class FilteredLane {
  /// The logits.
  package let lane: EncodedLane
  /// The output format in which probabilities are located.
  package let format: FloatFormat
  /// The reason why the lane has no softmax, if it has none.
  package let special: SpecialLane?
  /// The number of times that a probability was asked of MPFR.
  package private(set) var arbitrations: UInt64 = 0

  private let oracle: SoftmaxOracle
  private let level: Int32
  private let survey: lane_survey
  /// Binary64: the shifted exponentials, nil until asked for and where given back, and their sum.
  private var singleTerms: ScratchBuffer?
  private var singleSum: lane_sum?
  private var pair: Pairs?

  /// Looks at a lane; evaluates nothing yet.
  package init(
    _ lane: consuming EncodedLane, in format: FloatFormat, oracle: SoftmaxOracle,
    level: KernelLevel = .best
  ) {
    let survey = lane.withUnsafeBytes {
      lane_look(Int32(level.rawValue), lane.format.kernelCode, $0.baseAddress, lane.count)
    }
    self.survey = survey
    special =
      if survey.has_nan {
        .holdsNaN
      } else if survey.maximum == .infinity {
        .holdsInfinity
      } else if survey.maximum == -.infinity, lane.count > 0 {
        .fullyMasked
      } else {
        nil
      }
    self.format = format
    self.level = Int32(level.rawValue)
    self.oracle = oracle
    self.lane = lane
  }

  deinit {
    giveBackSingles()
    if let pair {
      oracle.scratch.give(pair.high)
      oracle.scratch.give(pair.low)
    }
  }

  /// Whether binary64 can serve: both formats have at most 24 bits.
  package var hasSingles: Bool { lane.format != .float64 && format != .float64 }

  /// Whether all logits that are not -inf are equal, so that every probability is rational.
  package var isConstant: Bool {
    let counts = counts
    return counts.ties == counts.finite
  }

  package var operation: AuditedOperation { .softmax }

  /// The sorted lane, for MPFR.
  package private(set) lazy var inputs = OperationLane(.softmax, exactly: lane.values)

  /// The lane located by MPFR alone.
  package private(set) lazy var arbiter = oracle.softmax(of: inputs.logits, in: format)

  private lazy var reciprocal = SoftmaxOracle.reciprocal(of: counts.ties, in: format)

  private lazy var topQuantum: Int = {
    // Away from powers of two the sum in binary64 tells the binade.
    let largest = 1 / counts.high * (1 + 0x1p-40)
    if quantum(of: largest) == topQuantumFloor { return topQuantumFloor }
    guard let index = (0..<lane.count).first(where: { lane[$0] == survey.maximum }) else {
      return 0
    }
    return Int(value(at: index).quantumExponent)
  }()

  private var counts: lane_sum { hasSingles ? sumOfSingles() : pairs.sum }

  // MARK: Binary64

  /// The sum of the shifted exponentials in binary64, which it evaluates when it is first asked
  /// for.
  private func sumOfSingles() -> lane_sum { singleSum ?? evaluateSingles() }

  /// Evaluates the shifted exponentials in binary64.
  private func evaluateSingles() -> lane_sum {
    singleTerms = oracle.scratch.take(count: lane.count)
    let to = singleTerms?.start
    let (level, code, count) = (level, lane.format.kernelCode, lane.count)
    var survey = survey
    let sum = lane.withUnsafeBytes {
      lane_exponentials(level, code, $0.baseAddress, count, &survey, to)
    }
    singleSum = sum
    return sum
  }

  /// Calls a function with the probabilities in binary64 and their bound.
  ///
  /// - Parameter body: Must not give them back.
  package func withSingles(_ body: (UnsafePointer<lane_reference>) -> Void) {
    let sum = singleTerms == nil ? evaluateSingles() : sumOfSingles()
    let factor = 1 / sum.high
    // The lane keeps the buffer alive.
    var reference = lane_reference(
      high: singleTerms?.start, low: nil, factor: factor,
      // No difference that matters exceeds 200 in size.
      relative_error: FilterBounds.single(hasExactDifferences: !survey.has_tiny),
      cap: cap, vanishing: FilterBounds.singleVanishes, greatest: factor,
      precision: Int32(format.precision), least_exponent: Int32(format.minimumExponent),
      is_signed: false)
    body(&reference)
  }

  /// Gives the memory of the exponentials in binary64 to the next lane; they are evaluated again
  /// should they be asked for.
  ///
  /// Lanes that write to the same memory, one after the other, find it in the processor's cache.
  package func giveBackSingles() {
    if let terms = singleTerms.take() { oracle.scratch.give(terms) }
  }

  /// A power of two that the probability of the maxima does not reach: 1/k where k is one, and
  /// lower logits are there.
  private var cap: Double {
    let counts = counts
    let ties = counts.ties
    guard ties < counts.finite, ties.nonzeroBitCount == 1 else { return .infinity }
    return 1 / Double(ties)
  }

  // MARK: Double-double

  /// The probabilities in double-double, times 2^512.
  private struct Pairs {
    let high: ScratchBuffer
    let low: ScratchBuffer
    let sum: lane_sum
  }

  private var pairs: Pairs {
    if let pair { return pair }
    let count = lane.count
    let high = oracle.scratch.take(count: count)
    let low = oracle.scratch.take(count: count)
    var survey = survey
    let sum = lane.withUnsafeBytes {
      lane_exponential_pairs(
        level, lane.format.kernelCode, $0.baseAddress, count, &survey, high.start, low.start)
    }
    lane_divide_pairs(level, high.start, low.start, count, sum)
    let made = Pairs(high: high, low: low, sum: sum)
    pair = made
    return made
  }

  private static var scale: Int { Int(LANE_PAIR_SCALE) }

  private var pairError: Double {
    FilterBounds.pair(count: lane.count, spread: survey.maximum - survey.minimum)
  }

  /// Calls a function with the probabilities in double-double and their bound.
  package func withPairs(_ body: (UnsafePointer<lane_reference>) -> Void) {
    let pairs = pairs
    var reference = lane_reference(
      high: pairs.high.start, low: pairs.low.start, factor: 1, relative_error: pairError,
      cap: cap.scaled(byPowerOfTwo: Self.scale), vanishing: FilterBounds.pairVanishes,
      greatest: (1 / pairs.sum.high).scaled(byPowerOfTwo: Self.scale),
      precision: Int32(format.precision), least_exponent: Int32(format.minimumExponent),
      is_signed: false)
    withExtendedLifetime(pairs) { body(&reference) }
  }

  /// The probability as double-double locates it; nil where it leaves the rounding or the binade
  /// open.
  private func locatedByPair(_ index: Int) -> ExactValue? {
    // p < 2^(quantum - 64) leaves nothing to evaluate, and below the kernel's floor it has not been
    // evaluated.
    let distance = survey.maximum - lane[index]
    if distance > ExactValue.vanishingDistance(in: format) {
      return .vanishing(distance: distance, in: format)
    }
    let pairs = pairs
    // Both parts have room: the low one reaches 2^-106 below the high one or is cut by less than
    // the bound's slack.
    var value = BigFloat(precision: 128)
    value.setSum(
      BigFloat(pairs.high.start[index]), BigFloat(pairs.low.start[index]), .toNearestOrEven)
    value.formProduct(withPowerOfTwo: -Self.scale)
    let isMaximum = lane[index] == survey.maximum
    let ties = pairs.sum.ties
    return SoftmaxOracle.locate(
      value, relativeError: pairError * 0x1p128,
      strictlyBelowPowerOfTwo: isMaximum && ties.nonzeroBitCount == 1
        ? -ties.trailingZeroBitCount : nil,
      in: format)
  }
}

extension FilteredLane: ExactLane {
  package var count: Int { lane.count }

  package func slot(at index: Int) -> Int { Int(inputs.logits.slots[index]) }

  package func value(at index: Int) -> ExactValue {
    if lane[index] == -.infinity { return .zero }
    if isConstant { return reciprocal }
    if let located = locatedByPair(index) { return located }
    arbitrations += 1
    return arbiter.value(at: index)
  }

  package var topQuantumExponent: Int { topQuantum }
}

extension FilteredLane: FilteredValues {
  package var tiers: [FilterTier] { hasSingles ? [.single, .pair] : [.pair] }
  package var isFiltered: Bool { special == nil && count > 0 && !isConstant }
  package var probabilities: FilteredLane? { self }

  package func withComparison(
    _ tier: FilterTier, _ outputs: EncodedLane, _ body: (LaneComparison) -> Void
  ) {
    outputs.withUnsafeBytes { bytes in
      func compare(_ reference: UnsafePointer<lane_reference>) {
        body(LaneComparison(reference: reference, outputs: bytes.baseAddress, scaled: nil))
      }
      switch tier {
      case .single: withSingles(compare)
      case .pair: withPairs(compare)
      }
    }
  }

  package func giveBack() { giveBackSingles() }
}

// MARK: - Quick bounds

extension FilteredLane {
  /// The least exponent that the ulp of the largest probability can have: the exact one, or one
  /// less.
  package var topQuantumFloor: Int {
    quantum(of: 1 / counts.high * (1 - 0x1p-40))
  }

  /// The sum of the probabilities of all logits below the largest, good to 2^-40 of the whole, for
  /// a lane that is not special nor empty.
  package var massBelowMaximum: Double {
    let counts = counts
    return 1 - Double(counts.ties) / counts.high
  }

  private func quantum(of value: Double) -> Int {
    max(Int(value.exponent), format.minimumExponent) - (format.precision - 1)
  }
}

// MARK: - Looking at the filters

extension FilteredLane {
  /// A probability as a filter gives it: high + low, within a relative error of the exact one.
  ///
  /// Where it vanishes it is only an upper bound.
  package struct Estimate {
    package var high: Double
    package var low: Double
    package var relativeError: Double
    package var isVanishing: Bool
  }

  /// The largest logit of a lane that is not special.
  package var maximum: Double { survey.maximum }

  /// The estimate in binary64 of a lane that is not special, for formats up to float32.
  package func single(at index: Int) -> Estimate {
    var estimate = Estimate(high: 0, low: 0, relativeError: 0, isVanishing: false)
    withSingles { reference in
      let value = reference.pointee.high[index] * reference.pointee.factor
      estimate = Estimate(
        high: value, low: 0, relativeError: reference.pointee.relative_error,
        isVanishing: value < reference.pointee.vanishing)
    }
    return estimate
  }

  /// The estimate in double-double of a lane that is not special, times 2^512.
  package func pair(at index: Int) -> Estimate {
    var estimate = Estimate(high: 0, low: 0, relativeError: 0, isVanishing: false)
    withPairs { reference in
      estimate = Estimate(
        high: reference.pointee.high[index], low: reference.pointee.low[index],
        relativeError: reference.pointee.relative_error,
        isVanishing: reference.pointee.high[index] < reference.pointee.vanishing)
    }
    return estimate
  }
}
