import CLaneKernels
import FloatFormats
import Oracle

/// Tells which lanes of a run, whose tolerances have a floor, can hold a large part of a bound.
struct RunFloorSearch {
  private let floor: ToleranceFloor
  private let row: FilteredRow
  private let segment: RowSegment
  private let run: LaneRun
  /// Whether the normal range of exact values is searched, or the range below.
  private let isNormal: Bool
  /// Of all lanes: see ``ToleranceFloor/ratioOfUlp(in:isNormal:)``.
  let ratioOfUlp: Double

  /// - Parameters:
  ///   - floor: That of all lanes of the length.
  ///   - segment: Some lanes of the run.
  init(
    _ floor: ToleranceFloor, _ row: FilteredRow, _ segment: RowSegment, of run: LaneRun,
    isNormal: Bool
  ) {
    self.floor = floor
    self.row = row
    self.segment = segment
    self.run = run
    self.isNormal = isNormal
    ratioOfUlp = floor.ratioOfUlp(in: run.format, isNormal: isNormal)
  }

  /// Whether an element of the range that the filter decides can have a ratio; `false` is certain.
  func canReach(_ ratio: Double, _ maxima: [lane_maxima]) -> Bool {
    guard let least = FloorSearch.least(toReach: ratio) else { return true }
    let reaches = segment.blocks.contains {
      maxima[$0].largestUlps(isNormal: isNormal) * ratioOfUlp >= least
    }
    return reaches && firstLane(from: segment.lanes.lowerBound, reaching: ratio) != nil
  }

  /// The first lane from one on that has an element of the range that can have a ratio; `nil` where
  /// none has, which is certain.
  func firstLane(from first: Int, reaching ratio: Double) -> Int? {
    let lanes = first..<segment.lanes.upperBound
    // Every ratio reaches what is next to nothing.
    let least = FloorSearch.least(toReach: ratio) ?? (ratio < 1 ? 0 : nil)
    guard let least, !lanes.isEmpty else { return lanes.first }
    let values = row.outputs[lanes]
    var found = 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * lanes.count) { numbers in
      for (place, lane) in lanes.enumerated() {
        let raised = floor.raised(
          maximum: run.maximum(of: lane), rest: run.massBelowMaximum(of: lane))
        numbers[place] = run.greatest(of: lane)
        numbers[lanes.count + place] = raised.relative
      }
      values.withUnsafeBytes { bytes in
        run.withReference(row.tier, of: lanes) { reference in
          found = lane_first_reaching(
            row.level, reference, isNormal, values.format.kernelCode, bytes.baseAddress, run.length,
            lanes.count, numbers.baseAddress, numbers.baseAddress.map { $0 + lanes.count },
            floor.slope, floor.absolute, least)
        }
      }
    }
    return found < lanes.count ? first + found : nil
  }
}
