import AuditedOperations
import CLaneKernels
import Oracle

/// The part of a row that a filter leaves to be certified: upper bounds of errors, block by block,
/// and the elements without one.
struct RowBounds {
  /// The lanes that kernels have measured, in order.
  var segments: [RowSegment] = []
  /// One for each block.
  var maxima: [lane_maxima] = []
  /// Upper bounds of scaled errors; empty where they are not measured along.
  var scaled: [Double] = []
  /// |output - p| / bound; empty where no bounds are known yet.
  var ratios: [Double] = []
  /// Lanes without mismatch that a kernel has measured, each with an upper bound of |sum - 1|.
  var sums: [(lane: Int, defect: Double)] = []
  /// One over the least that the ulp of the largest probability of these lanes can be, scaled as
  /// the probabilities; 0 for others.
  var topUnits: [Double]
  /// Elements that the filter left open: no block accounts for them.
  var openElements: [ElementLocation] = []

  private let measuresScaled: Bool
  private let hasBounds: Bool

  init(_ row: FilteredRow) {
    measuresScaled = row.lanes.count > 0 && !row.lanes[0].operation.output.isDistribution
    hasBounds = row.promises.floor == nil && row.promises.mayHaveBounds
    topUnits = Array(repeating: 0, count: row.lanes.count)
    sums.reserveCapacity(row.lanes.count)
  }

  /// The number of blocks so far.
  var blockCount: Int { maxima.count }

  /// Makes room for more blocks.
  mutating func addBlocks(_ count: Int) {
    maxima.append(contentsOf: repeatElement(lane_maxima(), count: count))
    if measuresScaled { scaled.append(contentsOf: repeatElement(0, count: count)) }
    if hasBounds { ratios.append(contentsOf: repeatElement(0, count: count)) }
  }
}

/// Consecutive lanes of a row that a kernel has measured at once: a lane by itself, or lanes of a
/// run without a mismatch.
struct RowSegment {
  /// The numbers of the lanes.
  let lanes: Range<Int>
  /// The run that holds them; `nil` for a lane by itself.
  let run: LaneRun?
  /// The number of elements of each lane.
  let length: Int
  /// The blocks of the elements of all lanes.
  let blocks: Range<Int>
  /// Whether all ratios in the normal range, and in the range below, are less than those that are
  /// known of other lanes, open elements left out, or are certified; where nobody looked, `false`.
  var areBelowKnownRatios = (normal: false, subnormal: false)
  /// The largest of the units of the lanes, see ``RowBounds/topUnits``.
  var largestTopUnit = 0.0

  /// A lane by itself.
  init(lane: Int, count: Int, firstBlock: Int) {
    self.init(lanes: lane..<lane + 1, nil, length: count, firstBlock: firstBlock)
  }

  /// Lanes of a run.
  init(lanes: Range<Int>, of run: LaneRun, firstBlock: Int) {
    self.init(lanes: lanes, run, length: run.length, firstBlock: firstBlock)
  }

  private init(lanes: Range<Int>, _ run: LaneRun?, length: Int, firstBlock: Int) {
    self.lanes = lanes
    self.run = run
    self.length = length
    let count = lanes.count * length
    blocks = firstBlock..<firstBlock + (count + Int(LANE_BLOCK) - 1) / Int(LANE_BLOCK)
  }

  /// The place of an element among those of all lanes.
  func location(of place: Int) -> ElementLocation {
    guard run != nil else { return ElementLocation(lane: lanes.lowerBound, index: place) }
    let (lane, index) = place.quotientAndRemainder(dividingBy: length)
    return ElementLocation(lane: lanes.lowerBound + lane, index: index)
  }

  /// The elements of a block, counted from the first of the first lane.
  func places(of block: Int) -> Range<Int> {
    let start = (block - blocks.lowerBound) * Int(LANE_BLOCK)
    return start..<min(start + Int(LANE_BLOCK), lanes.count * length)
  }

  /// The numbers of the lanes that have elements at some places.
  func lanes(at places: Range<Int>) -> Range<Int> {
    guard run != nil else { return lanes }
    let first = lanes.lowerBound + places.lowerBound / length
    return first..<lanes.lowerBound + (places.upperBound + length - 1) / length
  }

  /// Calls a function with outputs and the values that they are compared with.
  ///
  /// - Parameter part: The numbers of the lanes of a run, of which the first element of the first
  ///   is at the place 0; `nil` for all.
  func withComparison(
    _ row: FilteredRow, of part: Range<Int>? = nil, _ body: (LaneComparison) -> Void
  ) {
    let part = part ?? lanes
    let outputs = row.outputs[part]
    guard let run else {
      row.lanes[lanes.lowerBound].withComparison(row.tier, outputs, body)
      return
    }
    outputs.withUnsafeBytes { bytes in
      run.withReference(row.tier, of: part) { reference in
        body(LaneComparison(reference: reference, outputs: bytes.baseAddress))
      }
    }
  }

  /// The same of one of the ranges.
  func isBelowKnownRatio(isNormal: Bool) -> Bool {
    isNormal ? areBelowKnownRatios.normal : areBelowKnownRatios.subnormal
  }
}
