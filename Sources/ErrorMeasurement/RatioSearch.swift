import CLaneKernels
import FloatFormats
import Oracle

/// Finds the certified largest |output - p| / bound of a row, where bounds are evaluated as late as
/// they can be.
///
/// A bound costs twenty times the measurement of its element. Where all bounds have a floor, it and
/// the upper error bounds of a lane tell whether the lane can hold the largest ratio, see
/// ``FloorSearch``. Bounds are evaluated for what remains: next to nothing of a row whose lanes are
/// alike. What is certified is the same. The normal range of exact values and the range below have
/// a maximum each, and are searched one after the other.
struct RatioSearch {
  private let row: FilteredRow
  private let bounds: RowBounds
  private let segments: Range<Int>
  private let known: RatioMaxima

  /// - Parameters:
  ///   - segments: The lanes to search, by the places of their segments; `nil` for all.
  ///   - known: Ratios of other lanes; `nil` for those that the row knows.
  init(
    row: FilteredRow, bounds: RowBounds, segments: Range<Int>? = nil, known: RatioMaxima? = nil
  ) {
    self.row = row
    self.bounds = bounds
    self.segments = segments ?? bounds.segments.indices
    self.known = known ?? row.knownRatios
  }

  /// Raises the maxima to the largest ratios of the row.
  func certify(_ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement) {
    guard row.promises.mayHaveBounds else { return }
    for isNormal in [true, false] {
      RegimeRatioSearch(
        row: row, bounds: bounds, segments: bounds.segments[segments],
        known: known[isNormal: isNormal], isNormal: isNormal
      ).certify(&statistics, measurement: &measurement)
    }
  }
}

/// The search in one range of exact values.
private struct RegimeRatioSearch {
  let row: FilteredRow
  let bounds: RowBounds
  let segments: ArraySlice<RowSegment>
  let known: CertifiedMaximum
  /// Whether the range is the normal one.
  let isNormal: Bool

  /// Added to bounds that errors below the least figure must not escape, whatever they are divided
  /// by.
  private static var leastRatio: Double { 0x1p-1000 }
  /// Covers the rounding of the bounds, and that of a ratio and the figure in it up to 30 bits.
  private static var slack: Double { 1 + 0x1p-26 }

  /// Raises the maximum to the largest ratio of the range.
  func certify(_ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement) {
    let open = Dictionary(
      grouping: bounds.openElements.filter {
        let exact = row.lanes[$0.lane].value(at: $0.index)
        return !exact.isUndecided && exact.isNormal == isNormal
      }, by: \.lane)
    let limited = segments.map { (segment: $0, limit: limit(of: $0, opened(open, in: $0))) }
    guard
      let first = limited.indices.max(by: { limited[$0].limit < limited[$1].limit }),
      limited[first].limit > 0
    else { return }
    visit(limited[first].segment, open, &statistics, &measurement)
    for (place, (segment, limit)) in limited.enumerated() where place != first {
      let start = segment.location(of: 0)
      guard canRaise(statistics, limit, at: start) else { continue }
      visit(segment, open, &statistics, &measurement)
    }
  }

  /// The open elements of a segment.
  private func opened(
    _ open: [Int: [ElementLocation]], in segment: RowSegment
  ) -> [ElementLocation] {
    open.isEmpty ? [] : segment.lanes.flatMap { open[$0] ?? [] }
  }

  private func canRaise(
    _ statistics: borrowing AccuracyStatistics, _ upperBound: Double, at place: ElementLocation
  ) -> Bool {
    upperBound > 0 && upperBound >= known.leastToRaise
      && statistics.ratios[isNormal: isNormal].canBeRaised(by: upperBound, at: place)
  }

  // MARK: Lanes

  /// An upper bound of the ratios of lanes; 0 where they have none, they are counted already, or
  /// they are all below a ratio that is known.
  private func limit(of segment: RowSegment, _ open: [ElementLocation]) -> Double {
    guard row.promises.floor != nil else {
      guard segment.run == nil, row.promises[segment.lanes.lowerBound].bounds != nil else {
        return 0
      }
      guard open.isEmpty else { return .infinity }
      let largest =
        segment.blocks.lazy.filter { ulps(ofBlock: $0) > 0 }.map { bounds.ratios[$0] }.max() ?? 0
      return largest * Self.slack
    }
    if open.isEmpty, segment.isBelowKnownRatio(isNormal: isNormal) { return 0 }
    let largestUlps = segment.blocks.reduce(0) { max($0, ulps(ofBlock: $1)) }
    guard largestUlps > 0 || !open.isEmpty, let ratioOfUlp = ratioOfUlp(in: segment) else {
      return 0
    }
    var largest = largestUlps * ratioOfUlp
    for location in open { largest = max(largest, ulps(ofOpen: location) * ratioOfUlp) }
    return (largest + Self.leastRatio) * Self.slack
  }

