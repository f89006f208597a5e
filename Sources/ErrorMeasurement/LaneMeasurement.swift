import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// Measures lanes of outputs against references, into statistics.
///
/// One measurer serves one cell and one implementation after another; it keeps its buffers.
package struct LaneMeasurement {
  private let figures: FigureCache
  private var sum = LaneSum()
  private var normalized: [Double] = []
  /// The elements that the oracle left open, each once.
  private var undecided: Set<ElementLocation> = []

  package init(oracle: SoftmaxOracle) { figures = FigureCache(oracle: oracle) }

  /// Measures the outputs of one lane.
  ///
  /// - Parameters:
  ///   - outputs: The computed probabilities, one per logit of the reference.
  ///   - lane: The number of the lane in its cell, for witnesses.
  ///   - reference: The exact softmax of the lane in the format of the outputs.
  ///   - policy: What the implementation declares about special lanes.
  ///   - promise: The bound, if any.
  ///   - statistics: What the measurement is added to.
  package mutating func measure<G: BinaryFloat>(
    _ outputs: [G], lane: Int, reference: some ExactLane, policy: SpecialLanePolicy,
    promise: LanePromise, into statistics: inout AccuracyStatistics
  ) {
    statistics.lanes += 1
    statistics.elements += UInt64(outputs.count)
    if let special = reference.special {
      measureSpecial(outputs, special, reference, policy, &statistics)
      return
    }
    if promise.lacksBound { statistics.outsideDomain += UInt64(outputs.count) }

    var isMismatched = false
    var largestNorm = 0.0
    let topQuantum = outputs.isEmpty ? 0 : reference.topQuantumExponent
    sum.reset()
    normalized.removeAll(keepingCapacity: true)
    defer { settleUndecided(into: &statistics) }
    for (index, y) in outputs.enumerated() {
      let exact = reference.probability(at: index)
      let location = ElementLocation(lane: lane, index: index)
      guard y.isFinite, !y.isNegative || y.isZero, !exact.isZero || y.isZero else {
        isMismatched = true
        normalized.append(0)
        continue
      }
      // The sum of the outputs needs no exact value.
      sum.add(y)
      if exact.isUndecided {
        undecided.insert(location)
        normalized.append(0)
        continue
      }
      statistics.finitePairs += 1
      if y.isZero, y.isNegative { statistics.negativeZeros += 1 }
      if exact.isZero {
        statistics.correctlyRounded += 1
        statistics.faithful += 1
        normalized.append(0)
        continue
      }
      if y.isZero { statistics.zeros += 1 }
      let error = UlpError(of: y, against: exact)
      let norm = error.magnitudeUpperBound
        .scaled(byPowerOfTwo: Int(exact.quantumExponent) - topQuantum)
      normalized.append(norm)
      largestNorm = max(largestNorm, norm)
      add(
        error, of: y, against: exact, limit: promise.limit(at: index, isZero: y.isZero),
        at: location, reference: reference, into: &statistics)
    }
    guard !isMismatched else {
      let slots = reference.logits.slots
      let kinds = MismatchKinds(outputs, in: reference.format) {
        slots[$0] == DistinctLogits.masked
      }
      statistics.addMismatches(kinds, promise)
      return
    }
    guard !outputs.isEmpty else { return }
    measureNorm(outputs, lane, reference, topQuantum, largestNorm, &statistics)
    let location = ElementLocation(lane: lane, index: 0)
    if statistics.maxSumError.canBeRaised(by: sum.approximateDefect() * (1 + 0x1p-30), at: location)
    {
      statistics.maxSumError.update(sum.certifiedDefect(), at: location)
    }
  }

  /// Adds the error of one finite output against a positive p to the statistics and to the maxima.
  mutating func add<G: BinaryFloat>(
    _ error: UlpError, of y: G, against exact: ExactProbability, limit: ErrorLimit?,
    at location: ElementLocation, reference: some ExactLane,
    into statistics: inout AccuracyStatistics
  ) {
    if error.isCorrectlyRounded { statistics.correctlyRounded += 1 }
    if error.isFaithful { statistics.faithful += 1 }
    if exact.isNormal { statistics.addNormal(error) }
    raiseMaxima(
      to: error, of: y, against: exact, at: location, reference: reference, into: &statistics)
    guard let limit else { return }
    raiseRatio(
      to: error, of: y, against: exact, limit: limit, at: location, reference: reference,
      into: &statistics)
  }

  /// Raises the maxima of errors that one element counts for.
  mutating func raiseMaxima<G: BinaryFloat>(
    to error: UlpError, of y: G, against exact: ExactProbability,
    at location: ElementLocation, reference: some ExactLane,
    into statistics: inout AccuracyStatistics
  ) {
    if exact.isNormal {
      raise(&statistics.maxUlp, error, y, location, reference)
    } else {
      raise(&statistics.maxUlpSubnormal, error, y, location, reference)
    }
    if !exact.isNormal, y.isZero {
      statistics.maxUlpFlushToZero.update(0, at: location)
    } else {
      raise(&statistics.maxUlpFlushToZero, error, y, location, reference)
    }
  }

  /// Raises the largest part of a bound to that of one element.
  mutating func raiseRatio<G: BinaryFloat>(
    to error: UlpError, of y: G, against exact: ExactProbability, limit: ErrorLimit,
    at location: ElementLocation, reference: some ExactLane,
    into statistics: inout AccuracyStatistics
  ) {
    let isDecided = statistics.ratios[isNormal: exact.isNormal].raise(
      toRatioOf: error, output: y, against: exact, limit: limit, at: location,
      reference: reference, figures: figures)
    if !isDecided { undecided.insert(location) }
  }

  /// Raises a maximum to the certified figure of an error, where that can be larger.
  private mutating func raise<G: BinaryFloat>(
    _ maximum: inout CertifiedMaximum, _ error: UlpError, _ output: G,
    _ location: ElementLocation, _ reference: some ExactLane
  ) {
    guard maximum.canBeRaised(by: error.magnitudeUpperBound, at: location) else { return }
    if let figure = figures.figure(of: error, output: output, at: location, reference: reference) {
      maximum.update(figure, at: location)
    } else {
      undecided.insert(location)
    }
  }

  /// The largest |y - p| of a lane without mismatch, in ulps of its largest p.
  private mutating func measureNorm<G: BinaryFloat>(
    _ outputs: [G], _ lane: Int, _ reference: some ExactLane, _ topQuantum: Int,
    _ largestNorm: Double, _ statistics: inout AccuracyStatistics
  ) {
    let first = ElementLocation(lane: lane, index: 0)
    guard statistics.maxNormUlp.canBeRaised(by: largestNorm, at: first) else { return }
    for index in outputs.indices {
      let location = ElementLocation(lane: lane, index: index)
      guard statistics.maxNormUlp.canBeRaised(by: normalized[index], at: location) else { continue }
      raiseNorm(outputs[index], location, reference, topQuantum, &statistics)
    }
  }

  /// Raises the largest |y - p| / ulp(max p) to that of one element of a lane without mismatch.
  mutating func raiseNorm<G: BinaryFloat>(
    _ output: G, _ location: ElementLocation, _ reference: some ExactLane, _ topQuantum: Int,
    _ statistics: inout AccuracyStatistics
  ) {
    let exact = reference.probability(at: location.index)
    if exact.isZero || exact.isUndecided {
      statistics.maxNormUlp.update(0, at: location)
      return
    }
    let figure = figures.figure(
      of: UlpError(of: output, against: exact), output: output, at: location, reference: reference)
    guard let figure else {
      undecided.insert(location)
      return
    }
    // Rounding up to 30 bits commutes with powers of two; only figures at the very ends could under- or overflow.
    let scaled =
      figure < .infinity
      ? figure.scaled(byPowerOfTwo: Int(exact.quantumExponent) - topQuantum)
      : figures.figure(
        output: output, index: location.index, reference: reference, quantumExponent: topQuantum)
        ?? figure
    statistics.maxNormUlp.update(figure == 0 ? 0 : max(scaled, CertifiedUlp.least), at: location)
  }

  /// Adds the elements that the oracle left open since the last call.
  mutating func settleUndecided(into statistics: inout AccuracyStatistics) {
    statistics.undecided += UInt64(undecided.count)
    undecided.removeAll(keepingCapacity: true)
  }

  /// Measures a lane that has no softmax against what the policy expects there.
  private func measureSpecial<G: BinaryFloat>(
    _ outputs: [G], _ special: SpecialLane, _ reference: some ExactLane,
    _ policy: SpecialLanePolicy,
    _ statistics: inout AccuracyStatistics
  ) {
    let agreed = agreedOutputs(outputs, special, reference, policy)
    statistics.agreedSpecial += agreed
    var kinds = MismatchKinds()
    kinds.special = UInt64(outputs.count) - agreed
    guard kinds.special > 0 else { return }
    let expectation = policy.expectation(
      for: special, infinityCount: reference.logits.infinityCount)
    if expectation != .nanSomewhere, expectation != .nanEverywhere {
      // A NaN is a mismatch there, the pattern of an output that nobody has written among them.
      kinds.unwritten = UInt64(
        outputs.count { MismatchKinds.isUnwritten($0, in: reference.format) })
      kinds.special -= kinds.unwritten
    }
    statistics.addMismatches(kinds, .none)
  }

  /// How many outputs of a lane that has no softmax are what the policy expects.
  private func agreedOutputs<G: BinaryFloat>(
    _ outputs: [G], _ special: SpecialLane, _ reference: some ExactLane,
    _ policy: SpecialLanePolicy
  ) -> UInt64 {
    let logits = reference.logits
    switch policy.expectation(for: special, infinityCount: logits.infinityCount) {
    case .nanSomewhere:
      // One NaN does not excuse rubbish beside it.
      guard outputs.contains(where: { $0.isNaN }) else { return 0 }
      return UInt64(outputs.count { $0.isNaN || $0 >= .zero && $0 <= .one })
    case .nanEverywhere:
      return UInt64(outputs.count { $0.isNaN })
    case .zeros:
      return UInt64(outputs.count { $0.isZero })
    case .uniform:
      let uniform = SoftmaxOracle.reciprocal(of: UInt64(outputs.count), in: reference.format)
        .correctlyRounded(G.self)
      return UInt64(outputs.count { $0 == uniform })
    case .oneHot:
      return UInt64(
        outputs.indices.count { index in
          let isInfinite = logits.slots[index] == DistinctLogits.special
          return isInfinite ? outputs[index] == .one : outputs[index].isZero
        })
    case .withoutNaNs:
      if logits.infinityCount > 0 {
        return agreedOutputs(outputs, .holdsInfinity, reference, policy)
      }
      if logits.finiteCount == 0 {
        return agreedOutputs(outputs, .fullyMasked, reference, policy)
      }
      return agreedWithoutNaNs(outputs, reference)
    }
  }

  /// How many outputs are what they would be with -inf in the place of each NaN.
  ///
  /// Errors are those that any sound softmax may have. The lane has finite logits, and no infinite ones.
  private func agreedWithoutNaNs<G: BinaryFloat>(
    _ outputs: [G], _ reference: some ExactLane
  ) -> UInt64 {
    let logits = reference.logits
    let lane = logits.slots.map { $0 >= 0 ? logits.values[Int($0)] : -Double.infinity }
    let exact = SoftmaxOracle().softmax(of: lane, in: reference.format)
    guard let profile = LaneProfile(exactly: lane),
      let tolerance = DefaultTolerance(output: reference.format, underflow: .gradual)
        .tolerance(of: profile)
    else { return 0 }
    return UInt64(
      outputs.indices.count { index in
        let p = exact.probability(at: index)
        let y = outputs[index].exactDouble
        return y >= 0 && (p.isZero ? y == 0 : abs(y - p.approximate) <= tolerance.bounds[index])
      })
  }
}
