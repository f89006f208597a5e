import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The exact values of a row of attention, located by the filter, and by MPFR where that leaves
/// them open.
package struct FilteredAttentionRow: ExactLane {
  package let inputs: OperationLane
  package let format: FloatFormat
  package let special: SpecialLane?
  private let values: [ExactValue]
  /// sum p |v| of each output, good to 2^-40; empty where MPFR has evaluated all.
  private let sizes: [Double]
  /// The number of values that MPFR was asked for.
  package let refinements: Int

  /// - Parameters:
  ///   - inputs: A row of attention.
  ///   - planes: The keys and values of its head.
  ///   - format: The output format in which values are located.
  ///   - storage: That of the inputs.
  package init(
    _ inputs: OperationLane, _ planes: AttentionPlanes, in format: FloatFormat,
    storedAs storage: FloatFormat, oracle: SoftmaxOracle, level: KernelLevel = .best
  ) {
    self.inputs = inputs
    self.format = format
    guard let attention = inputs.attention,
      let evaluated = Self.evaluate(attention, planes, storage, oracle, level)
    else {
      let reference = oracle.reference(of: inputs, in: format)
      special = reference.special
      values = (0..<(special == nil ? reference.count : 0)).map { reference.value(at: $0) }
      sizes = []
      refinements = values.count
      return
    }
    special = nil
    var values = [ExactValue](repeating: .undecided, count: evaluated.count)
    var open: [Int] = []
    for index in values.indices {
      if let value = evaluated.value(index, in: format) {
        values[index] = value
      } else {
        open.append(index)
      }
    }
    oracle.locate(open, of: inputs, in: format, into: &values)
    self.values = values
    sizes = evaluated.sizes
    refinements = open.count
  }

  package var operation: AuditedOperation { inputs.operation }
  package var count: Int { values.count }
  package func value(at index: Int) -> ExactValue { values[index] }
  package func slot(at index: Int) -> Int { index }
  package var topQuantumExponent: Int { values.map { Int($0.quantumExponent) }.max() ?? 0 }

  package func approximateYardstick(at index: Int) -> Double? {
    sizes.isEmpty ? nil : sizes[index]
  }

  // MARK: The filter

  /// The findings of the filter.
  private struct Evaluated {
    var high, low, errors: [Double]
    /// The yardsticks.
    var sizes: [Double]
    /// The exact outputs that all values share, by channel; empty of a logsumexp.
    var constants: [Double?]
    /// The one output that is no pair: a logsumexp.
    var logSumExp: SharedEnclosure?

    var count: Int { logSumExp == nil ? high.count : 1 }

    func value(_ index: Int, in format: FloatFormat) -> ExactValue? {
      if let logSumExp { return ExactValue(logSumExp.enclosure, in: format) }
      if let constant = constants[index] {
        return constant == 0 ? .zero : ExactValue(Enclosure(constant), in: format)
      }
      guard sizes[index] > 0 else { return nil }
      var enclosure = Enclosure(precision: 128)
      enclosure.lower.setSum(BigFloat(high[index]), BigFloat(low[index]), .down)
      enclosure.upper.setSum(BigFloat(high[index]), BigFloat(low[index]), .up)
      let error = BigFloat(errors[index])
      enclosure.lower.formDifference(error, .down)
      enclosure.upper.formSum(error, .up)
      return ExactValue(enclosure, in: format)
    }
  }

  /// - Returns: `nil` where a number is none, where no key is seen, and where binary64 overflows.
  private static func evaluate(
    _ attention: AttentionLane, _ planes: AttentionPlanes, _ storage: FloatFormat,
    _ oracle: SoftmaxOracle, _ level: KernelLevel
  ) -> Evaluated? {
    let (row, part) = (attention.row, attention.part)
    let modifiers = row.modifiers
    let sink = modifiers.sink ?? -.infinity
    var addends = modifiers.mask ?? Array(repeating: 0, count: planes.head.count)
    guard planes.isFinite, row.query.allSatisfy(\.isFinite), !sink.isNaN, sink < .infinity,
      addends.allSatisfy({ $0 < .infinity }), planes.head.count > 0
    else { return nil }
    addends += Array(repeating: -.infinity, count: planes.paddedCount - planes.head.count)
    let (scale, scaleLow) = pair(scaleOf: row)
    let (slope, slopeLow) = modifiers.softcap.map { pair(-2, dividedBy: $0) } ?? (0, 0)
    let width = planes.paddedWidth
    var high = [Double](repeating: 0, count: width)
    var (low, sizes) = (high, high)
    let weights = oracle.scratch.take(count: planes.paddedCount)
    let weightsLow = oracle.scratch.take(count: planes.paddedCount)
    defer {
      oracle.scratch.give(weights)
      oracle.scratch.give(weightsLow)
    }
    let hasExactProducts = storage.precision <= 24
    let found = planes.withKernelHead(
      hasExactProducts: hasExactProducts, hasOutputs: part == .output
    ) { head in
      row.query.withUnsafeBufferPointer { numbers in
        addends.withUnsafeBufferPointer { addends in
          var query = attention_query(
            numbers: numbers.baseAddress, addends: addends.baseAddress, scale: scale,
            scale_low: scaleLow, cap: modifiers.softcap ?? 0, slope: slope,
            slope_low: slopeLow, sink: sink)
          return attention_evaluate(
            Int32(level.rawValue), head, &query, weights.start, weightsLow.start, &high, &low,
            &sizes)
        }
      }
    }
    let count = planes.head.count
    // Infinite where a score is beyond binary64.
    guard found.is_complete, found.slack < 0x1p50 else { return nil }
    let weightError = AttentionBounds.weight(slack: found.slack, maximum: found.maximum)
    let sumError = AttentionBounds.sum(weight: weightError, count: count)
    if part == .logSumExp {
      return logSumExp(found, relativeError: sumError)
    }
    let channels = planes.head.valueDimension
    guard (0..<channels).allSatisfy({ high[$0].isFinite && low[$0].isFinite }) else { return nil }
    let hasSink = sink > -.infinity
    return Evaluated(
      high: Array(high[..<channels]), low: Array(low[..<channels]),
      errors: (0..<channels).map {
        AttentionBounds.output(
          weight: weightError, sum: sumError, count: count, size: sizes[$0],
          largestValue: planes.largestValue)
      },
      sizes: Array(sizes[..<channels]),
      constants: (0..<channels).map { channel in
        guard planes.isConstant[channel] else { return nil }
        let value = planes.head.value(0, channel)
        // A sink takes its share of a value, and nothing of 0.
        return value == 0 || !hasSink ? value + 0 : nil
      })
  }

  /// m + ln s.
  private static func logSumExp(
    _ found: attention_sum, relativeError: Double
  ) -> Evaluated {
    var sum = Enclosure(precision: 160)
    sum.lower.setSum(BigFloat(found.high), BigFloat(found.low), .down)
    sum.upper.setSum(BigFloat(found.high), BigFloat(found.low), .up)
    let error = BigFloat(relativeError)
    var slack = BigFloat(precision: 64)
    slack.setProduct(sum.upper, error, .up)
    sum.lower.formDifference(slack, .down)
    sum.upper.formSum(slack, .up)
    sum.lower.formProduct(withPowerOfTwo: -Int(LANE_PAIR_SCALE))
    sum.upper.formProduct(withPowerOfTwo: -Int(LANE_PAIR_SCALE))
    var logarithm = Enclosure(precision: 160)
    logarithm.lower.setLogarithm(sum.lower, .down)
    logarithm.upper.setLogarithm(sum.upper, .up)
    let logSum = max(0, logarithm.upper.double(.up))
    // The scores are off, all alike at most, by what the weights are.
    let value = Enclosure(found.maximum).plus(logarithm, precision: 160)
    let size = max(1, abs(value.upper.double(.toNearestOrEven)), logSum)
    return Evaluated(
      high: [], low: [], errors: [], sizes: [size], constants: [],
      logSumExp: SharedEnclosure(value))
  }

  /// The scale of a row in double-double.
  private static func pair(scaleOf row: AttentionRow) -> (high: Double, low: Double) {
    if let scale = row.modifiers.scale { return (scale, 0) }
    var root = BigFloat(precision: 128)
    root.setSquareRoot(of: UInt64(row.head.dimension), .toNearestOrEven)
    return pair(BigFloat(1), dividedBy: root)
  }

  private static func pair(_ one: Double, dividedBy other: Double) -> (high: Double, low: Double) {
    pair(BigFloat(one), dividedBy: BigFloat(other))
  }

  private static func pair(
    _ one: borrowing BigFloat, dividedBy other: borrowing BigFloat
  ) -> (high: Double, low: Double) {
    var quotient = BigFloat(precision: 128)
    quotient.setQuotient(one, other, .toNearestOrEven)
    let high = quotient.double(.toNearestOrEven)
    quotient.formDifference(BigFloat(high), .toNearestOrEven)
    return (high, quotient.double(.toNearestOrEven))
  }
}