  /// An upper bound of the ratio of an error of 1 ulp; `nil` where there is no floor of all bounds.
  private func ratioOfUlp(in segment: RowSegment) -> Double? {
    segment.run == nil
      ? floorSearch(ofLane: segment.lanes.lowerBound)?.ratioOfUlp
      : row.promises.floor?.ratioOfUlp(in: row.outputs.format, isNormal: isNormal)
  }

  /// The search of a lane by itself by the floor of all bounds; `nil` where there is none.
  private func floorSearch(ofLane lane: Int) -> FloorSearch? {
    guard let floor = row.promises.floor else { return nil }
    return row.lanes[lane].probabilities.map { FloorSearch(floor, of: $0, isNormal: isNormal) }
  }

  /// An upper bound of the errors of the range in a block, in ulps; 0 where it has no elements of
  /// the range.
  private func ulps(ofBlock block: Int) -> Double {
    bounds.maxima[block].largestUlps(isNormal: isNormal)
  }

  private func ulps(ofOpen location: ElementLocation) -> Double {
    let exact = row.lanes[location.lane].value(at: location.index)
    return UlpError(of: row.outputs[location.lane][location.index], against: exact)
      .magnitudeUpperBound
  }

  /// Raises the maximum to the ratios of a segment.
  private func visit(
    _ segment: RowSegment, _ open: [Int: [ElementLocation]],
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    guard let run = segment.run, let floor = row.promises.floor else {
      visitLane(of: segment, open, &statistics, &measurement)
      return
    }
    let search = RunFloorSearch(floor, row, segment, of: run, isNormal: isNormal)
    for lane in open.keys.sorted() where segment.lanes.contains(lane) {
      visit(lane, open[lane] ?? [], &statistics, &measurement)
    }
    // One lane after the other: what the first raises the others seldom reach.
    var next = segment.lanes.lowerBound
    while let lane = search.firstLane(from: next, reaching: least(in: statistics)) {
      if open[lane] == nil { visit(lane, [], &statistics, &measurement) }
      next = lane + 1
    }
  }

  /// Raises the maximum to the ratios of a lane by itself.
  private func visitLane(
    of segment: RowSegment, _ open: [Int: [ElementLocation]],
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    let lane = segment.lanes.lowerBound
    let open = open[lane] ?? []
    if let search = floorSearch(ofLane: lane), open.isEmpty {
      var canReach = true
      segment.withComparison(row) { comparison in
        canReach = search.canReach(
          least(in: statistics), row.outputs[lane], bounds.maxima[segment.blocks],
          reference: comparison.reference, level: row.level)
      }
      guard canReach else { return }
    }
    visit(lane, open, &statistics, &measurement) {
      ulps(ofBlock: segment.blocks.lowerBound + $0) > 0
    }
  }

  /// The least ratio that is of account.
  private func least(in statistics: borrowing AccuracyStatistics) -> Double {
    max(known.leastToRaise, statistics.ratios[isNormal: isNormal].leastToRaise)
  }

  /// Raises the maximum to the ratios of a lane that is evaluated by itself.
  ///
  /// - Parameter hasErrors: Whether a block of the lane has elements of the range.
  private func visit(
    _ lane: Int, _ open: [ElementLocation], _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement, hasErrors: (_ block: Int) -> Bool = { _ in true }
  ) {
    let promise = row.promises[lane]
    guard case .bounded(let limits, let mayVanish) = promise else { return }
    for location in open {
      raise(at: location, promise, &statistics, &measurement)
    }
    var blocks = blockLimits(ofLane: lane, bounds: limits, mayVanish: mayVanish)
    for block in blocks.indices where !hasErrors(block) { blocks[block] = 0 }
    guard let first = blocks.indices.max(by: { blocks[$0] < blocks[$1] }) else { return }
    for block in [first] + blocks.indices.filter({ $0 != first }) {
      let begin = block * Int(LANE_BLOCK)
      let place = ElementLocation(lane: lane, index: begin)
      guard canRaise(statistics, blocks[block], at: place) else { continue }
      let indices = begin..<min(begin + Int(LANE_BLOCK), limits.count)
      visit(indices, ofLane: lane, promise, &statistics, &measurement)
    }
  }

