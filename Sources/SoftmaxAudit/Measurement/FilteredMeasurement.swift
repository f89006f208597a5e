import CLaneKernels
import FloatFormats
import SoftmaxOracle

/// Measures the outputs of one implementation on all lanes of a cell through the oracle's filters.
///
/// A kernel judges every element against the filter's enclosure of p and counts what that decides. What it leaves open is
/// judged one by one against the next tier. Maxima are certified at the end: the kernel leaves an upper bound for each
/// block of elements, and only those elements are evaluated that can still be the maximum.
///
/// So certified figures are those of ``LaneMeasurement`` over MPFR references: both are functions of the exact numbers.
/// Statistical figures come from approximate errors. Where those leave a percentile or the sixth digit of a mean open, the
/// cell is measured again with the next tier; the last one is MPFR.
struct FilteredMeasurement {
  private let lanes: [FilteredLane]
  private let level: Int32
  private let oracle: SoftmaxOracle
  private var measurement: LaneMeasurement
  /// Whether no other outputs are measured on these lanes: it does not pay to keep their exponentials.
  private let isOnly: Bool

  init(
    lanes: [FilteredLane], oracle: SoftmaxOracle, level: KernelLevel = .best, isOnly: Bool = false
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
  ///   - outputs: The computed probabilities of each lane.
  ///   - policy: What the implementation declares about special lanes.
  ///   - promises: What is promised about each lane.
  mutating func measure(
    _ outputs: [EncodedLane], policy: SpecialLanePolicy, promises: [LanePromise]
  ) -> AccuracyStatistics {
    let first: FilterTier = lanes.allSatisfy(\.hasSingles) ? .single : .pair
    for tier in [first, .pair] {
      var row = Row(
        lanes: lanes, outputs: outputs, promises: promises, tier: tier, level: level,
        isOnly: isOnly)
      var statistics = row.count(policy: policy, measurement: &measurement)
      guard statistics.areStatisticsDecided else { continue }
      row.certifyMaxima(&statistics, measurement: &measurement)
      return statistics
    }
    var statistics = AccuracyStatistics()
    for lane in lanes.indices {
      measurement.measure(
        outputs[lane].values, lane: lane, reference: lanes[lane].arbiter, policy: policy,
        promise: promises[lane], into: &statistics)
    }
    statistics.oracleFallbacks += statistics.elements
    return statistics
  }
}

/// The filters, fast before accurate.
enum FilterTier {
  /// Binary64, for formats up to float32.
  case single
  /// Double-double.
  case pair
}

/// One pass over the outputs of an implementation with one filter.
private struct Row {
  let lanes: [FilteredLane]
  let outputs: [EncodedLane]
  let promises: [LanePromise]
  let tier: FilterTier
  let level: Int32
  let isOnly: Bool
  /// Upper bounds for each block of each lane; the blocks of a lane that is measured exactly are empty.
  private var maxima: [lane_maxima] = []
  private var ratios: [Double] = []
  private var lanesOfBlocks: [Int] = []
  private var firstBlocks: [Int] = []
  /// Lanes without mismatch that a kernel has measured, each with an upper bound of |sum - 1|.
  private var sums: [(lane: Int, defect: Double)] = []
  private var isClean: [Bool] = []
  private var openElements: [ElementLocation] = []
  /// The block looked at last: that with the largest error is often that with the largest of another kind.
  private var judged: (block: Int, elements: [lane_element]) = (-1, [])
  /// One over the least that the ulp of the largest probability of each lane can be, scaled as the probabilities.
  private var topUnits: [Double] = []

  init(
    lanes: [FilteredLane], outputs: [EncodedLane], promises: [LanePromise], tier: FilterTier,
    level: Int32, isOnly: Bool
  ) {
    self.isOnly = isOnly
    self.lanes = lanes
    self.outputs = outputs
    self.promises = promises
    self.tier = tier
    self.level = level
  }

  /// Of one lane and not of the row: a closure that changes a row would have a method of it work on a copy.
  private static func withReference(
    _ lane: FilteredLane, _ tier: FilterTier, _ body: (UnsafePointer<lane_reference>) -> Void
  ) {
    switch tier {
    case .single: lane.withSingles(body)
    case .pair: lane.withPairs(body)
    }
  }

  // MARK: Counting

  /// Counts all that the filter decides, and judges one by one what it does not.
  mutating func count(
    policy: SpecialLanePolicy, measurement: inout LaneMeasurement
  ) -> AccuracyStatistics {
    var statistics = AccuracyStatistics()
    isClean = Array(repeating: false, count: lanes.count)
    let longest = outputs.map(\.count).max() ?? 0
    var open = [UInt32](repeating: 0, count: longest)
    for (number, lane) in lanes.enumerated() {
      firstBlocks.append(maxima.count)
      guard lane.special == nil, lane.count > 0, !lane.isConstant else {
        measurement.measure(
          outputs[number].values, lane: number, reference: lane, policy: policy,
          promise: promises[number], into: &statistics)
        continue
      }
      countLane(number, &open, &statistics, &measurement)
      if isOnly { lane.giveBackSingles() }
    }
    measurement.settleUndecided(into: &statistics)
    return statistics
  }

