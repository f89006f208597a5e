import AuditRecords
import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

extension AccuracyRow.Witness {
  /// The witness of a quantised output.
  ///
  /// - Parameters:
  ///   - lane: The logits, or their integers less the zero point, which the scale of the inputs
  ///     multiplies.
  ///   - logits: The quantisation of the logits; `nil` where they have none.
  ///   - difference: The output less the zero point.
  ///   - place: Its place, of a lane that has a value.
  package init<F: BinaryFloat>(
    _ lane: [F], _ logits: Quantization?, difference: Int, _ quantization: Quantization,
    exact: OperationLane, at place: ElementLocation, bound: Double?, oracle: SoftmaxOracle
  ) {
    let most = Self.shownLogits
    let slot = Int(exact.slots[place.index])
    let approximate = oracle.reference(of: exact, in: .float64).approximate(ofSlot: slot)
    let steps = ExactSteps(
      slot: slot, of: exact, quantization, approximate: approximate, oracle: oracle)
    let zeroPoint = quantization.zeroPoint
    let error = steps.map { steps in
      let magnitude = Double(steps.distance(from: difference)) * 0x1p-32
      return steps.exceeds(difference) ? -magnitude : magnitude
    }
    let isNothing =
      exact.operation == .softmax && (approximate.map { $0 < 0x1p-900 } ?? false)
    let masked = exact.operation == .softmax ? "0" : "-inf"
    self.init(
      logits: lane.prefix(most).map(\.hexText), elided: max(0, lane.count - most),
      sample: place.lane, index: place.index,
      computed: (quantization.scale * Double(difference)).hexText,
      exact: slot < 0
        ? masked
        : isNothing
          ? "undecided"
          : oracle.decimalText(slot: slot, of: exact, digits: 40) ?? "undecided",
      ulp: Figure(error ?? .nan), bound: bound.map { Figure($0) },
      accompanying: WitnessInputs(exact, channel: place.index, upTo: most))
    self.steps = StepWitness(
      logits: logits.map { logits in
        lane.prefix(most).map { Int($0.exactDouble) + logits.zeroPoint }
      },
      computed: difference + zeroPoint,
      exact: isNothing
        ? "\(zeroPoint)" : Self.text(ofSteps: slot, of: exact, quantization, oracle: oracle),
      rounded: (steps?.nearest(zeroPoint: zeroPoint) ?? 0) + zeroPoint)
  }

  /// v / scale + zero point to ten digits or so.
  private static func text(
    ofSteps slot: Int, of lane: OperationLane, _ quantization: Quantization, oracle: SoftmaxOracle
  ) -> String {
    guard slot >= 0 else {
      return lane.operation == .softmax ? "\(quantization.zeroPoint)" : "-inf"
    }
    guard let value = oracle.enclosure(slot: slot, of: lane, relativeBits: 64) else {
      return "undecided"
    }
    var steps = BigFloat(precision: 128)
    steps.setQuotient(value.upper, BigFloat(quantization.scale), .toNearestOrEven)
    steps.formSum(BigFloat(Double(quantization.zeroPoint)), .toNearestOrEven)
    let text = steps.decimalText(digits: 10)
    return Double(text).map { "\($0)" } ?? text
  }
}