  // MARK: Blocks

  /// Upper bounds of the ratios of each block of a lane.
  private func blockLimits(
    ofLane lane: Int, bounds: [Double], mayVanish: [Bool]
  ) -> [Double] {
    var bounds = bounds
    let values = row.outputs[lane]
    var vanished: [Int] = []
    if !mayVanish.isEmpty {
      vanished = bounds.indices.filter { mayVanish[$0] && values[$0] == 0 }
      // A zero that is accepted counts as 1 at most, whatever its error.
      for index in vanished { bounds[index] = .infinity }
    }
    var limits = blockLimits(ofLane: lane) { reference, code, bytes, count, maxima in
      lane_ratios(row.level, reference, code, bytes, bounds, count, maxima)
    }.map { $0 * Self.slack }
    for index in vanished where limits[index / Int(LANE_BLOCK)] < 1 {
      limits[index / Int(LANE_BLOCK)] = 1
    }
    return limits
  }

  private func blockLimits(
    ofLane lane: Int,
    _ body: (
      UnsafePointer<lane_reference>, Int32, UnsafeRawPointer?, Int, UnsafeMutablePointer<Double>?
    ) -> Void
  ) -> [Double] {
    let values = row.outputs[lane]
    var limits = [Double](
      repeating: 0, count: (values.count + Int(LANE_BLOCK) - 1) / Int(LANE_BLOCK))
    row.lanes[lane].withComparison(row.tier, values) { comparison in
      limits.withUnsafeMutableBufferPointer {
        body(
          comparison.reference, values.format.kernelCode, comparison.outputs, values.count,
          $0.baseAddress)
      }
    }
    return limits
  }

  // MARK: Elements

  /// Raises the maximum to the ratios of a block.
  private func visit(
    _ indices: Range<Int>, ofLane lane: Int, _ promise: LanePromise,
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    let values = row.outputs[lane]
    var judged = [lane_element](repeating: lane_element(), count: indices.count)
    row.lanes[lane].withComparison(row.tier, values) { comparison in
      judged.withUnsafeMutableBufferPointer {
        lane_judge(
          comparison.reference, values.format.kernelCode, comparison.outputs, indices.lowerBound,
          indices.count, $0.baseAddress)
      }
    }
    var candidates: [(limit: Double, location: ElementLocation)] = []
    for (index, element) in zip(indices, judged)
    where Int(element.kind) >= LANE_ELEMENT_NORMAL
      && (Int(element.kind) == LANE_ELEMENT_NORMAL) == isNormal
    {
      let isZero = Int(element.kind) == LANE_ELEMENT_SUBNORMAL_ZERO
      guard let limit = promise.limit(at: index, isZero: isZero) else { continue }
      // Scaled it must stay finite; a smaller bound only raises the ratio.
      let bound = min(limit.bound, 0x1p500).scaled(byPowerOfTwo: row.tier.scale)
      let ratio = (element.distance / bound + Self.leastRatio) * Self.slack
      candidates.append(
        (min(ratio, limit.largestRatio), ElementLocation(lane: lane, index: index)))
    }
    guard let first = candidates.indices.max(by: { candidates[$0].limit < candidates[$1].limit })
    else { return }
    candidates.swapAt(0, first)
    for candidate in candidates
    where canRaise(statistics, candidate.limit, at: candidate.location) {
      raise(at: candidate.location, promise, &statistics, &measurement)
    }
  }

  private func raise(
    at location: ElementLocation, _ promise: LanePromise, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let lane = row.lanes[location.lane]
    let y = row.outputs[location.lane][location.index]
    let exact = lane.value(at: location.index)
    guard !exact.isUndecided, let limit = promise.limit(at: location.index, isZero: y == 0) else {
      return
    }
    measurement.raiseRatio(
      to: UlpError(of: y, against: exact), of: y, against: exact, limit: limit, at: location,
      reference: lane, into: &statistics)
  }
}
