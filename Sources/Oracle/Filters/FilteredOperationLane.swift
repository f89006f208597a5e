import AuditedOperations
import CLaneKernels
import FloatFormats

/// The exact values of an operation other than softmax on one lane, as the filters see them, with
/// the arbiter behind them.
///
/// A filter in binary64 gives all values at once, with a bound on their relative error; see
/// ``FilterBounds``. One in double-double does so for outputs of float64, of operations that have
/// it. Values of either sign are mirrored, together with the outputs, so that the kernels that
/// compare probabilities compare them. What the filter leaves open is evaluated in double-double,
/// value by value, and goes to MPFR where that does not tell.
///
/// Belongs to one thread at a time, as its oracle does.
package final class FilteredOperationLane {
  package let operation: AuditedOperation
  /// The output format in which values are located.
  package let format: FloatFormat
  /// The number of times that a value was asked of MPFR.
  package private(set) var arbitrations: UInt64 = 0
  /// The inputs as the arbiter sees them: sorted, which costs as much as all filters.
  package private(set) lazy var inputs = makeInputs()
  /// The lane located by MPFR alone.
  package private(set) lazy var arbiter = oracle.reference(of: inputs, in: format)

  package private(set) lazy var isFiltered =
    filter.special == nil && filter.isServed && (!usesPairs || filter.hasPairs)
  private lazy var slots = inputs.slots
  private let filter: any OperationFilter
  private let makeInputs: () -> OperationLane
  private let oracle: SoftmaxOracle

  /// Looks at a lane; evaluates nothing yet.
  ///
  /// - Parameters:
  ///   - operation: One of those that ``serves(_:)`` names.
  ///   - first: The logits of the lane, or its stored probabilities.
  ///   - upstream: The derivatives by the outputs, where the operation takes them.
  ///   - target: The class of the lane, or the ignored one, where the operation takes one.
  ///   - parameters: Those of a loss.
  ///   - format: The output format.
  ///   - inputs: Gives all inputs, when MPFR is asked.
  package init(
    _ operation: AuditedOperation, _ first: consuming EncodedLane,
    upstream: EncodedLane? = nil, target: Int64? = nil,
    _ parameters: CrossEntropyParameters = CrossEntropyParameters(), in format: FloatFormat,
    oracle: SoftmaxOracle, level: KernelLevel = .best, inputs: @escaping () -> OperationLane
  ) {
    precondition(Self.serves(operation), "\(operation.name) has no filter")
    let logits = SurveyedLogits(first, level: level)
    func labels() -> FilteredLabels { FilteredLabels(target, parameters, format) }
    func derivatives() -> FilteredUpstream {
      FilteredUpstream(upstream ?? EncodedLane([Float]()), format, level: level)
    }
    filter =
      switch operation {
      case .logSoftmax: LogSoftmaxFilter(logits: logits)
      case .logSumExp: LogSumExpFilter(logits: logits)
      case .crossEntropy: CrossEntropyFilter(logits: logits, labels: labels())
      case .crossEntropyVJP: CrossEntropyVJPFilter(logits: logits, labels: labels())
      case .softmaxVJP: SoftmaxVJPFilter(logits: logits, upstream: derivatives())
      case .softmaxBackward: SoftmaxBackwardFilter(probabilities: logits, upstream: derivatives())
      default: LogSoftmaxVJPFilter(logits: logits, upstream: derivatives())
      }
    self.operation = operation
    self.format = format
    self.oracle = oracle
    makeInputs = inputs
  }

  /// Whether an operation has a filter in double-double, for outputs of float64.
  package static func servesPairs(_ operation: AuditedOperation) -> Bool {
    [.logSoftmax, .logSumExp, .crossEntropy].contains(operation)
  }

  /// Whether there is a filter for an operation.
  package static func serves(_ operation: AuditedOperation) -> Bool {
    switch operation {
    case .logSoftmax, .logSumExp, .crossEntropy, .crossEntropyVJP, .softmaxVJP, .softmaxBackward,
      .logSoftmaxVJP:
      true
    default: false
    }
  }
}

extension FilteredOperationLane: ExactLane {
  package var special: SpecialLane? { filter.special }
  package var count: Int { filter.count }
  package var topQuantumExponent: Int { arbiter.topQuantumExponent }

  package func slot(at index: Int) -> Int { Int(slots[index]) }

  package func approximateYardstick(at index: Int) -> Double? {
    isFiltered ? filter.yardstick(of: index) : nil
  }

