import AuditRecords
import AuditedOperations
import CLaneKernels
import FloatFormats
import Oracle

/// The counting of all outputs of a row that its filter decides; what it does not is judged one by
/// one.
struct RowCounting {
  private let row: FilteredRow
  /// The implementation's declaration about special lanes.
  private let policy: SpecialLanePolicy
  /// The counts and errors of all outputs; maxima only those of elements that the filter leaves
  /// open.
  private(set) var statistics = AccuracyStatistics()
  /// The bounds that are left to be certified.
  private(set) var bounds: RowBounds
  private(set) var measurement: LaneMeasurement
  /// The largest ratios of other lanes, and of those so far.
  private var knownRatios: RatioMaxima
  /// The number of segments whose ratios are certified.
  private var settled = 0
  private var counts = KernelCounts()
  /// The places of open elements, as the kernels leave them.
  private var open: [UInt32]

  /// Counts the outputs of a row.
  init(_ row: FilteredRow, policy: SpecialLanePolicy, measurement: LaneMeasurement) {
    self.row = row
    self.policy = policy
    self.measurement = measurement
    knownRatios = row.knownRatios
    bounds = RowBounds(row)
    open = [UInt32](repeating: 0, count: max(row.outputs.length, LaneRun.capacity))
    let hasRuns = row.hasRuns
    var next = 0
    while next < row.lanes.count {
      if hasRuns, let run = row.lanes.run(from: next) {
        count(run)
        next = run.lanes.upperBound
      } else {
        count(next)
        next += 1
      }
      settleRatios()
    }
    self.measurement.settleUndecided(into: &statistics)
    statistics.add(counts)
  }
}

extension RowCounting {
  /// The elements of a row whose probabilities are kept for the search of maxima; in larger rows it
  /// looks at few of the runs.
  private static let keptElements = 1 << 17

  private var tier: FilterTier { row.tier }

  /// The promise about a lane that is looked at now: where there is a floor bounds are not looked
  /// at before they matter.
  private func promise(of lane: Int) -> LanePromise {
    row.promises.floor == nil ? row.promises[lane] : .none
  }

  /// Counts the outputs of a lane by itself.
  private mutating func count(_ number: Int) {
    let (lane, values) = (row.lanes[number], row.outputs[number])
    guard lane.isFiltered else {
      // Others are few, or have no elements.
      measurement.measure(
        values.values, lane: number, reference: lane, policy: policy,
        promise: row.promises[number], into: &statistics)
      return
    }
    count(number, lane, values)
    if row.isOnly { lane.giveBack() }
  }

  /// Counts the outputs of a run; those of a lane with a mismatch as of a lane by itself.
  private mutating func count(_ run: LaneRun) {
    withUnsafeTemporaryAllocation(of: lane_pair.self, capacity: run.lanes.count) { sums in
      var first = run.lanes.lowerBound
      while first < run.lanes.upperBound {
        let part = run.add(row.outputs, from: first, tier, sums.baseAddress)
        if !part.isEmpty { count(part, of: run, sums) }
        first = part.upperBound
        guard first < run.lanes.upperBound else { break }
        count(first)
        first += 1
      }
    }
    if row.isOnly, row.outputs.elements.count > Self.keptElements { run.giveBack() }
  }

  /// Counts the outputs of lanes of a run that have no mismatch.
  ///
  /// - Parameter sums: Those of the outputs of each lane.
  private mutating func count(
    _ part: Range<Int>, of run: LaneRun, _ sums: UnsafeMutableBufferPointer<lane_pair>
  ) {
    let (row, values) = (row, row.outputs[part])
    statistics.lanes += UInt64(part.count)
    statistics.elements += UInt64(values.count)
    var segment = RowSegment(lanes: part, of: run, firstBlock: bounds.blockCount)
    bounds.addBlocks(segment.blocks.count)
    var tally = lane_tally()
    var areBelow = segment.areBelowKnownRatios
    segment.withComparison(row) { comparison in
      tally = counts.take(
        comparison, values, row.level, &bounds.maxima, from: segment.blocks.lowerBound, &open)
      guard let floor = row.promises.floor else { return }
      // Now, as long as the probabilities are there and in the processor's cache.
      areBelow = areBelowKnownRatios { isNormal, ratio in
        RunFloorSearch(floor, row, segment, of: run, isNormal: isNormal)
          .canReach(ratio, bounds.maxima)
      }
    }
    segment.areBelowKnownRatios = areBelow
    bounds.segments.append(segment)
    add(tally)
    for lane in row.promises.floor == nil ? part : 0..<0 where row.promises[lane].lacksBound {
      statistics.outsideDomain += UInt64(row.outputs.length)
    }
    for place in tally.open > 0 ? open[..<Int(tally.open)].sorted() : [] {
      let location = segment.location(of: Int(place))
      let kind = judge(
        values[Int(place)], at: location, of: row.lanes[location.lane], hasValue: true)
      if kind == .measured { bounds.openElements.append(location) }
    }
    for (lane, sum) in zip(part, sums) {
      add(sum, error: run.sumError, ofLane: lane, topQuantumFloor: run.topQuantumFloor(of: lane))
    }
  }

