import CLaneKernels
import FloatFormats
import Oracle

/// Finds the certified maxima of a row, where the bounds of its blocks leave room for them.
///
/// The block with the largest bound comes first. What its elements come to leaves few other blocks
/// that can hold more, and of these only the elements are evaluated exactly that can.
struct MaximaSearch {
  let row: FilteredRow
  let bounds: RowBounds
  private let hasSubnormalErrors: Bool

  init(row: FilteredRow, bounds: RowBounds) {
    self.row = row
    self.bounds = bounds
    hasSubnormalErrors = bounds.maxima.contains { $0.subnormal > 0 || $0.subnormal_zero > 0 }
  }

  /// The maxima that elements are searched for.
  private enum Maximum: CaseIterable {
    case ulp, subnormal, flushToZero, norm, scaled, scaledOfNormal
  }

  /// Added to bounds that errors below the least figure must not escape, whatever they are divided
  /// by.
  private static var leastRatio: Double { 0x1p-1000 }
  /// Covers the roundings of the bounds.
  private static var slack: Double { 1 + 0x1p-40 }

  /// Certifies the maxima that the blocks leave room for.
  func certify(_ statistics: inout AccuracyStatistics, measurement: inout LaneMeasurement) {
    // An open element has no bound that a kernel gave; there are few, and all their other maxima
    // are certified.
    for location in bounds.openElements where bounds.topUnits[location.lane] > 0 {
      raise(.norm, at: location, &statistics, &measurement)
    }
    if hasSubnormalErrors, let lane = firstLaneOfForgivenZero() {
      // Errors forgiven are errors of 0.
      statistics.maxUlpFlushToZero.update(0, at: ElementLocation(lane: lane, index: 0))
    }
    for maximum in Maximum.allCases where isAsked(maximum) {
      certify(maximum, &statistics, &measurement)
    }
    certifySum(&statistics)
    measurement.settleUndecided(into: &statistics)
  }

  /// The first lane with a 0 that stands for a subnormal value.
  private func firstLaneOfForgivenZero() -> Int? {
    for segment in bounds.segments {
      for block in segment.blocks where bounds.maxima[block].subnormal_zero > 0 {
        guard segment.run != nil else { return segment.lanes.lowerBound }
        var lane: Int?
        segment.withComparison(row) { comparison in
          for place in segment.places(of: block) where lane == nil {
            let element = judge(place, comparison)
            if Int(element.kind) == LANE_ELEMENT_SUBNORMAL_ZERO {
              lane = segment.location(of: place).lane
            }
          }
        }
        if let lane { return lane }
      }
    }
    return nil
  }

  private func judge(_ place: Int, _ comparison: LaneComparison) -> lane_element {
    var element = lane_element()
    lane_judge(
      comparison.reference, row.outputs.format.kernelCode, comparison.outputs, place, 1, &element)
    return element
  }

  /// Whether a search can find what the searches before it have not.
  ///
  /// Where no block has subnormal errors, the largest error with zeros forgiven is the largest of
  /// all, and raised with it.
  private func isAsked(_ maximum: Maximum) -> Bool {
    switch maximum {
    case .ulp, .norm: true
    case .subnormal, .flushToZero: hasSubnormalErrors
    case .scaled, .scaledOfNormal: !bounds.scaled.isEmpty
    }
  }

  private func certify(
    _ maximum: Maximum, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let limits = blockBounds(of: maximum)
    var largest: (block: Int, segment: RowSegment)?
    for segment in bounds.segments {
      for block in segment.blocks where limits[block] > (largest.map { limits[$0.block] } ?? 0) {
        largest = (block, segment)
      }
    }
    guard let largest else { return }
    visit(
      largest.block, of: largest.segment, limits[largest.block], maximum, &statistics, &measurement)
    var least = value(of: maximum, in: statistics).leastToRaise
    for segment in bounds.segments {
      for block in segment.blocks
      where limits[block] >= least && limits[block] > 0 && block != largest.block {
        let start = segment.location(of: segment.places(of: block).lowerBound)
        guard value(of: maximum, in: statistics).canBeRaised(by: limits[block], at: start)
        else { continue }
        visit(block, of: segment, limits[block], maximum, &statistics, &measurement)
        least = value(of: maximum, in: statistics).leastToRaise
      }
    }
  }

  private func value(
    of maximum: Maximum, in statistics: borrowing AccuracyStatistics
  ) -> CertifiedMaximum {
    switch maximum {
    case .ulp: statistics.maxUlp
    case .subnormal: statistics.maxUlpSubnormal
    case .flushToZero: statistics.maxUlpFlushToZero
    case .norm: statistics.maxNormUlp
    case .scaled: statistics.measured.scaled.largest
    case .scaledOfNormal: statistics.measured.scaled.largestOfNormal
    }
  }

  // MARK: Bounds

