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
  let row: FilteredRow
  let bounds: RowBounds

  /// Raises the maxima to the largest ratios of the row.
  func certify(_ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement) {
    guard row.promises.mayHaveBounds else { return }
    for isNormal in [true, false] {
      RegimeRatioSearch(
        row: row, bounds: bounds, known: row.knownRatios[isNormal: isNormal], isNormal: isNormal
      ).certify(&statistics, measurement: &measurement)
    }
  }
}

/// The search in one range of exact values.
private struct RegimeRatioSearch {
  let row: FilteredRow
  let bounds: RowBounds
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
    let limits = row.lanes.indices.map { limit(ofLane: $0, open[$0] ?? []) }
    guard
      let first = limits.indices.max(by: { limits[$0] < limits[$1] }), limits[first] > 0
    else { return }
    visit(first, open[first] ?? [], &statistics, &measurement)
    for lane in limits.indices where lane != first {
      guard canRaise(statistics, limits[lane], at: ElementLocation(lane: lane, index: 0)) else {
        continue
      }
      visit(lane, open[lane] ?? [], &statistics, &measurement)
    }
  }

  private func canRaise(
    _ statistics: borrowing AccuracyStatistics, _ upperBound: Double, at place: ElementLocation
  ) -> Bool {
    upperBound > 0 && upperBound >= known.leastToRaise
      && statistics.ratios[isNormal: isNormal].canBeRaised(by: upperBound, at: place)
  }

  // MARK: Lanes

  /// An upper bound of the ratios of a lane; 0 where it has none, they are counted already, or they
  /// are all below a ratio that is known.
  private func limit(ofLane lane: Int, _ open: [ElementLocation]) -> Double {
    guard row.isFiltered(lane) else { return 0 }
    guard row.promises.floor != nil else {
      guard row.promises[lane].bounds != nil else { return 0 }
      guard open.isEmpty else { return .infinity }
      let largest =
        blocks(ofLane: lane).lazy.filter { ulps(ofBlock: $0) > 0 }
        .map { bounds.ratios[$0] }.max() ?? 0
      return largest * Self.slack
    }
    if open.isEmpty, bounds.isBelowKnownRatio(lane, isNormal: isNormal) { return 0 }
    let largestUlps = blocks(ofLane: lane).reduce(0) { max($0, ulps(ofBlock: $1)) }
    guard largestUlps > 0 || !open.isEmpty, let search = floorSearch(ofLane: lane) else { return 0 }
    var largest = largestUlps * search.ratioOfUlp
    for location in open { largest = max(largest, limit(ofOpen: location, search)) }
    return (largest + Self.leastRatio) * Self.slack
  }

  /// The search of a lane by the floor of all bounds; `nil` where there is none.
  private func floorSearch(ofLane lane: Int) -> FloorSearch? {
    guard let floor = row.promises.floor, let lane = row.lanes[lane].probabilities else {
      return nil
    }
    return FloorSearch(floor, of: lane, isNormal: isNormal)
  }

  private func blocks(ofLane lane: Int) -> Range<Int> {
    bounds.firstBlocks[lane]..<bounds.firstBlocks[lane + 1]
  }

  /// An upper bound of the errors of the range in a block, in ulps; 0 where it has no elements of
  /// the range.
  private func ulps(ofBlock block: Int) -> Double {
    bounds.maxima[block].largestUlps(isNormal: isNormal)
  }

  private func limit(ofOpen location: ElementLocation, _ search: FloorSearch) -> Double {
    let lane = row.lanes[location.lane]
    let exact = lane.value(at: location.index)
    let ulps = UlpError(of: row.outputs[location.lane][location.index], against: exact)
      .magnitudeUpperBound
    return ulps * search.ratioOfUlp
  }

  /// Raises the maximum to the ratios of a lane.
  private func visit(
    _ lane: Int, _ open: [ElementLocation], _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    if let search = floorSearch(ofLane: lane), open.isEmpty {
      let least = max(
        known.leastToRaise, statistics.ratios[isNormal: isNormal].leastToRaise)
      var canRaise = true
      row.lanes[lane].withComparison(row.tier, row.outputs[lane]) { comparison in
        canRaise = search.canReach(
          least, row.outputs[lane], bounds.maxima[self.blocks(ofLane: lane)],
          reference: comparison.reference, level: row.level)
      }
      guard canRaise else { return }
    }
    let promise = row.promises[lane]
    guard case .bounded(let limits, let mayVanish) = promise else { return }
    for location in open {
      raise(at: location, promise, &statistics, &measurement)
    }
    var blocks = blockLimits(ofLane: lane, bounds: limits, mayVanish: mayVanish)
    for (block, place) in zip(blocks.indices, self.blocks(ofLane: lane))
    where ulps(ofBlock: place) == 0 { blocks[block] = 0 }
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