  /// Adds what a kernel has counted.
  private mutating func add(_ tally: lane_tally) {
    statistics.add(tally)
    counts.correctlyRoundedBesides += tally.correctly_rounded_besides
    counts.faithfulBesides += tally.faithful_besides
  }

  /// Leaves the sum of the outputs of a lane without mismatch, and the unit of its largest
  /// probability, to be certified.
  ///
  /// - Parameter error: A bound on the relative error of the sum.
  private mutating func add(
    _ sum: lane_pair, error: Double, ofLane lane: Int, topQuantumFloor: Int
  ) {
    let unit = 1.scaled(byPowerOfTwo: -topQuantumFloor - tier.scale)
    bounds.topUnits[lane] = unit
    // The segment of the lane is the last one.
    let last = bounds.segments.count - 1
    bounds.segments[last].largestTopUnit = max(bounds.segments[last].largestTopUnit, unit)
    bounds.sums.append((lane, Self.defectBound(sum, relativeError: error)))
  }

  /// Whether the ratios of lanes in each range are below those that are known of other lanes.
  private func areBelowKnownRatios(
    canReach: (_ isNormal: Bool, Double) -> Bool
  ) -> (normal: Bool, subnormal: Bool) {
    func isBelow(isNormal: Bool) -> Bool {
      let known = knownRatios[isNormal: isNormal]
      return known.figure != nil && !canReach(isNormal, known.leastToRaise)
    }
    return (isBelow(isNormal: true), isBelow(isNormal: false))
  }

  /// Certifies the largest ratios of the lanes so far, each time there are twice as many: most
  /// others are below them, and are known to be while their probabilities are at hand.
  private mutating func settleRatios() {
    let count = bounds.segments.count
    guard row.promises.floor != nil, count > settled, count.nonzeroBitCount == 1 else { return }
    var part = AccuracyStatistics()
    RatioSearch(row: row, bounds: bounds, segments: settled..<count, known: knownRatios)
      .certify(&part, measurement: &measurement)
    knownRatios.merge(part.ratios)
    statistics.ratios.merge(part.ratios)
    for segment in settled..<count {
      bounds.segments[segment].areBelowKnownRatios = (true, true)
    }
    settled = count
  }

  private mutating func count(
    _ number: Int, _ lane: any FilteredValues, _ values: EncodedLane
  ) {
    let row = row
    statistics.lanes += 1
    statistics.elements += UInt64(values.count)
    var segment = RowSegment(lane: number, count: values.count, firstBlock: bounds.blockCount)
    bounds.addBlocks(segment.blocks.count)
    let promise = promise(of: number)
    let promised = promise.bounds
    var tally = lane_tally()
    var areBelow = segment.areBelowKnownRatios
    // Open elements without a value, whose scaled errors are not measured along.
    var unknown = Set<Int>()
    lane.withComparison(tier, values) { comparison in
      let reference = comparison.reference
      tally = counts.take(
        comparison, values, row.level, &bounds.maxima, from: segment.blocks.lowerBound, &open)
      if let floor = row.promises.floor, let lane = lane.probabilities {
        // Now, as long as the probabilities are there and in the processor's cache.
        areBelow = areBelowKnownRatios { isNormal, ratio in
          FloorSearch(floor, of: lane, isNormal: isNormal).canReach(
            ratio, values, bounds.maxima[segment.blocks], reference: reference, level: row.level)
        }
      }
      if let scaled = comparison.scaled {
        for place in open[..<Int(tally.open)] where reference.pointee.high[Int(place)].isNaN {
          unknown.insert(Int(place))
        }
        take(scaled, reference, segment.blocks)
        statistics.add(scaled, of: &tally, reference)
      }
      guard let promised else { return }
      bounds.ratios.withUnsafeMutableBufferPointer { ratios in
        lane_ratios(
          row.level, reference, values.format.kernelCode, comparison.outputs, promised,
          values.count, ratios.baseAddress! + segment.blocks.lowerBound)
      }
    }
    segment.areBelowKnownRatios = areBelow
    bounds.segments.append(segment)
    add(tally)

    if promise.lacksBound { statistics.outsideDomain += UInt64(values.count) }
    var isMismatched = tally.mismatches > 0
    for place in tally.open > 0 ? open[..<Int(tally.open)].sorted() : [] {
      let (index, location) = (Int(place), ElementLocation(lane: number, index: Int(place)))
      let kind = judge(
        values[index], at: location, of: lane, hasValue: !unknown.contains(index))
      switch kind {
      case .measured: bounds.openElements.append(location)
      case .rightInfinity: statistics.agreedSpecial += 1
      case .mismatch: isMismatched = true
      case nil: break
      }
    }
    guard !isMismatched else {
      let kinds =
        lane.probabilities.map { lane in
          MismatchKinds(values.values, in: values.format) { lane.lane[$0] == -.infinity }
        } ?? MismatchKinds(values.values, of: lane)
      statistics.addMismatches(kinds, promise)
      raiseScaledOfZeros(values, lane, number)
      return
    }
    guard let lane = lane.probabilities else { return }
    add(
      lane_pair(high: tally.sum_high, low: tally.sum_low), error: sumError(ofLength: values.count),
      ofLane: number, topQuantumFloor: lane.topQuantumFloor)
  }