  /// Upper bounds of what the elements of each block contribute to a maximum; 0 where they
  /// contribute nothing.
  private func blockBounds(of maximum: Maximum) -> [Double] {
    switch maximum {
    case .ulp: bounds.maxima.map { $0.normal * Self.slack }
    case .subnormal: bounds.maxima.map { max($0.subnormal, $0.subnormal_zero) * Self.slack }
    case .flushToZero: bounds.maxima.map { max($0.normal, $0.subnormal) * Self.slack }
    case .norm: normBounds()
    case .scaled, .scaledOfNormal: bounds.scaled
    }
  }

  private func normBounds() -> [Double] {
    var limits = [Double](repeating: 0, count: bounds.maxima.count)
    for segment in bounds.segments {
      guard segment.largestTopUnit > 0 else { continue }
      let unit = segment.largestTopUnit * Self.slack
      for block in segment.blocks where bounds.maxima[block].distance > 0 {
        limits[block] = bounds.maxima[block].distance * unit + Self.leastRatio
      }
    }
    return limits
  }

  /// The same for one element; nil where it contributes nothing.
  ///
  /// - Parameter unit: That of its scaled error.
  private func bound(
    of maximum: Maximum, onElement found: lane_element, at location: ElementLocation,
    scaledUnit unit: () -> Double
  ) -> Double? {
    let kind = Int(found.kind)
    switch maximum {
    case .ulp: return kind == LANE_ELEMENT_NORMAL ? found.ulps * Self.slack : nil
    case .subnormal: return kind > LANE_ELEMENT_NORMAL ? found.ulps * Self.slack : nil
    case .flushToZero:
      return kind == LANE_ELEMENT_NORMAL || kind == LANE_ELEMENT_SUBNORMAL
        ? found.ulps * Self.slack : nil
    case .norm:
      let unit = bounds.topUnits[location.lane]
      guard kind >= LANE_ELEMENT_NORMAL, unit > 0 else { return nil }
      return found.distance * unit * Self.slack + Self.leastRatio
    case .scaled, .scaledOfNormal:
      guard maximum == .scaled ? kind >= LANE_ELEMENT_NORMAL : kind == LANE_ELEMENT_NORMAL
      else { return nil }
      return (found.distance / unit() + Self.leastRatio) * Self.slack
    }
  }

  /// The errors that an element of some lane must have for its bound to reach a limit, in ulps and
  /// as a distance.
  private func leastErrors(
    for maximum: Maximum, toReach limit: Double, in segment: RowSegment
  ) -> (ulps: Double, distance: Double) {
    // Less than what the slacks divide it by.
    let error = limit * (1 - 0x1p-30)
    return switch maximum {
    case .ulp, .subnormal, .flushToZero: (error, .infinity)
    case .norm: (.infinity, (error - Self.leastRatio) / segment.largestTopUnit)
    // The units of elements are too different.
    case .scaled, .scaledOfNormal: (0, 0)
    }
  }

  // MARK: Elements

  /// An element that may raise a maximum.
  private struct Candidate {
    var bound: Double
    var location: ElementLocation
    var element: lane_element
  }

  /// Certifies the elements of a block that can raise a maximum.
  private func visit(
    _ block: Int, of segment: RowSegment, _ largest: Double, _ maximum: Maximum,
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    let places = segment.places(of: block)
    // First those near the bound of the block. Once they are known, the others seldom matter.
    var limit = max(largest * (1 - 0x1p-10), value(of: maximum, in: statistics).leastToRaise)
    for _ in 0..<2 {
      raise(maximum, from: limit, at: places, of: segment, &statistics, &measurement)
      let least = value(of: maximum, in: statistics).leastToRaise
      if least >= limit { return }
      limit = least
    }
  }

  /// Raises a maximum to those elements of a range whose bound reaches a limit.
  private func raise(
    _ maximum: Maximum, from limit: Double, at places: Range<Int>, of segment: RowSegment,
    _ statistics: inout AccuracyStatistics, _ measurement: inout LaneMeasurement
  ) {
    var candidates = candidates(for: maximum, from: limit, at: places, of: segment)
    // Not sorted: what the largest raises leaves few others, and an order among those changes
    // nothing.
    guard
      let first = candidates.indices.max(by: { candidates[$0].bound < candidates[$1].bound })
    else { return }
    candidates.swapAt(0, first)
    for candidate in candidates
    where value(of: maximum, in: statistics)
      .canBeRaised(by: candidate.bound, at: candidate.location)
    {
      if !raise(maximum, to: candidate.element, at: candidate.location, &statistics) {
        raise(maximum, at: candidate.location, &statistics, &measurement)
      }
    }
  }

