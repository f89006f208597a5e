import FloatFormats

/// The lanes of a row behind filters: each by itself, or in runs.
///
/// Belongs to one thread at a time.
package final class FilteredLanes {
  /// The number of lanes.
  package let count: Int
  private let lane: (Int) -> any FilteredValues
  private let evaluate: (Int) -> LaneRun?
  /// The runs by their first lanes.
  private var runs: [Int: LaneRun] = [:]

  /// The lanes of any operation, none of them in runs.
  package init(_ lanes: LazyLanes<some FilteredValues>) {
    count = lanes.count
    lane = { lanes[$0] }
    evaluate = { _ in nil }
  }

  /// The lanes of a softmax.
  ///
  /// - Parameters:
  ///   - lanes: Each by itself.
  ///   - logits: Those of all lanes.
  package init(
    _ lanes: LazyLanes<FilteredLane>, logits: EncodedLanes, in format: FloatFormat,
    oracle: SoftmaxOracle, level: KernelLevel
  ) {
    count = lanes.count
    lane = { lanes[$0] }
    evaluate = {
      LaneRun(from: $0, of: logits, in: format, oracle: oracle, level: Int32(level.rawValue))
    }
  }

  package subscript(lane: Int) -> any FilteredValues { self.lane(lane) }

  /// The run that begins with a lane; `nil` where the lane is in none.
  ///
  /// Asked for from the first lane on, and then for the lane behind each run or lane, the runs are
  /// the same whoever asks.
  package func run(from lane: Int) -> LaneRun? {
    if let run = runs[lane] { return run }
    let run = evaluate(lane)
    runs[lane] = run
    return run
  }
}
