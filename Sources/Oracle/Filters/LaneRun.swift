import CLaneKernels
import FloatFormats

/// Consecutive lanes of a softmax as the filters see them, evaluated together.
///
/// A lane by itself costs calls, memory and an object, as much as a few hundred elements do. The
/// probabilities of a run lie one behind the other, each evaluated as in a lane by itself.
/// Lanes that are special, empty or constant are in no run.
///
/// Belongs to one thread at a time, as its oracle does.
package final class LaneRun {
  /// The numbers of the lanes.
  package let lanes: Range<Int>
  /// The number of elements of each lane.
  package let length: Int
  /// The output format in which probabilities are located.
  package let format: FloatFormat

  private let logits: EncodedLane
  private let oracle: SoftmaxOracle
  private let level: Int32
  private let found: [short_lane]
  /// The largest probability of all lanes.
  private let greatest: Double
  /// The largest distance of a logit from the largest of its lane.
  private let spread: Double
  /// Whether some lane holds a tiny logit: see lane_survey.
  private let hasTiny: Bool
  private var single: ScratchBuffer?
  private var pair: (high: ScratchBuffer, low: ScratchBuffer)?

  /// The number of elements of a run of several lanes: terms and outputs stay in the processor's
  /// cache.
  package static let capacity = 4096
  /// The greatest number of elements of a lane that is taken into runs: longer ones cost more in a
  /// run, where their outputs are added up apart, than by themselves.
  package static let greatestLength = 512

  /// Evaluates the lanes from one on, as many as have values and as fit.
  ///
  /// - Returns: `nil` where the first lane is in no run.
  init?(
    from first: Int, of row: EncodedLanes, in format: FloatFormat, oracle: SoftmaxOracle,
    level: Int32
  ) {
    length = row.length
    guard 0 < length, length <= Self.greatestLength, first < row.count else { return nil }
    self.format = format
    self.oracle = oracle
    self.level = level
    let most = min(row.count - first, max(1, Self.capacity / length))
    let hasSingles = row.format != .float64 && format != .float64
    let high = oracle.scratch.take(count: most * length + Int(LANE_GROUP))
    let low = hasSingles ? nil : oracle.scratch.take(count: most * length + Int(LANE_GROUP))
    let offered = row[first..<first + most]
    let length = length
    found = [short_lane](unsafeUninitializedCapacity: most) { found, count in
      count = Self.evaluate(
        offered, length, most, level, high: high.start, low: low?.start, found.baseAddress)
    }
    greatest = found.lazy.map(\.greatest).max() ?? 0
    spread = found.lazy.map { $0.maximum - $0.minimum }.max() ?? 0
    hasTiny = found.contains { $0.has_tiny }
    lanes = first..<first + found.count
    logits = row[lanes]
    if let low {
      pair = (high, low)
    } else {
      single = high
    }
    guard !found.isEmpty else {
      giveBack()
      return nil
    }
  }

  deinit { giveBack() }

  private static func evaluate(
    _ logits: EncodedLane, _ length: Int, _ count: Int, _ level: Int32,
    high: UnsafeMutablePointer<Double>, low: UnsafeMutablePointer<Double>?,
    _ found: UnsafeMutablePointer<short_lane>?
  ) -> Int {
    logits.withUnsafeBytes {
      lane_evaluate_short(
        level, logits.format.kernelCode, $0.baseAddress, length, count, high, low, found)
    }
  }

  /// Gives the memory of the probabilities to the next run; they are evaluated again should they be
  /// asked for.
  package func giveBack() {
    if let buffer = single.take() { oracle.scratch.give(buffer) }
    if let buffers = pair.take() {
      oracle.scratch.give(buffers.high)
      oracle.scratch.give(buffers.low)
    }
  }
}

extension LaneRun {
  /// Evaluates the probabilities in a tier where they are not at hand.
  private func buffers(_ tier: FilterTier) -> (high: ScratchBuffer, low: ScratchBuffer?) {
    switch tier {
    case .single: if let single { return (single, nil) }
    case .pair: if let pair { return (pair.high, pair.low) }
    }
    let (high, low) = evaluated(tier, logits)
    if let low { pair = (high, low) } else { single = high }
    return (high, low)
  }

