import AuditRecords
import AuditedOperations
import CLaneKernels
import FloatFormats
import Oracle

/// The outputs of an implementation on all lanes of a cell, and the filter that measures them.
struct FilteredRow {
  let lanes: [any FilteredValues]
  let outputs: [EncodedLane]
  let promises: LanePromises
  let tier: FilterTier
  let level: Int32
  /// Whether no other outputs are measured on these lanes.
  let isOnly: Bool
  /// Ratios to bounds that are known of other lanes: what is below them is of no account.
  let knownRatios: RatioMaxima

  /// Whether a lane is left to the filter; others are few, or have no elements.
  func isFiltered(_ lane: Int) -> Bool { lanes[lane].isFiltered }
}

/// The part of a row that a filter leaves to be certified: upper bounds of errors, block by block,
/// and the elements without one.
struct RowBounds {
  /// The first block of each lane, and behind them the number of all blocks.
  fileprivate(set) var firstBlocks: [Int]
  /// The blocks of a lane that is measured exactly are all zeros.
  fileprivate(set) var maxima: [lane_maxima]
  /// Upper bounds of scaled errors; empty where they are not measured along.
  fileprivate(set) var scaled: [Double]
  /// |output - p| / bound; empty where no bounds are known yet.
  fileprivate(set) var ratios: [Double]
  /// Whether all ratios of a lane in the normal range, and in the range below, are less than those
  /// that are known of other lanes, open elements left out; where nobody looked, `false`.
  fileprivate var areBelowKnownRatios: [(normal: Bool, subnormal: Bool)]
  /// Lanes without mismatch that a kernel has measured, each with an upper bound of |sum - 1|.
  fileprivate(set) var sums: [(lane: Int, defect: Double)] = []
  /// One over the least that the ulp of the largest probability of these lanes can be, scaled as
  /// the probabilities; 0 for others.
  fileprivate(set) var topUnits: [Double]
  /// Elements that the filter left open: no block accounts for them.
  fileprivate(set) var openElements: [ElementLocation] = []

  fileprivate init(_ row: FilteredRow) {
    firstBlocks = [0]
    firstBlocks.reserveCapacity(row.lanes.count + 1)
    var count = 0
    for output in row.outputs {
      count += (output.count + Int(LANE_BLOCK) - 1) / Int(LANE_BLOCK)
      firstBlocks.append(count)
    }
    maxima = Array(repeating: lane_maxima(), count: count)
    let measuresScaled = !(row.lanes.first?.operation.output.isDistribution ?? true)
    scaled = measuresScaled ? Array(repeating: 0, count: count) : []
    let hasBounds = row.promises.floor == nil && row.promises.mayHaveBounds
    ratios = hasBounds ? Array(repeating: 0, count: count) : []
    areBelowKnownRatios = Array(repeating: (false, false), count: row.lanes.count)
    topUnits = Array(repeating: 0, count: row.lanes.count)
    sums.reserveCapacity(row.lanes.count)
  }
}

extension RowBounds {
  /// Whether all ratios of a lane in a range of exact values are less than one that is known of
  /// other lanes.
  func isBelowKnownRatio(_ lane: Int, isNormal: Bool) -> Bool {
    isNormal ? areBelowKnownRatios[lane].normal : areBelowKnownRatios[lane].subnormal
  }
}

/// The counts of kernels over the lanes of a row together.
struct KernelCounts {
  var histogram = ErrorHistogram()
  /// Correct roundings and faithful ones that the histogram does not tell; see lane_tally.
  var correctlyRoundedBesides: Int64 = 0
  var faithfulBesides: Int64 = 0
}

extension AccuracyStatistics {
  /// Adds what kernels have counted.
  mutating func add(_ counts: KernelCounts) {
    let rounded = Int64(counts.histogram.knownCount(belowPowerOfTwo: -1))
    correctlyRounded += UInt64(rounded + counts.correctlyRoundedBesides)
    let faithful = Int64(counts.histogram.knownCount(belowPowerOfTwo: 0))
    self.faithful += UInt64(faithful + counts.faithfulBesides)
    histogram.merge(counts.histogram)
  }
}

extension lane_tally {
  /// Gives the sum of errors the other sign.
  fileprivate mutating func negateSignedErrors() {
    let sum = 0 &- (UInt128(signed_high) << 64 | UInt128(signed_low))
    (signed_high, signed_low) = (
      UInt64(truncatingIfNeeded: sum >> 64), UInt64(truncatingIfNeeded: sum)
    )
  }
}

extension FilteredRow {
  /// Counts all that the filter decides, and judges one by one what it does not.
  ///
  /// - Parameters:
  ///   - policy: What the implementation declares about special lanes.
  ///   - statistics: What counts and errors are added to; maxima only those of elements that the
  ///     filter leaves open.
  func count(
    policy: SpecialLanePolicy, measurement: inout LaneMeasurement,
    into statistics: inout AccuracyStatistics
  ) -> RowBounds {
    var bounds = RowBounds(self)
    var counts = KernelCounts()
    let longest = outputs.reduce(0) { max($0, $1.count) }
    var open = [UInt32](repeating: 0, count: longest)
    for number in lanes.indices {
      let lane = lanes[number]
      guard isFiltered(number) else {
        measurement.measure(
          outputs[number].values, lane: number, reference: lane, policy: policy,
          promise: promises[number], into: &statistics)
        continue
      }
      count(number, lane, outputs[number], &open, &bounds, &counts, &statistics, &measurement)
      if isOnly { lane.giveBack() }
    }
    measurement.settleUndecided(into: &statistics)
    statistics.add(counts)
    return bounds
  }

