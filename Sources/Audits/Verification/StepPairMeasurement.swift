import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The measurement of saved outputs that are quantised, for a known format of the first input.
///
/// Belongs to one thread at a time.
final class StepPairMeasurement<F: BinaryFloat>: VerifiedMeasuring {
  private(set) var statistics = AccuracyStatistics()
  private let pair: Verification.Pair
  private let quantization: Quantization
  private let settings: MeasurementSettings
  private let oracle = SoftmaxOracle()
  private let measurement: StepMeasurement

  init(_ pair: Verification.Pair, _ quantization: Quantization, settings: MeasurementSettings) {
    self.pair = pair
    self.quantization = quantization
    self.settings = settings
    measurement = StepMeasurement(quantization, oracle: oracle)
  }

  func measure(part: Int) throws {
    for number in pair.lanes(ofPart: part) {
      measurement.measure(
        differences(number), lane: number, exact: pair.inputs.outputLane(number, as: F.self),
        policy: settings.specialLanes ?? .nanSomewhere, into: &statistics)
    }
  }

  /// The outputs of a lane less the zero point.
  private func differences(_ number: Int) -> [Int] {
    pair.outputs.exactLane(number, of: pair.outputGeometry).map { Int($0) }
  }

  func row(of implementation: String, _ statistics: AccuracyStatistics) throws -> AccuracyRow {
    let worst = statistics.largestStep.map { witness(at: $0.location) }
    var row = try AccuracyRow(
      implementation: implementation, operation: pair.inputs.operation, inputFormat: F.format,
      outputFormat: pair.outputs.format, family: pair.family, geometry: pair.geometry,
      statistics: statistics,
      bound: settings.judgesNothing ? nil : bound(statistics, worst), nsPerElement: nil,
      worst: worst)
    row.parameters = pair.parameters
    if row.exceedsBound, let location = statistics.largestStep?.location {
      row.resembles = recipe(worst: location.lane)
    }
    return row
  }

  private var tolerance: StepTolerance {
    StepTolerance(
      of: pair.inputs.operation, quantization, length: pair.geometry.length)
  }

  private func bound(
    _ statistics: AccuracyStatistics, _ witness: AccuracyRow.Witness?
  ) -> AccuracyRow.Bound {
    AccuracyRow.Bound(
      model: MeasurementJudging.undeclared,
      maxRatio: statistics.largestStep.map { Figure(tolerance.ratio(of: $0.figure)) },
      outsideDomain: 0, worst: witness)
  }

  private func witness(at place: ElementLocation) -> AccuracyRow.Witness {
    AccuracyRow.Witness(
      pair.inputs.first.lane(place.lane, of: pair.geometry, as: F.self),
      pair.quantizations[InputRole.logits.rawValue],
      difference: differences(place.lane)[place.index], quantization,
      exact: pair.inputs.outputLane(place.lane, as: F.self), at: place,
      bound: settings.judgesNothing ? nil : tolerance.steps,
      oracle: oracle)
  }

  /// The mistake that the outputs of some lanes come from, as a clause.
  private func recipe(worst: Int) -> String? {
    let count = pair.geometry.laneCount
    let numbers = [worst] + [0, count / 2, count - 1].filter { $0 != worst }
    let lanes = numbers.compactMap { number -> QuantizedRecipe.Lane? in
      let exact = pair.inputs.outputLane(number, as: F.self)
      guard exact.lackOfValue == nil else { return nil }
      return QuantizedRecipe.Lane(
        logits: pair.inputs.first.exactLane(number, of: pair.geometry),
        modified: exact.modified?.approximations, differences: differences(number))
    }
    return QuantizedRecipe(
      operation: pair.inputs.operation, outputs: quantization,
      logits: pair.quantizations[InputRole.logits.rawValue]
    ).statement(ofLanes: lanes)
  }
}