  package func value(at index: Int) -> ExactValue {
    if isFiltered {
      if let known = filter.knownValue(of: index) { return known }
      if let enclosure = filter.enclosure(of: index),
        let located = ExactValue(enclosure, in: format)
      {
        return located
      }
    }
    arbitrations += 1
    return arbiter.value(at: index)
  }
}

extension FilteredOperationLane: FilteredValues {
  package var tiers: [FilterTier] {
    usesPairs
      ? [.pair] : filter.logits.lane.format != .float64 && format != .float64 ? [.single] : []
  }
  /// Whether lanes are left to the filter in double-double.
  private var usesPairs: Bool { format == .float64 && filter.offersPairs }
  package var probabilities: FilteredLane? { nil }

  package func withComparison(
    _ tier: FilterTier, _ outputs: EncodedLane, _ body: (LaneComparison) -> Void
  ) {
    switch tier {
    case .single: withSingles(outputs, body)
    case .pair: withPairs(outputs, body)
    }
  }

  private func withPairs(_ outputs: EncodedLane, _ body: (LaneComparison) -> Void) {
    // Kernels work on whole groups of logits, however few values there are.
    let buffers = (0..<4).map { _ in oracle.scratch.take(count: filter.logits.lane.count) }
    let (high, low, mirrored) = (buffers[0].start, buffers[1].start, buffers[2].start)
    let accuracy = filter.evaluatePairs(high, low)
    let tally = outputs.withUnsafeBytes {
      lane_mirror_pairs(
        filter.logits.level, $0.assumingMemoryBound(to: Double.self).baseAddress, count,
        accuracy.areNegative, accuracy.leastYardstick, Int32(format.precision), high, low,
        mirrored, buffers[3].start)
    }
    var reference = lane_reference(
      high: high, low: low, factor: 1, relative_error: accuracy.relativeError, cap: .infinity,
      // Lanes with values that are only upper bounds have none in double-double.
      vanishing: 0, greatest: .infinity, precision: Int32(format.precision),
      least_exponent: Int32(format.minimumExponent), is_signed: true)
    withUnsafePointer(to: &reference) { reference in
      body(
        LaneComparison(
          reference: reference, outputs: UnsafeRawPointer(mirrored),
          scaled: ScaledComparison(
            tally: tally, largest: UnsafePointer(buffers[3].start), yardsticks: nil,
            leastYardstick: accuracy.leastYardstick.scaled(byPowerOfTwo: Int(LANE_PAIR_SCALE))),
          areNegated: accuracy.areNegative))
    }
    for buffer in buffers { oracle.scratch.give(buffer) }
  }

  private func withSingles(_ outputs: EncodedLane, _ body: (LaneComparison) -> Void) {
    // Kernels work on whole groups of logits, however few values there are.
    let room = filter.logits.lane.count
    let values = oracle.scratch.take(count: room)
    let mirrored = oracle.scratch.take(count: room)
    let yardsticks = filter.hasYardsticks ? oracle.scratch.take(count: room) : nil
    // Mirrored outputs take half of the room.
    let scaled =
      mirrored.start + (room + Int(LANE_GROUP) - 1) / Int(LANE_GROUP) * Int(LANE_GROUP) / 2
    let accuracy = filter.evaluate(values.start, yardsticks: yardsticks?.start)
    let tally = outputs.withUnsafeBytes {
      lane_mirror(
        filter.logits.level, outputs.format.kernelCode, $0.baseAddress, count, yardsticks?.start,
        accuracy.leastYardstick, Int32(format.precision), values.start, mirrored.start,
        scaled)
    }
    var reference = lane_reference(
      high: values.start, low: nil, factor: 1,
      // The last bit of a mirrored value is that of its sign.
      relative_error: accuracy.relativeError + 0x1p-52,
      cap: accuracy.cap, vanishing: accuracy.vanishing, greatest: .infinity,
      precision: Int32(format.precision), least_exponent: Int32(format.minimumExponent),
      is_signed: true)
    withUnsafePointer(to: &reference) { reference in
      body(
        LaneComparison(
          reference: reference, outputs: UnsafeRawPointer(mirrored.start),
          scaled: ScaledComparison(
            tally: tally, largest: UnsafePointer(scaled),
            yardsticks: yardsticks.map { UnsafePointer($0.start) },
            leastYardstick: accuracy.leastYardstick)))
    }
    oracle.scratch.give(values)
    oracle.scratch.give(mirrored)
    if let yardsticks { oracle.scratch.give(yardsticks) }
  }

  package func giveBack() {}
}
