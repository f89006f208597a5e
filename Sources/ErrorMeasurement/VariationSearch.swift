import CLaneKernels
import FloatFormats
import Oracle

/// Finds the lane of a row with the largest total variation.
struct VariationSearch {
  let row: FilteredRow
  let bounds: RowBounds

  /// Certifies the lanes that can have the largest, that with the largest bound first.
  func certify(_ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement) {
    guard let first = bounds.variations.max(by: { $0.bounds.upper < $1.bounds.upper }) else {
      return
    }
    raise(first.lane, first.bounds, &statistics, &measurement)
    for (lane, bounds) in bounds.variations
    where lane != first.lane
      && statistics.measured.variation.canBeRaised(by: bounds.upper, lane: lane)
    {
      raise(lane, bounds, &statistics, &measurement)
    }
    measurement.settleUndecided(into: &statistics)
  }

  private func raise(
    _ lane: Int, _ bounds: VariationBounds, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    if let figure = bounds.figure ?? row.variation(ofLane: lane, by: .pair)?.figure {
      statistics.measured.variation.raise(to: figure, lane: lane)
    } else {
      measurement.certifyVariation(
        row.outputs[lane].values, lane, row.lanes[lane], &statistics)
    }
  }
}

extension FilteredRow {
  /// The total variation of a lane without mismatch, to six digits.
  ///
  /// - Parameter tally: What a kernel has counted of the lane by the filter of the row.
  func variation(
    ofLane number: Int, _ tally: lane_tally, relativeError: Double,
    _ measurement: borrowing LaneMeasurement
  ) -> VariationBounds {
    if tally.open == 0 {
      // The differences are off by what the probabilities are, which sum to 1; one that is only an upper bound is
      // below 2^-280. Blocks add 32 numbers in each place, and then the 8 sums: 35 roundings, and one of the difference.
      let bounds = VariationBounds(
        sum: tally.variation_high + tally.variation_low, relative: 0x1p-46,
        absolute: scaled(relativeError * (1 + 0x1p-20) + 0x1p-250), scale: tier.scale)
      if bounds.isTight { return bounds }
    } else if let bounds = variation(ofLane: number, by: tier), bounds.isTight {
      return bounds
    }
    if tier == .single, let bounds = variation(ofLane: number, by: .pair), bounds.isTight {
      return bounds
    }
    return measurement.variation(of: outputs[number].values, lanes[number])
      .map { VariationBounds(lower: $0, upper: $0) } ?? VariationBounds(lower: 0, upper: .infinity)
  }

  private func scaled(_ value: Double) -> Double { value.scaled(byPowerOfTwo: tier.scale) }

  /// The total variation of a lane without mismatch as a filter has it; nil where a number is beyond binary64.
  func variation(ofLane number: Int, by tier: FilterTier) -> VariationBounds? {
    let values = outputs[number]
    var sum = lane_distance()
    values.withUnsafeBytes { bytes in
      tier.withReference(lanes[number]) { reference in
        sum = lane_distances(reference, values.format.kernelCode, bytes.baseAddress, values.count)
      }
    }
    // Each difference has two roundings, and the sum none that matter.
    let bounds = VariationBounds(
      sum: sum.high + sum.low, relative: 0x1p-50, absolute: sum.uncertain * (1 + 0x1p-20),
      scale: tier.scale)
    return bounds.upper < .infinity ? bounds : nil
  }
}
