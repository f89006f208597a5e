import AuditedOperations
import CLaneKernels
import FloatFormats
import Oracle

/// Measures the outputs of one implementation on all lanes of a cell through the oracle's filters.
///
/// Short lanes of a softmax are measured in runs, many at once, where no bound has to be compared
/// with every output.
/// A kernel judges every element against the filter's enclosure of the exact value and counts what
/// that decides.
/// What it leaves open is judged one by one against the next tier. Maxima are certified at the end:
/// the kernel leaves an upper bound for each block of elements, and only those elements are
/// evaluated that can still be the maximum.
///
/// So certified figures are those of ``LaneMeasurement`` over MPFR references: both are functions
/// of the exact numbers. Statistical figures come from approximate errors. Where those leave a
/// percentile or the sixth digit of a mean open, the cell is measured again with the next tier; the
/// last one is MPFR.
package struct FilteredMeasurement {
  private let lanes: FilteredLanes
  private let level: Int32
  private let oracle: SoftmaxOracle
  private var measurement: LaneMeasurement
  /// Whether no other outputs are measured on these lanes: it does not pay to keep their
  /// exponentials.
  private let isOnly: Bool

  package init(
    lanes: FilteredLanes, oracle: SoftmaxOracle, level: KernelLevel = .best,
    isOnly: Bool = false
  ) {
    self.isOnly = isOnly
    self.lanes = lanes
    self.oracle = oracle
    self.level = Int32(level.rawValue)
    measurement = LaneMeasurement(oracle: oracle)
  }

  /// Measures all lanes.
  ///
  /// - Parameters:
  ///   - outputs: The computed outputs of each lane.
  ///   - policy: What the implementation declares about special lanes.
  ///   - promises: What is promised about the lanes.
  ///   - known: The largest ratios of other lanes: where those of these are all less, none is
  ///     certified.
  package mutating func measure(
    _ outputs: EncodedLanes, policy: SpecialLanePolicy, promises: LanePromises,
    beyondRatios known: RatioMaxima = RatioMaxima()
  ) -> AccuracyStatistics {
    // The lanes of a cell have the formats of one another.
    for tier in lanes.count > 0 ? lanes[0].tiers : [] {
      let row = FilteredRow(
        lanes: lanes, outputs: outputs, promises: promises, tier: tier, level: level,
        isOnly: isOnly, knownRatios: known)
      let counting = RowCounting(row, policy: policy, measurement: measurement)
      measurement = counting.measurement
      var statistics = counting.statistics
      let bounds = counting.bounds
      guard statistics.areStatisticsDecided else { continue }
      MaximaSearch(row: row, bounds: bounds).certify(&statistics, measurement: &measurement)
      RatioSearch(row: row, bounds: bounds).certify(&statistics, measurement: &measurement)
      measurement.settleUndecided(into: &statistics)
      return statistics
    }
    var statistics = AccuracyStatistics()
    for lane in 0..<lanes.count {
      measurement.measure(
        outputs[lane].values, lane: lane, reference: lanes[lane].arbiter, policy: policy,
        promise: promises[lane], into: &statistics)
    }
    statistics.oracleFallbacks += statistics.elements
    return statistics
  }
}

extension FilterTier {
  /// The power of two that its values are multiplied by.
  var scale: Int { self == .single ? 0 : Int(LANE_PAIR_SCALE) }
}
