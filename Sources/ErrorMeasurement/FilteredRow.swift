import Oracle

/// The outputs of an implementation on all lanes of a cell, and the filter that measures them.
struct FilteredRow {
  let lanes: FilteredLanes
  let outputs: EncodedLanes
  let promises: LanePromises
  let tier: FilterTier
  let level: Int32
  /// Whether no other outputs are measured on these lanes.
  let isOnly: Bool
  /// Ratios to bounds that are known of other lanes: what is below them is of no account.
  let knownRatios: RatioMaxima

  /// Whether lanes are measured in runs: not where a bound is compared with every output.
  var hasRuns: Bool {
    outputs.length <= LaneRun.greatestLength
      && (promises.floor != nil || !promises.mayHaveBounds)
  }
}