  /// The elements of a range whose bound reaches a limit, and perhaps some that fall a little short
  /// of it.
  private func candidates(
    for maximum: Maximum, from limit: Double, at places: Range<Int>, of segment: RowSegment
  ) -> [Candidate] {
    let code = row.outputs.format.kernelCode
    let least = leastErrors(for: maximum, toReach: limit, in: segment)
    var candidates: [Candidate] = []
    let lanes = segment.lanes(at: places)
    let offset = (lanes.lowerBound - segment.lanes.lowerBound) * segment.length
    segment.withComparison(row, of: lanes) { comparison in
      let reference = comparison.reference
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: places.count) { found in
        let count = lane_find(
          row.level, reference, code, comparison.outputs, places.lowerBound - offset,
          places.upperBound - offset, least.ulps, least.distance, found.baseAddress)
        for place in found[..<count] {
          let element = judge(Int(place), comparison)
          let location = segment.location(of: Int(place) + offset)
          let bound = bound(of: maximum, onElement: element, at: location) {
            comparison.scaled?.unit(at: Int(place), reference) ?? 0
          }
          if let bound, bound >= limit || maximum != .scaled && maximum != .scaledOfNormal {
            candidates.append(Candidate(bound: bound, location: location, element: element))
          }
        }
      }
    }
    return candidates
  }

  /// Raises a maximum to an error whose figure the filter decides by itself.
  ///
  /// That is the rule where an ulp is much more than the filter's error: in formats of 16 bits.
  ///
  /// - Returns: Whether the figure is decided.
  private func raise(
    _ maximum: Maximum, to element: lane_element, at location: ElementLocation,
    _ statistics: inout AccuracyStatistics
  ) -> Bool {
    guard element.least_ulps > 0x1p-100 else { return false }
    let figure = CertifiedUlp.roundedUp(element.ulps)
    guard CertifiedUlp.roundedUp(element.least_ulps) == figure else { return false }
    switch maximum {
    case .norm:
      // Rounding up to 30 bits commutes with powers of two.
      let shift =
        Int(element.quantum) - row.tier.scale - row.lanes[location.lane].topQuantumExponent
      let scaled = figure.scaled(byPowerOfTwo: shift)
      guard scaled > CertifiedUlp.least else { return false }
      statistics.maxNormUlp.update(scaled, at: location)
    case .scaled, .scaledOfNormal: return false
    case .ulp, .subnormal, .flushToZero:
      let isZero = Int(element.kind) == LANE_ELEMENT_SUBNORMAL_ZERO
      if Int(element.kind) == LANE_ELEMENT_NORMAL {
        statistics.maxUlp.update(figure, at: location)
      } else {
        statistics.maxUlpSubnormal.update(figure, at: location)
      }
      statistics.maxUlpFlushToZero.update(isZero ? 0 : figure, at: location)
    }
    return true
  }

  /// Raises a maximum to the error of an element as the next tier has it.
  private func raise(
    _ maximum: Maximum, at location: ElementLocation, _ statistics: inout AccuracyStatistics,
    _ measurement: inout LaneMeasurement
  ) {
    let lane = row.lanes[location.lane]
    let y = row.outputs[location.lane][location.index]
    if maximum == .norm {
      measurement.raiseNorm(y, location, lane, lane.topQuantumExponent, &statistics)
      return
    }
    let exact = lane.value(at: location.index)
    let error = UlpError(of: y, against: exact)
    if maximum == .scaled || maximum == .scaledOfNormal {
      measurement.addScaled(
        error, of: y, against: exact, at: location, reference: lane, isCounted: true,
        into: &statistics)
    } else {
      measurement.raiseMaxima(
        to: error, of: y, against: exact, at: location, reference: lane, into: &statistics)
    }
  }

  // MARK: Sums

  private func certifySum(_ statistics: inout AccuracyStatistics) {
    var sum = LaneSum()
    func raise(_ lane: Int, _ bound: Double) {
      let location = ElementLocation(lane: lane, index: 0)
      guard statistics.maxSumError.canBeRaised(by: bound, at: location) else { return }
      statistics.maxSumError.update(
        certifiedDefect(ofLane: lane) ?? exactDefect(ofLane: lane, &sum), at: location)
    }
    guard let largest = bounds.sums.max(by: { $0.defect < $1.defect }) else { return }
    raise(largest.lane, largest.defect)
    for (lane, defect) in bounds.sums where lane != largest.lane { raise(lane, defect) }
  }

  /// |sum of the outputs - 1| as a figure; nil where the sum in double-double leaves it open.
  ///
  /// Where no addition rounds, the sum is exact, and so is 1 less where that does not round either.
  /// Else each of 32 partial sums has m = ceil(n / 32) terms. TwoSum leaves errors of at most u of
  /// the partial sum; these add up to m u of it at most, with m roundings: m^2 u^2. Putting the 32
  /// together rounds 64 times something below (m + 33) u of the sum.
  private func certifiedDefect(ofLane lane: Int) -> Double? {
    let values = row.outputs[lane]
    let sum = values.withUnsafeBytes {
      lane_add(row.level, values.format.kernelCode, $0.baseAddress, values.count)
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
    for y in row.outputs[lane].values { sum.add(y) }
    return sum.certifiedDefect()
  }
}