  /// Takes upper bounds of the scaled errors of a lane's blocks.
  private mutating func take(
    _ scaled: ScaledComparison, _ reference: UnsafePointer<lane_reference>, _ blocks: Range<Int>
  ) {
    // Of an error, and of what the bound leaves open; of the latter no more where a value vanishes.
    let slack = 2 * ScaledComparison.uncertainty(reference) + 0x1p-100
    for (place, block) in blocks.enumerated() {
      bounds.scaled[block] = scaled.largest[place] * (1 + 0x1p-40) + slack
    }
  }

  /// Takes the error of 0 of the first 0 that stands for one into account, of a lane whose other
  /// outputs may have none.
  private mutating func raiseScaledOfZeros(
    _ values: EncodedLane, _ lane: any FilteredValues, _ number: Int
  ) {
    guard lane.probabilities == nil,
      let first = (0..<values.count).first(where: { values[$0] == 0 && lane.value(at: $0).isZero })
    else { return }
    statistics.measured.scaled.raise(
      to: 0, isNormal: false, at: ElementLocation(lane: number, index: first))
  }

  /// Judges an element that the filter left open.
  ///
  /// - Parameter hasValue: Whether the filter has a value, so that its scaled error is counted.
  /// - Returns: The kind of the output; `nil` of a 0 that is exactly right, whose bound is of no
  ///   account.
  private mutating func judge(
    _ y: Double, at location: ElementLocation, of lane: any FilteredValues, hasValue: Bool
  ) -> OutputClass? {
    let before = lane.arbitrations
    let exact = lane.value(at: location.index)
    statistics.oracleFallbacks += lane.arbitrations - before
    let kind = OutputClass(y, against: exact, of: lane.operation.output, in: lane.format)
    guard kind == .measured else { return kind }
    guard !exact.isUndecided else {
      statistics.undecided += 1
      return kind
    }
    statistics.finitePairs += 1
    guard !exact.isZero else {
      guard y.isZero else {
        measurement.addScaled(
          UlpError(of: y, against: exact), of: y, against: exact, at: location, reference: lane,
          isCounted: hasValue, into: &statistics)
        return kind
      }
      statistics.correctlyRounded += 1
      statistics.faithful += 1
      statistics.measured.scaled.raise(to: 0, isNormal: false, at: location)
      return nil
    }
    if y.isZero {
      statistics.zeros += 1
      if y.isNegative, lane.probabilities != nil { statistics.negativeZeros += 1 }
    }
    measurement.add(
      UlpError(of: y, against: exact), of: y, against: exact, limit: nil, at: location,
      reference: lane, isScaledCounted: hasValue, into: &statistics)
    return kind
  }

  /// A bound on the relative error of the sum of outputs that a kernel has formed.
  ///
  /// In binary64 the sum is good to 38 u: in a block 31 additions of nonnegative numbers, 3 to put
  /// the 8 sums together, and what TwoSum leaves. For pairs the errors of the block's additions are
  /// kept; they are added with at most 32 roundings of something below 33 u times the sum in a
  /// block, and less than 20 for each block that is added to the lane's pair.
  private func sumError(ofLength count: Int) -> Double {
    let blocks = Double(count / Int(LANE_BLOCK) + 1)
    return tier == .single ? 40 * 0x1p-53 : (2000 + 20 * blocks) * 0x1p-106
  }

  /// An upper bound of |sum of the outputs - 1|.
  private static func defectBound(_ sum: lane_pair, relativeError: Double) -> Double {
    guard sum.high < .infinity, sum.low.isFinite else { return .infinity }
    let defect = abs((sum.high - 1) + sum.low)
    return defect * (1 + 0x1p-48) + sum.high * relativeError
  }
}
