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
  ///   - outputs: The computed outputs, one per exact value of the reference.
  ///   - lane: The number of the lane in its cell, for witnesses.
  ///   - reference: The exact values of the lane in the format of the outputs.
  ///   - policy: What the implementation declares about special lanes.
  ///   - promise: The bound, if any.
  ///   - statistics: What the measurement is added to.
  // The constant lanes of a filter come here, a million elements a cell.
  @_specialize(where G == Double, Lane == FilteredLane)
  package mutating func measure<G: BinaryFloat, Lane: ExactLane>(
    _ outputs: [G], lane: Int, reference: Lane, policy: SpecialLanePolicy,
    promise: LanePromise, into statistics: inout AccuracyStatistics
  ) {
    statistics.lanes += 1
    statistics.elements += UInt64(outputs.count)
    if let special = reference.special {
      measureSpecial(outputs, special, reference, policy, &statistics)
      return
    }
    if promise.lacksBound { statistics.outsideDomain += UInt64(outputs.count) }

    let kind = reference.operation.output
    var isMismatched = false
    var largestNorm = 0.0
    let topQuantum = outputs.isEmpty ? 0 : reference.topQuantumExponent
    sum.reset()
    normalized.removeAll(keepingCapacity: true)
    defer { settleUndecided(into: &statistics) }
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      let location = ElementLocation(lane: lane, index: index)
      switch OutputClass(y, against: exact, of: kind, in: reference.format) {
      case .measured: break
      case .mismatch:
        isMismatched = true
        normalized.append(0)
        continue
      case .rightInfinity:
        statistics.agreedSpecial += 1
        continue
      }
      // The sum of the outputs needs no exact value.
      if kind.isDistribution { sum.add(y) }
      if exact.isUndecided {
        undecided.insert(location)
        normalized.append(0)
        continue
      }
      statistics.finitePairs += 1
      if y.isZero, y.isNegative { statistics.negativeZeros += 1 }
      let limit = promise.limit(at: index, isZero: y.isZero)
      if exact.isZero {
        normalized.append(0)
        if y.isZero {
          statistics.correctlyRounded += 1
          statistics.faithful += 1
          if !kind.isDistribution {
            statistics.measured.scaled.raise(to: 0, isNormal: false, at: location)
          }
        } else {
          let error = UlpError(of: y, against: exact)
          addScaled(
            error, of: y, against: exact, at: location, reference: reference, into: &statistics)
          guard let limit else { continue }
          raiseRatio(
            to: error, of: y, against: exact, limit: limit, at: location, reference: reference,
            into: &statistics)
        }
        continue
      }
      if y.isZero { statistics.zeros += 1 }
      let error = UlpError(of: y, against: exact)
      let norm = error.magnitudeUpperBound
        .scaled(byPowerOfTwo: Int(exact.quantumExponent) - topQuantum)
      normalized.append(norm)
      largestNorm = max(largestNorm, norm)
      add(
        error, of: y, against: exact, limit: limit, at: location, reference: reference,
        into: &statistics)
    }
    guard !isMismatched else {
      statistics.addMismatches(MismatchKinds(outputs, of: reference), promise)
      return
    }
    // Sums and the unit of the largest value are figures of distributions.
    guard !outputs.isEmpty, kind.isDistribution else { return }
    measureNorm(outputs, lane, reference, topQuantum, largestNorm, &statistics)
    let location = ElementLocation(lane: lane, index: 0)
    if statistics.maxSumError.canBeRaised(by: sum.approximateDefect() * (1 + 0x1p-30), at: location)
    {
      statistics.maxSumError.update(sum.certifiedDefect(), at: location)
    }
  }

  /// Adds the error of one finite output against a value other than 0 to the statistics and to the
  /// maxima.
  ///
  /// - Parameter isScaledCounted: Whether the mean of scaled errors has that of the output already.
  mutating func add<G: BinaryFloat>(
    _ error: UlpError, of y: G, against exact: ExactValue, limit: ErrorLimit?,
    at location: ElementLocation, reference: some ExactLane, isScaledCounted: Bool = false,
    into statistics: inout AccuracyStatistics
  ) {
    if error.isCorrectlyRounded { statistics.correctlyRounded += 1 }
    if error.isFaithful { statistics.faithful += 1 }
    if exact.isNormal { statistics.addNormal(error) }
    raiseMaxima(
      to: error, of: y, against: exact, at: location, reference: reference, into: &statistics)
    // Of probabilities, which filters measure, on request alone: see ``ConsequenceMeasurement``.
    if !reference.operation.output.isDistribution {
      addScaled(
        error, of: y, against: exact, at: location, reference: reference,
        isCounted: isScaledCounted, into: &statistics)
    }
    guard let limit else { return }
    raiseRatio(
      to: error, of: y, against: exact, limit: limit, at: location, reference: reference,
      into: &statistics)
  }

  /// Raises the maxima of errors that one element counts for.
  mutating func raiseMaxima<G: BinaryFloat>(
    to error: UlpError, of y: G, against exact: ExactValue,
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

  /// Measures the scaled errors of a lane of probabilities that is not special.
  package mutating func measureScaled<G: BinaryFloat>(
    _ outputs: [G], lane: Int, _ reference: some ExactLane,
    into statistics: inout AccuracyStatistics
  ) {
    let (output, format) = (reference.operation.output, reference.format)
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      let location = ElementLocation(lane: lane, index: index)
      guard
        OutputClass(y, against: exact, of: output, in: format) == .measured, !exact.isUndecided
      else { continue }
      if exact.isZero {
        statistics.measured.scaled.raise(to: 0, isNormal: false, at: location)
      } else {
        addScaled(
          UlpError(of: y, against: exact), of: y, against: exact, at: location,
          reference: reference, into: &statistics)
      }
    }
    settleUndecided(into: &statistics)
  }

  /// Takes the scaled error of one element into the mean, unless it is counted there already, and
  /// into the maxima.
  mutating func addScaled<G: BinaryFloat>(
    _ error: UlpError, of y: G, against exact: ExactValue, at location: ElementLocation,
    reference: some ExactLane, isCounted: Bool = false,
    into statistics: inout AccuracyStatistics
  ) {
    guard let scale = figures.scale(of: exact, at: location.index, in: reference) else {
      undecided.insert(location)
      return
    }
    if !isCounted { statistics.measured.scaled.add(error, by: scale) }
    raiseScaled(
      to: error, of: y, by: scale, isNormal: exact.isNormal, at: location, reference: reference,
      into: &statistics)
  }

  /// Raises the largest scaled errors to that of one element.
  private mutating func raiseScaled<G: BinaryFloat>(
    to error: UlpError, of y: G, by scale: ErrorScale, isNormal: Bool,
    at location: ElementLocation, reference: some ExactLane,
    into statistics: inout AccuracyStatistics
  ) {
    guard
      statistics.measured.scaled.canBeRaised(
        by: scale.upperBound(of: error), isNormal: isNormal, at: location)
    else { return }
    if let figure = figures.scaledFigure(
      of: error, output: y, at: location, by: scale, reference: reference)
    {
      statistics.measured.scaled.raise(to: figure, isNormal: isNormal, at: location)
    } else {
      undecided.insert(location)
    }
  }

  /// Raises the largest part of a bound to that of one element.
  mutating func raiseRatio<G: BinaryFloat>(
    to error: UlpError, of y: G, against exact: ExactValue, limit: ErrorLimit,
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
    let exact = reference.value(at: location.index)
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
    // Rounding up to 30 bits commutes with powers of two; only figures at the very ends could
    // under- or overflow.
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
    let agreed = SpecialAgreement(of: reference, by: policy).count(outputs, special)
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
}