  /// Evaluates the probabilities of lanes of the run.
  private func evaluated(
    _ tier: FilterTier, _ logits: EncodedLane
  ) -> (high: ScratchBuffer, low: ScratchBuffer?) {
    let high = oracle.scratch.take(count: logits.count + Int(LANE_GROUP))
    let low = tier == .pair ? oracle.scratch.take(count: logits.count + Int(LANE_GROUP)) : nil
    let count = logits.count / length
    // What is found of the lanes is known.
    withUnsafeTemporaryAllocation(of: short_lane.self, capacity: count) {
      _ = Self.evaluate(
        logits, length, count, level, high: high.start, low: low?.start, $0.baseAddress)
    }
    return (high, low)
  }

  /// Calls a function with the probabilities of some of the lanes and the bound of all.
  ///
  /// Where they are not at hand, those of few lanes are evaluated alone, and not kept.
  ///
  /// - Parameters:
  ///   - part: The numbers of the lanes.
  ///   - body: Must not give them back.
  package func withReference(
    _ tier: FilterTier, of part: Range<Int>, _ body: (UnsafePointer<lane_reference>) -> Void
  ) {
    let isAtHand = tier == .single ? single != nil : pair != nil
    let first = part.lowerBound - lanes.lowerBound
    guard !isAtHand, 2 * part.count < lanes.count else {
      let (high, low) = buffers(tier)
      let start = first * length
      withExtendedLifetime((high, low)) {
        withReference(high.start + start, low.map { $0.start + start }, body)
      }
      return
    }
    let (high, low) = evaluated(tier, logits[first * length..<(first + part.count) * length])
    withReference(high.start, low?.start, body)
    oracle.scratch.give(high)
    if let low { oracle.scratch.give(low) }
  }

  private func withReference(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>?,
    _ body: (UnsafePointer<lane_reference>) -> Void
  ) {
    let scale = low == nil ? 1 : Double(sign: .plus, exponent: Int(LANE_PAIR_SCALE), significand: 1)
    var reference = lane_reference(
      high: high, low: low, factor: 1,
      relative_error: low == nil
        ? FilterBounds.single(hasExactDifferences: !hasTiny)
        : FilterBounds.pair(count: length, spread: spread),
      // No probability of a lane that has a lower one is 1.
      cap: scale,
      vanishing: low == nil ? FilterBounds.singleVanishes : FilterBounds.pairVanishes,
      greatest: greatest * scale, precision: Int32(format.precision),
      least_exponent: Int32(format.minimumExponent), is_signed: false)
    body(&reference)
  }

  /// Adds up the outputs of lanes, in order, as far as none has a mismatch.
  ///
  /// - Parameters:
  ///   - outputs: Those of all lanes of the row.
  ///   - first: The number of the first lane.
  ///   - sums: Takes the sums, good to ``sumError``; there is room for all lanes of the run.
  /// - Returns: The numbers of the lanes that were added up.
  package func add(
    _ outputs: EncodedLanes, from first: Int, _ tier: FilterTier,
    _ sums: UnsafeMutablePointer<lane_pair>?
  ) -> Range<Int> {
    let (high, _) = buffers(tier)
    let start = (first - lanes.lowerBound) * length
    let values = outputs[first..<lanes.upperBound]
    let count = values.withUnsafeBytes {
      lane_add_short(
        level, values.format.kernelCode, $0.baseAddress, high.start + start, length,
        lanes.upperBound - first, sums)
    }
    return first..<first + count
  }

  /// A bound on the relative error of a sum of outputs.
  package var sumError: Double {
    let terms = Double(length)
    return (terms * terms + 64) * 0x1p-106
  }

  /// The least exponent that the ulp of the largest probability of a lane can have: the exact one,
  /// or one less.
  package func topQuantumFloor(of lane: Int) -> Int {
    let greatest = found[lane - lanes.lowerBound].greatest * (1 - 0x1p-40)
    return max(Int(greatest.exponent), format.minimumExponent) - (format.precision - 1)
  }

  /// The largest probability of a lane, good to 2^-40 of it.
  package func greatest(of lane: Int) -> Double { found[lane - lanes.lowerBound].greatest }

  /// The largest logit of a lane.
  package func maximum(of lane: Int) -> Double { found[lane - lanes.lowerBound].maximum }

  /// The sum of the probabilities of all logits of a lane below the largest, good to 2^-40 of the
  /// whole.
  package func massBelowMaximum(of lane: Int) -> Double {
    let lane = found[lane - lanes.lowerBound]
    return 1 - lane.ties * lane.greatest
  }
}