  private func count(
    _ number: Int, _ lane: any FilteredValues, _ values: EncodedLane, _ open: inout [UInt32],
    _ bounds: inout RowBounds, _ counts: inout KernelCounts,
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    statistics.lanes += 1
    statistics.elements += UInt64(values.count)
    let firstBlock = bounds.firstBlocks[number]
    // Where there is a floor bounds are not looked at before they matter.
    let promise = promises.floor == nil ? promises[number] : .none
    let promised = promise.bounds
    let (level, code, count) = (level, values.format.kernelCode, values.count)
    var tally = lane_tally()
    // Open elements without a value, whose scaled errors are not measured along.
    var unknown = Set<Int>()
    lane.withComparison(tier, values) { comparison in
      let reference = comparison.reference
      bounds.maxima.withUnsafeMutableBufferPointer { maxima in
        open.withUnsafeMutableBufferPointer { open in
          counts.histogram.addLane(count: count) { known, lowest, highest in
            var output = lane_output(
              bins: known, lowest_bins: lowest, highest_bins: highest,
              maxima: maxima.baseAddress! + firstBlock, open: open.baseAddress)
            tally = lane_measure(level, reference, code, comparison.outputs, count, &output)
            if comparison.areNegated { tally.negateSignedErrors() }
            return tally.normal
          }
        }
      }
      if let floor = promises.floor, let lane = lane.probabilities {
        // Now, as long as the probabilities are there and in the processor's cache.
        let maxima = bounds.maxima[firstBlock..<bounds.firstBlocks[number + 1]]
        func isBelow(isNormal: Bool) -> Bool {
          let known = knownRatios[isNormal: isNormal]
          guard known.figure != nil else { return false }
          return !FloorSearch(floor, of: lane, isNormal: isNormal).canReach(
            known.leastToRaise, values, maxima, reference: reference, level: level)
        }
        bounds.areBelowKnownRatios[number] = (isBelow(isNormal: true), isBelow(isNormal: false))
      }
      if let scaled = comparison.scaled {
        for place in open[..<Int(tally.open)] where reference.pointee.high[Int(place)].isNaN {
          unknown.insert(Int(place))
        }
        take(scaled, reference, firstBlock..<bounds.firstBlocks[number + 1], &bounds)
        statistics.add(scaled, of: &tally, reference)
      }
      guard let promised else { return }
      bounds.ratios.withUnsafeMutableBufferPointer { ratios in
        lane_ratios(
          level, reference, code, comparison.outputs, promised, count,
          ratios.baseAddress! + firstBlock)
      }
    }
    statistics.add(tally)
    counts.correctlyRoundedBesides += tally.correctly_rounded_besides
    counts.faithfulBesides += tally.faithful_besides

    if promise.lacksBound { statistics.outsideDomain += UInt64(values.count) }
    var isMismatched = tally.mismatches > 0
    for place in tally.open > 0 ? open[..<Int(tally.open)].sorted() : [] {
      let (index, location) = (Int(place), ElementLocation(lane: number, index: Int(place)))
      let kind = judge(
        values[index], at: location, of: lane, hasValue: !unknown.contains(index), &statistics,
        &measurement)
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
      raiseScaledOfZeros(values, lane, number, &statistics)
      return
    }
    guard let lane = lane.probabilities else { return }
    bounds.topUnits[number] = 1.scaled(byPowerOfTwo: -lane.topQuantumFloor - tier.scale)
    bounds.sums.append((number, defectBound(tally, count: values.count)))
  }

  /// Takes upper bounds of the scaled errors of a lane's blocks.
  private func take(
    _ scaled: ScaledComparison, _ reference: UnsafePointer<lane_reference>, _ blocks: Range<Int>,
    _ bounds: inout RowBounds
  ) {
    // Of an error, and of what the bound leaves open; of the latter no more where a value vanishes.
    let slack = 2 * ScaledComparison.uncertainty(reference) + 0x1p-100
    for (place, block) in blocks.enumerated() {
      bounds.scaled[block] = scaled.largest[place] * (1 + 0x1p-40) + slack
    }
  }

  /// Takes the error of 0 of the first 0 that stands for one into account, of a lane whose other
  /// outputs may have none.
  private func raiseScaledOfZeros(
    _ values: EncodedLane, _ lane: any FilteredValues, _ number: Int,
    _ statistics: inout AccuracyStatistics
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
  private func judge(
    _ y: Double, at location: ElementLocation, of lane: any FilteredValues, hasValue: Bool,
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
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

  /// An upper bound of |sum of the outputs - 1|.
  ///
  /// In binary64 the sum is good to 38 u: in a block 31 additions of nonnegative numbers, 3 to put
  /// the 8 sums together, and what TwoSum leaves. For pairs the errors of the block's additions are
  /// kept; they are added with at most 32 roundings of something below 33 u times the sum in a
  /// block, and less than 20 for each block that is added to the lane's pair.
  private func defectBound(_ tally: lane_tally, count: Int) -> Double {
    let blocks = Double(count / Int(LANE_BLOCK) + 1)
    let sum = tally.sum_high
    let relative = tier == .single ? 40 * 0x1p-53 : (2000 + 20 * blocks) * 0x1p-106
    guard sum < .infinity, tally.sum_low.isFinite else { return .infinity }
    let defect = abs((sum - 1) + tally.sum_low)
    return defect * (1 + 0x1p-48) + sum * relative
  }
}