  private mutating func countLane(
    _ number: Int, _ open: inout [UInt32], _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let values = outputs[number]
    let blockCount = (values.count + Int(LANE_BLOCK) - 1) / Int(LANE_BLOCK)
    let blocks = maxima.count..<maxima.count + blockCount
    maxima += repeatElement(lane_maxima(), count: blockCount)
    ratios += repeatElement(0, count: blockCount)
    lanesOfBlocks += repeatElement(number, count: blockCount)
    statistics.lanes += 1
    statistics.elements += UInt64(values.count)

    var tally = lane_tally()
    let promise = promises[number]
    Self.withReference(lanes[number], tier) { reference in
      maxima.withUnsafeMutableBufferPointer { maxima in
        open.withUnsafeMutableBufferPointer { open in
          statistics.histogram.addLane(count: values.count) { known, lowest, highest in
            var output = lane_output(
              bins: known, lowest_bins: lowest, highest_bins: highest,
              maxima: maxima.baseAddress! + blocks.lowerBound, open: open.baseAddress)
            values.withUnsafeBytes {
              tally = lane_measure(
                level, reference, values.format.kernelCode, $0.baseAddress, values.count, &output)
            }
            return tally.normal
          }
        }
      }
      if case .bounded(let bounds) = promise {
        ratios.withUnsafeMutableBufferPointer { ratios in
          values.withUnsafeBytes {
            lane_ratios(
              level, reference, values.format.kernelCode, $0.baseAddress, bounds, values.count,
              ratios.baseAddress! + blocks.lowerBound)
          }
        }
      }
    }
    statistics.add(tally)

    var isOutsideDomain = false
    var bounds: [Double]?
    switch promise {
    case .bounded(let values): bounds = values
    case .outsideDomain:
      isOutsideDomain = true
      statistics.outsideDomain += UInt64(values.count)
    case .none: break
    }
    if tally.open > 0 {
      for index in open[..<Int(tally.open)].sorted().map(Int.init) {
        let location = ElementLocation(lane: number, index: index)
        openElements.append(location)
        judge(location, bound: bounds?[index], &statistics, &measurement)
      }
    }
    guard tally.mismatches == 0 else {
      statistics.mismatches += tally.mismatches
      statistics.mismatchedLanes += 1
      if !isOutsideDomain { statistics.mismatchesInDomain += tally.mismatches }
      return
    }
    isClean[number] = true
    sums.append((number, defectBound(tally, count: values.count)))
  }

  /// Judges an element that the filter left open; it is no mismatch, and its p is positive.
  private func judge(
    _ location: ElementLocation, bound: Double?, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let y = outputs[location.lane][location.index]
    let lane = lanes[location.lane]
    let before = lane.arbitrations
    let exact = lane.probability(at: location.index)
    statistics.oracleFallbacks += lane.arbitrations - before
    guard !exact.isUndecided else {
      statistics.undecided += 1
      return
    }
    statistics.finitePairs += 1
    if y.isZero, y.isNegative { statistics.negativeZeros += 1 }
    measurement.add(
      UlpError(of: y, against: exact), of: y, against: exact, bound: bound, at: location,
      reference: lane, into: &statistics)
  }

  /// An upper bound of |sum of the outputs - 1|.
  ///
  /// In binary64 the sum is good to 38 u: in a block 31 additions of nonnegative numbers, 3 to put the 8 sums together,
  /// and what TwoSum leaves. For pairs the errors of the block's additions are kept; they are added with at most
  /// 32 roundings of something below 33 u times the sum in a block, and less than 20 for each block that is added to the
  /// lane's pair.
  private func defectBound(_ tally: lane_tally, count: Int) -> Double {
    let blocks = Double(count / Int(LANE_BLOCK) + 1)
    let sum = tally.sum_high
    let relative = tier == .single ? 40 * 0x1p-53 : (2000 + 20 * blocks) * 0x1p-106
    guard sum < .infinity, tally.sum_low.isFinite else { return .infinity }
    let defect = abs((sum - 1) + tally.sum_low)
    return defect * (1 + 0x1p-48) + sum * relative
  }

  // MARK: Maxima

  /// The maxima that elements are searched for.
  private enum Maximum: CaseIterable {
    case ulp, subnormal, flushToZero, ratio, norm
  }

