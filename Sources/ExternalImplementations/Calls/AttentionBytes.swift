import AuditedOperations
import Basics
import FloatFormats

/// The inputs of an attention, as implementations from outside get them.
struct AttentionBytes: Equatable {
  /// The sizes of the tensors, 1 for a dimension that they lack.
  struct Sizes: Equatable {
    var batch, heads, keyHeads, queries, keys, dimension, valueDimension: Int

    /// In the order of the interface in C and of messages.
    var list: [Int] { [batch, heads, keyHeads, queries, keys, dimension, valueDimension] }

    init(_ shape: AttentionShape) {
      batch = shape.batch
      heads = shape.heads
      keyHeads = shape.keyHeads
      queries = shape.queries
      keys = shape.keys
      dimension = shape.dimension
      valueDimension = shape.valueDimension
    }

    /// - Returns: `nil` where a list has other sizes than seven, or such as no memory has.
    init?(_ list: [Int]) {
      guard list.count == 7, list.allSatisfy({ 0..<1 << 24 ~= $0 }) else { return nil }
      // No product of four of them is larger than those of these.
      let (planes, length) = (list[0] * max(list[1], list[2]), max(list[3], list[4]))
      let (numbers, isTooLarge) = (planes * 8)
        .multipliedReportingOverflow(by: length * max(list[4], list[5], list[6], 1))
      guard !isTooLarge, numbers >= 0 else { return nil }
      (batch, heads, keyHeads) = (list[0], list[1], list[2])
      (queries, keys) = (list[3], list[4])
      (dimension, valueDimension) = (list[5], list[6])
    }

    /// The numbers of the queries, keys, values, mask and sinks.
    var inputCounts: [Int] {
      [
        batch * heads * queries * dimension, batch * keyHeads * keys * dimension,
        batch * keyHeads * keys * valueDimension, batch * heads * queries * keys, heads,
      ]
    }

    /// The number of numbers of the output.
    var outputCount: Int { rowCount * valueDimension }
    /// The number of rows: of numbers of the logsumexp.
    var rowCount: Int { batch * heads * queries }
  }

  var sizes: Sizes
  /// A factor; 0 for 1 / sqrt(dimension).
  var scale: Double
  /// A cap; 0 for none.
  var softcap: Double
  /// 0 for none, 1 for top-left, 2 for bottom-right.
  var causal: Int32
  /// The bytes of queries, keys, values, mask and sinks; `nil` for a mask or sinks that are not
  /// given.
  var inputs: [[UInt8]?]
  /// The size of a number of an input.
  var elementSize: Int

  /// The names of the inputs in messages.
  static let names = ["query", "key", "value", "mask", "sinks"]

  init(
    _ sizes: Sizes, scale: Double, softcap: Double, causal: Int32, inputs: [[UInt8]?],
    elementSize: Int
  ) {
    self.sizes = sizes
    self.scale = scale
    self.softcap = softcap
    self.causal = causal
    self.inputs = inputs
    self.elementSize = elementSize
  }

  /// The bytes of inputs.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` for a scale of 0, which stands for none;
  ///   ``InternalError`` for the inputs of another operation.
  init<F: BinaryFloat>(_ given: OperationInputs<F>) throws {
    let attention = try given.ofAttention()
    let (shape, modifiers) = (attention.shape, attention.modifiers)
    guard modifiers.scale != 0 else {
      throw UserError(
        .notMeasured, "implementations from outside cannot be asked for a scale of 0: it means none"
      )
    }
    func bytes(_ numbers: [F]) -> [UInt8] { numbers.withUnsafeBytes { [UInt8]($0) } }
    func bytes(exactly numbers: [Double]) -> [UInt8] { bytes(numbers.map { F(rounding: $0) }) }
    let causal: Int32 =
      switch modifiers.causal {
      case nil: 0
      case .topLeft: 1
      case .bottomRight: 2
      }
    let scores = shape.rowCount * shape.keys
    self.init(
      Sizes(shape), scale: modifiers.scale ?? 0, softcap: modifiers.softcap ?? 0, causal: causal,
      inputs: [
        bytes(given.first.elements), bytes(attention.key), bytes(attention.value),
        modifiers.mask.map { bytes(exactly: $0.run(at: 0, count: scores)) },
        modifiers.sinks.map { bytes(exactly: $0) },
      ], elementSize: MemoryLayout<F>.size)
  }
}

extension SoftmaxAnswer {
  /// The answer of an implementation from outside to a call of attention.
  ///
  /// - Parameter logSumExp: The bytes of numbers of float32; those of ``OutputFill`` alone where
  ///   the implementation gives none.
  init(
    ofAttention shape: AttentionShape, _ elements: [G], logSumExp: [Float],
    misconduct: [Misconduct], nanoseconds: UInt64
  ) {
    self.init(
      Tensor(geometry: AttentionShape.rows(of: shape.output), elements: elements),
      misconduct: misconduct)
    if nanoseconds > 0 { duration = .nanoseconds(Int64(clamping: nanoseconds)) }
    let isGiven = logSumExp.contains { $0.bitPattern != Float.outputFill.bitPattern }
    if isGiven {
      self.logSumExp = LogSumExpOutput(.float32, logSumExp.map { Double($0) })
    }
  }
}
