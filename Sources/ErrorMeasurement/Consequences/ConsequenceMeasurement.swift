import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle

/// The operations whose errors have consequences that are measured.
package enum ConsequenceKinds {
  /// Whether the outputs of an operation are a distribution, or the logarithms of one.
  package static func include(_ operation: AuditedOperation) -> Bool {
    operation == .softmax || operation == .logSoftmax
  }
}

/// Measures what the errors of outputs cost, on a set of lanes of softmax or log-softmax, and the
/// scaled errors of the former.
///
/// Filters know nothing of these figures: they would lose a sixth of their speed.
package struct ConsequenceMeasurement<Lane: ExactLane> {
  private let references: LazyLanes<Lane>
  private let oracle: SoftmaxOracle
  /// Of log-softmax the probabilities.
  private let probabilities: [(any ExactLane)?]

  /// - Parameter references: The exact lanes of one of these operations, in the format of the
  ///   outputs.
  package init(_ references: LazyLanes<Lane>, oracle: SoftmaxOracle) {
    self.references = references
    self.oracle = oracle
    probabilities = references.map { reference in
      guard reference.operation == .logSoftmax, reference.special == nil else { return nil }
      if let modified = reference.inputs.modified {
        return oracle.reference(of: OperationLane(.softmax, modified), in: .float64)
      }
      let logits = reference.logits
      let lane = logits.slots.map {
        $0 == DistinctLogits.masked ? -Double.infinity : logits.values[Int($0)]
      }
      return FilteredLane(EncodedLane(lane), in: .float64, oracle: oracle)
    }
  }

  /// Measures all outputs.
  ///
  /// - Parameters:
  ///   - outputs: Those of each lane.
  ///   - statistics: What the figures are added to.
  package func measure(_ outputs: EncodedLanes, into statistics: inout AccuracyStatistics) {
    var measurement = LaneMeasurement(oracle: oracle)
    for (number, lane) in outputs.enumerated() {
      let reference = references[number]
      guard reference.special == nil, reference.count > 0 else { continue }
      if reference.operation == .softmax {
        measurement.measureScaled(
          lane.values, lane: number, reference, into: &statistics)
      }
      if let distribution = distribution(lane, reference, probabilities[number]) {
        measure(distribution, lane, reference, into: &statistics)
      }
    }
  }

  /// The lane as a distribution; `nil` where an output has no error.
  ///
  /// A log-probability of -inf stands for 0.
  private func distribution(
    _ lane: EncodedLane, _ reference: Lane, _ probabilities: (any ExactLane)?
  ) -> LaneDistribution? {
    let output = reference.operation.output
    var elements: [DistributionElement] = []
    elements.reserveCapacity(lane.count)
    for (index, y) in lane.values.enumerated() {
      let exact = reference.value(at: index)
      let isZero = probabilities != nil && y == -.infinity
      guard !exact.isUndecided,
        isZero || OutputClass(y, against: exact, of: output, in: reference.format) == .measured
      else { return nil }
      if let probabilities {
        let probability = probabilities.value(at: index)
        guard !probability.isUndecided else { return nil }
        elements.append(
          DistributionElement(logarithm: y, of: exact, probability: probability))
      } else {
        elements.append(DistributionElement(probability: y, of: exact))
      }
    }
    return LaneDistribution(
      elements: elements, slots: elements.indices.map(reference.slot),
      lane: reference.inputs, scale: probabilities == nil ? .probabilities : .logarithms)
  }

  private func measure(
    _ lane: LaneDistribution, _ outputs: EncodedLane, _ reference: Lane,
    into statistics: inout AccuracyStatistics
  ) {
    statistics.measured.consequences.lanes += 1
    if lane.hasFlippedMaximum { statistics.measured.consequences.flips += 1 }
    measureDivergence(lane, reference.format, &statistics)
    measureBand(lane, &statistics)
    measureVariation(lane, &statistics) {
      lane.scale == .logarithms
        ? lane.variation($0, oracle)
        : CertifiedVariation.figure(of: outputs.values, reference: reference, oracle: oracle)
    }
  }

  private func measureDivergence(
    _ lane: LaneDistribution, _ format: FloatFormat, _ statistics: inout AccuracyStatistics
  ) {
    guard !lane.hasZero else {
      statistics.measured.consequences.infinite += 1
      if lane.hasLost(in: format) { statistics.measured.consequences.lost += 1 }
      return
    }
    let bounds = lane.divergenceBounds()
    guard statistics.measured.consequences.canBeRaised(by: bounds.upper) else { return }
    if let figure = lane.divergence(bounds, oracle) {
      statistics.measured.consequences.raise(to: figure)
    } else {
      statistics.undecided += 1
    }
  }

  private func measureBand(_ lane: LaneDistribution, _ statistics: inout AccuracyStatistics) {
    for (index, element) in lane.elements.enumerated()
    where ProbabilityBand.isLikely(element.probability) {
      statistics.measured.consequences.likely += 1
      func isOutside(_ element: DistributionElement) -> Bool {
        guard
          let answer = ProbabilityBand.isOutside(
            element, slot: lane.slots[index], lane: lane.lane, oracle: oracle)
        else {
          statistics.undecided += 1
          return false
        }
        return answer
      }
      if isOutside(element) { statistics.measured.consequences.outside += 1 }
      if isOutside(element.rounded) { statistics.measured.consequences.outsideRounded += 1 }
    }
  }

  private func measureVariation(
    _ lane: LaneDistribution, _ statistics: inout AccuracyStatistics,
    arbitrate: (VariationBounds) -> Double?
  ) {
    let bounds = lane.variationBounds()
    let isAsked = statistics.measured.variation.canBeRaised(by: bounds.upper)
    let figure = isAsked || !bounds.isTight ? bounds.figure ?? arbitrate(bounds) : nil
    guard bounds.isTight || figure != nil else {
      statistics.undecided += 1
      return
    }
    statistics.measured.variation.add(bounds.isTight ? bounds.middle : figure ?? 0)
    if let figure {
      statistics.measured.variation.raise(to: figure)
    } else if isAsked {
      statistics.undecided += 1
    }
  }
}

extension LaneDistribution {
  /// Whether no position of the largest output holds the largest logit, as it is modified; never
  /// where every element is hidden.
  var hasFlippedMaximum: Bool {
    guard slots.contains(where: { $0 >= 0 }) else { return false }
    let largest = elements.reduce(-Double.infinity) { max($0, $1.y) }
    let slots = slotsOfLargest
    return !elements.indices.contains {
      elements[$0].y == largest && slots.contains(self.slots[$0])
    }
  }

  /// The slots of the largest modified logit.
  ///
  /// Soft caps leave some closer than binary64 tells, in any order: those count as equal whose
  /// probabilities agree to 40 bits.
  private var slotsOfLargest: Set<Int> {
    guard lane.modified?.modifiers.softcap != nil else { return [0] }
    let largest = elements.reduce(0) { max($0, $1.probability.approximate) }
    return Set(
      elements.indices.filter {
        slots[$0] >= 0 && elements[$0].probability.approximate >= largest * (1 - 0x1p-40)
      }.map { slots[$0] })
  }
}