  /// Added to bounds that errors below the least figure must not escape, whatever they are divided by.
  private static var leastRatio: Double { 0x1p-1000 }
  /// Covers the roundings of the bounds.
  private static var slack: Double { 1 + 0x1p-40 }
  /// A ratio and the figure in it are rounded up to 30 bits.
  private static var figureSlack: Double { 1 + 0x1p-27 }

  /// Certifies the maxima that the blocks leave room for.
  mutating func certifyMaxima(
    _ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement
  ) {
    topUnits = lanes.indices.map {
      isClean[$0] ? 1.scaled(byPowerOfTwo: -lanes[$0].topQuantumFloor - pairScale) : 0
    }
    // An open element has no bound that a kernel gave; there are few, and all their other maxima are certified.
    for location in openElements where isClean[location.lane] {
      raise(.norm, at: location, &statistics, &measurement)
    }
    for block in maxima.indices where maxima[block].subnormal_zero > 0 {
      // Errors forgiven are errors of 0.
      statistics.maxUlpFlushToZero.update(
        0, at: ElementLocation(lane: lanesOfBlocks[block], index: 0))
      break
    }
    var bounds = [Double](repeating: 0, count: maxima.count)
    for maximum in Maximum.allCases where isAsked(maximum) {
      // The block with the largest bound first, then all that can still raise the maximum.
      var largest = 0
      for block in bounds.indices {
        bounds[block] = bound(of: maximum, onBlock: block)
        if bounds[block] > bounds[largest] { largest = block }
      }
      guard !bounds.isEmpty, bounds[largest] > 0 else { continue }
      visit(largest, for: maximum, &statistics, &measurement)
      bounds[largest] = 0
      for block in bounds.indices where bounds[block] > 0 {
        let first = ElementLocation(
          lane: lanesOfBlocks[block], index: indices(of: block).lowerBound)
        if value(of: maximum, in: &statistics).canBeRaised(by: bounds[block], at: first) {
          visit(block, for: maximum, &statistics, &measurement)
        }
      }
    }
    certifySum(&statistics)
    measurement.settleUndecided(into: &statistics)
  }

  /// Whether a search can find what the searches before it have not.
  ///
  /// Where no block has subnormal errors, the largest error with zeros forgiven is the largest of all, and raised with it.
  private func isAsked(_ maximum: Maximum) -> Bool {
    switch maximum {
    case .ulp, .norm: true
    case .subnormal, .flushToZero:
      maxima.contains { $0.subnormal > 0 || $0.subnormal_zero > 0 }
    case .ratio: ratios.contains { $0 > 0 }
    }
  }

  private var pairScale: Int { tier == .single ? 0 : Int(LANE_PAIR_SCALE) }

  @inline(__always)
  private func value(
    of maximum: Maximum, in statistics: inout AccuracyStatistics
  ) -> CertifiedMaximum {
    switch maximum {
    case .ulp: statistics.maxUlp
    case .subnormal: statistics.maxUlpSubnormal
    case .flushToZero: statistics.maxUlpFlushToZero
    case .ratio: statistics.maxRatio
    case .norm: statistics.maxNormUlp
    }
  }

  /// An upper bound of what the elements of a block contribute to a maximum; 0 where they contribute nothing.
  private func bound(of maximum: Maximum, onBlock block: Int) -> Double {
    let found = maxima[block]
    switch maximum {
    case .ulp: return found.normal * Self.slack
    case .subnormal: return max(found.subnormal, found.subnormal_zero) * Self.slack
    case .flushToZero: return max(found.normal, found.subnormal) * Self.slack
    case .ratio: return ratios[block] * Self.figureSlack
    case .norm:
      let lane = lanesOfBlocks[block]
      guard isClean[lane], found.distance > 0 else { return 0 }
      return found.distance * topUnits[lane] * Self.slack + Self.leastRatio
    }
  }

  /// The same for one element; nil where it contributes nothing.
  private func bound(
    of maximum: Maximum, onElement found: lane_element, at location: ElementLocation
  ) -> Double? {
    let kind = Int(found.kind)
    switch maximum {
    case .ulp: return kind == LANE_ELEMENT_NORMAL ? found.ulps * Self.slack : nil
    case .subnormal: return kind > LANE_ELEMENT_NORMAL ? found.ulps * Self.slack : nil
    case .flushToZero:
      return kind == LANE_ELEMENT_NORMAL || kind == LANE_ELEMENT_SUBNORMAL
        ? found.ulps * Self.slack : nil
    case .ratio:
      guard kind >= LANE_ELEMENT_NORMAL, case .bounded(let bounds) = promises[location.lane]
      else { return nil }
      let bound = min(bounds[location.index], 0x1p500).scaled(byPowerOfTwo: pairScale)
      return (found.distance / bound + Self.leastRatio) * Self.figureSlack
    case .norm:
      guard kind >= LANE_ELEMENT_NORMAL, isClean[location.lane] else { return nil }
      return found.distance * topUnits[location.lane] * Self.slack + Self.leastRatio
    }
  }

