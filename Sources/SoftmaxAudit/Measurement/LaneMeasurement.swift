import FloatFormats
import SoftmaxOracle

/// What is promised about the outputs of one lane.
enum LanePromise {
  /// |output - p| is at most the bound, element by element.
  case bounded([Double])
  /// The lane is outside the domain of the declared bound: mismatches are declared, errors are not judged.
  case outsideDomain
  /// Nothing is declared, or the lane is special: mismatches count.
  case none
}

/// Measures lanes of outputs against references, into statistics.
///
/// One measurer serves one cell and one implementation after another; it keeps its buffers.
struct LaneMeasurement {
  private let figures: FigureCache
  private var sum = LaneSum()
  private var normalized: [Double] = []
  /// The elements of the lane that the oracle left open, each once.
  private var undecided: Set<Int> = []

  init(oracle: SoftmaxOracle) { figures = FigureCache(oracle: oracle) }

  /// Measures the outputs of one lane.
  ///
  /// - Parameters:
  ///   - outputs: The computed probabilities, one per logit of the reference.
  ///   - lane: The number of the lane in its cell, for witnesses.
  ///   - reference: The exact softmax of the lane in the format of the outputs.
  ///   - policy: What the implementation declares about special lanes.
  ///   - promise: The bound, if any.
  ///   - statistics: What the measurement is added to.
  mutating func measure<G: BinaryFloat>(
    _ outputs: [G], lane: Int, reference: LaneReference, policy: SpecialLanePolicy,
    promise: LanePromise, into statistics: inout AccuracyStatistics
  ) {
    statistics.lanes += 1
    statistics.elements += UInt64(outputs.count)
    statistics.oracleFallbacks += UInt64(reference.refinements)
    if let special = reference.special {
      measureSpecial(outputs, special, reference, policy, &statistics)
      return
    }
    var bounds: [Double] = []
    var isOutsideDomain = false
    switch promise {
    case .bounded(let values): bounds = values
    case .outsideDomain:
      isOutsideDomain = true
      statistics.outsideDomain += UInt64(outputs.count)
    case .none: break
    }

    var laneMismatches: UInt64 = 0
    var largestNorm = 0.0
    // max p is that of the first distinct logit.
    let topQuantum = reference.probabilities.first.map { Int($0.quantumExponent) } ?? 0
    sum.reset()
    normalized.removeAll(keepingCapacity: true)
    undecided.removeAll(keepingCapacity: true)
    defer { statistics.undecided += UInt64(undecided.count) }
    for (index, y) in outputs.enumerated() {
      let exact = reference.probability(at: index)
      let location = ElementLocation(lane: lane, index: index)
      guard y.isFinite, !y.isNegative || y.isZero, !exact.isZero || y.isZero else {
        laneMismatches += 1
        normalized.append(0)
        continue
      }
      // The sum of the outputs needs no exact value.
      sum.add(y)
      if exact.isUndecided {
        undecided.insert(index)
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
      let error = UlpError(of: y, against: exact)
      if error.isCorrectlyRounded { statistics.correctlyRounded += 1 }
      if error.isFaithful { statistics.faithful += 1 }
      let upperBound = error.magnitudeUpperBound
      let norm = upperBound.scaled(byPowerOfTwo: Int(exact.quantumExponent) - topQuantum)
      normalized.append(norm)
      largestNorm = max(largestNorm, norm)

      if exact.isNormal {
        statistics.addNormal(error)
        if statistics.maxUlp.canBeRaised(by: upperBound) {
          raise(&statistics.maxUlp, error, y, location, reference)
        }
      } else if statistics.maxUlpSubnormal.canBeRaised(by: upperBound) {
        raise(&statistics.maxUlpSubnormal, error, y, location, reference)
      }
      if !exact.isNormal, y.isZero {
        statistics.maxUlpFlushToZero.update(0, at: location)
      } else if statistics.maxUlpFlushToZero.canBeRaised(by: upperBound) {
        raise(&statistics.maxUlpFlushToZero, error, y, location, reference)
      }

      if !bounds.isEmpty {
        let isDecided = statistics.maxRatio.raise(
          toRatioOf: error, output: y, against: exact, bound: bounds[index], at: location,
          reference: reference, figures: figures)
        if !isDecided { undecided.insert(index) }
      }
    }
    guard laneMismatches == 0 else {
      statistics.mismatches += laneMismatches
      statistics.mismatchedLanes += 1
      if !isOutsideDomain { statistics.mismatchesInDomain += laneMismatches }
      return
    }
    guard !outputs.isEmpty else { return }
    measureNorm(outputs, lane, reference, topQuantum, largestNorm, &statistics)
    let location = ElementLocation(lane: lane, index: 0)
    if statistics.maxSumError.canBeRaised(by: sum.approximateDefect() * (1 + 0x1p-30)) {
      statistics.maxSumError.update(sum.certifiedDefect(), at: location)
    }
  }

  /// Raises a maximum to the certified figure of an error.
  private mutating func raise<G: BinaryFloat>(
    _ maximum: inout CertifiedMaximum, _ error: UlpError, _ output: G,
    _ location: ElementLocation, _ reference: LaneReference
  ) {
    if let figure = figures.figure(of: error, output: output, at: location, reference: reference) {
      maximum.update(figure, at: location)
    } else {
      undecided.insert(location.index)
    }
  }

  /// The largest |y - p| of a lane without mismatch, in ulps of its largest p.
  private mutating func measureNorm<G: BinaryFloat>(
    _ outputs: [G], _ lane: Int, _ reference: LaneReference, _ topQuantum: Int,
    _ largestNorm: Double, _ statistics: inout AccuracyStatistics
  ) {
    guard statistics.maxNormUlp.canBeRaised(by: largestNorm) else { return }
    for index in outputs.indices where statistics.maxNormUlp.canBeRaised(by: normalized[index]) {
      let exact = reference.probability(at: index)
      let location = ElementLocation(lane: lane, index: index)
      if exact.isZero || exact.isUndecided {
        statistics.maxNormUlp.update(0, at: location)
        continue
      }
      let figure = figures.figure(
        of: UlpError(of: outputs[index], against: exact), output: outputs[index], at: location,
        reference: reference)
      if let figure {
        // Rounding up to 30 bits commutes with powers of two; only figures at the very ends could under- or overflow.
        let scaled =
          figure < .infinity
          ? figure.scaled(byPowerOfTwo: Int(exact.quantumExponent) - topQuantum)
          : figures.figure(
            output: outputs[index], index: index, reference: reference, quantumExponent: topQuantum)
            ?? figure
        statistics.maxNormUlp.update(
          figure == 0 ? 0 : max(scaled, CertifiedUlp.least), at: location)
      } else {
        undecided.insert(index)
      }
    }
  }

  /// Measures a lane that has no softmax against what the policy expects there.
  private func measureSpecial<G: BinaryFloat>(
    _ outputs: [G], _ special: SpecialLane, _ reference: LaneReference, _ policy: SpecialLanePolicy,
    _ statistics: inout AccuracyStatistics
  ) {
    let expectation = policy.expectation(
      for: special, infinityCount: reference.logits.infinityCount)
    var agreed: UInt64 = 0
    switch expectation {
    case .nanSomewhere:
      agreed = outputs.contains { $0.isNaN } ? UInt64(outputs.count) : 0
    case .nanEverywhere:
      agreed = UInt64(outputs.count { $0.isNaN })
    case .zeros:
      agreed = UInt64(outputs.count { $0.isZero })
    case .uniform:
      let uniform = SoftmaxOracle.reciprocal(of: UInt64(outputs.count), in: G.format)
        .correctlyRounded(G.self)
      agreed = UInt64(outputs.count { $0 == uniform })
    case .oneHot:
      for (index, y) in outputs.enumerated() {
        let isInfinite = reference.logits.slots[index] == DistinctLogits.special
        if isInfinite ? y == .one : y.isZero { agreed += 1 }
      }
    }
    statistics.agreedSpecial += agreed
    let mismatches = UInt64(outputs.count) - agreed
    guard mismatches > 0 else { return }
    statistics.mismatches += mismatches
    statistics.mismatchedLanes += 1
    statistics.mismatchesInDomain += mismatches
  }
}