  private func indices(of block: Int) -> Range<Int> {
    let lane = lanesOfBlocks[block]
    let start = (block - firstBlocks[lane]) * Int(LANE_BLOCK)
    return start..<min(start + Int(LANE_BLOCK), outputs[lane].count)
  }

  private func judge(_ indices: Range<Int>, ofLane lane: Int) -> [lane_element] {
    let values = outputs[lane]
    return [lane_element](unsafeUninitializedCapacity: indices.count) { elements, filled in
      Self.withReference(lanes[lane], tier) { reference in
        values.withUnsafeBytes {
          lane_judge(
            reference, values.format.kernelCode, $0.baseAddress, indices.lowerBound, indices.count,
            elements.baseAddress)
        }
      }
      filled = indices.count
    }
  }

  /// Certifies the elements of a block that can raise a maximum, the largest bound first.
  private mutating func visit(
    _ block: Int, for maximum: Maximum, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let lane = lanesOfBlocks[block]
    if judged.block != block { judged = (block, judge(indices(of: block), ofLane: lane)) }
    var candidates: [(bound: Double, location: ElementLocation)] = []
    let present = value(of: maximum, in: &statistics)
    for (index, found) in zip(indices(of: block), judged.elements) {
      let location = ElementLocation(lane: lane, index: index)
      guard let bound = bound(of: maximum, onElement: found, at: location),
        present.canBeRaised(by: bound, at: location)
      else { continue }
      candidates.append((bound, location))
    }
    // Not sorted: what the largest raises leaves few others, and an order among those changes nothing.
    guard
      let first = candidates.indices.max(by: { candidates[$0].bound < candidates[$1].bound })
    else { return }
    candidates.swapAt(0, first)
    for candidate in candidates
    where value(of: maximum, in: &statistics)
      .canBeRaised(by: candidate.bound, at: candidate.location)
    {
      raise(maximum, at: candidate.location, &statistics, &measurement)
    }
  }

  private func raise(
    _ maximum: Maximum, at location: ElementLocation, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let lane = lanes[location.lane]
    let y = outputs[location.lane][location.index]
    if maximum == .norm {
      measurement.raiseNorm(y, location, lane, lane.topQuantumExponent, &statistics)
      return
    }
    let exact = lane.probability(at: location.index)
    var bound: Double?
    if case .bounded(let bounds) = promises[location.lane] { bound = bounds[location.index] }
    measurement.raiseMaxima(
      to: UlpError(of: y, against: exact), of: y, against: exact, bound: bound, at: location,
      reference: lane, into: &statistics)
  }

  private func certifySum(_ statistics: inout AccuracyStatistics) {
    var sum = LaneSum()
    let order = sums.sorted { $0.defect != $1.defect ? $0.defect > $1.defect : $0.lane < $1.lane }
    for (lane, defect) in order {
      let location = ElementLocation(lane: lane, index: 0)
      guard statistics.maxSumError.canBeRaised(by: defect, at: location) else { continue }
      statistics.maxSumError.update(
        certifiedDefect(ofLane: lane) ?? exactDefect(ofLane: lane, &sum), at: location)
    }
  }

  /// |sum of the outputs - 1| as a figure; nil where the sum in double-double leaves it open.
  ///
  /// Where no addition rounds, the sum is exact, and so is 1 less where that does not round either. Else each of 32 partial
  /// sums has m = ceil(n / 32) terms. TwoSum leaves errors of at most u of the partial sum; these add up to m u of it at
  /// most, with m roundings: m^2 u^2. Putting the 32 together rounds 64 times something below (m + 33) u of the sum.
  private func certifiedDefect(ofLane lane: Int) -> Double? {
    let values = outputs[lane]
    let sum = values.withUnsafeBytes {
      lane_add(level, values.format.kernelCode, $0.baseAddress, values.count)
    }
    let difference = sum.high - 1
    let part = difference - sum.high
    let error = (sum.high - (difference - part)) + (-1 - part)
    if sum.is_exact, error == 0 { return CertifiedUlp.roundedUp(abs(difference)) }
    let terms = Double(values.count / 32 + 1)
    let bound = sum.high * (terms * terms + 64 * terms + 4096) * 0x1p-106
    let defect = abs(difference + (error + sum.low))
    let slack = (defect + abs(sum.low)) * 0x1p-51 + bound
    guard defect > slack else { return nil }
    let least = CertifiedUlp.roundedUp(defect - slack)
    return least == CertifiedUlp.roundedUp(defect + slack) ? least : nil
  }

  private func exactDefect(ofLane lane: Int, _ sum: inout LaneSum) -> Double {
    sum.reset()
    for y in outputs[lane].values { sum.add(y) }
    return sum.certifiedDefect()
  }
}
