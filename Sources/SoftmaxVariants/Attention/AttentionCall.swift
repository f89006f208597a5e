import AuditedOperations
import FloatFormats

/// A call of attention that is computed row by row.
package struct AttentionCall<F: BinaryFloat> {
  private let query: [F]
  private let attention: AttentionInputs<F>

  /// - Throws: ``InternalError`` for the inputs of another operation.
  package init(_ inputs: OperationInputs<F>) throws {
    query = inputs.first.elements
    attention = try inputs.ofAttention()
  }

  /// The outputs of all rows, and their logsumexp in the format of the computation.
  ///
  /// - Parameters:
  ///   - keyHead: Gives the head of keys and values that a row reads, where it is another than the
  ///     right one.
  ///   - row: Gives the output of a row of a number.
  package func outputs<C: BinaryFloat, G: BinaryFloat>(
    computingIn computing: C.Type, as output: G.Type,
    keyHead: ((_ row: Int, AttentionShape) -> Int)? = nil,
    _ row: (_ number: Int, AttentionNumbers<C>) -> AttentionResult<C>
  ) -> SoftmaxAnswer<G> {
    let shape = attention.shape
    var elements: [G] = []
    elements.reserveCapacity(shape.rowCount * shape.valueDimension)
    var logSumExp: [Double] = []
    var head: (number: Int, keys: [C], values: [C])?
    for number in 0..<shape.rowCount {
      let wanted = keyHead?(number, shape) ?? shape.keyHead(ofRow: number)
      let own: (number: Int, keys: [C], values: [C])
      if let head, head.number == wanted {
        own = head
      } else {
        own = (
          wanted, Self.converted(attention.key, shape.keys * shape.dimension, wanted),
          Self.converted(attention.value, shape.keys * shape.valueDimension, wanted)
        )
      }
      head = own
      let modifiers = attention.modifiers.row(number, of: shape)
      let result = row(
        number,
        AttentionNumbers(
          query: Self.converted(query, shape.dimension, number), keys: own.keys,
          values: own.values, count: shape.keys, valueDimension: shape.valueDimension,
          scale: C(rounding: modifiers.scale ?? 1 / Double(shape.dimension).squareRoot()),
          softcap: modifiers.softcap.map { C(rounding: $0) },
          addends: modifiers.mask.map { $0.map { C(rounding: $0) } },
          sink: modifiers.sink.map { C(rounding: $0) }))
      elements += result.outputs.map { G(rounding: $0.exactDouble) }
      logSumExp.append(result.logSumExp.exactDouble)
    }
    var answer = SoftmaxAnswer(
      Tensor(geometry: AttentionShape.rows(of: shape.output), elements: elements))
    answer.logSumExp = LogSumExpOutput(C.format, logSumExp)
    return answer
  }

  /// A run of numbers in another format.
  private static func converted<C: BinaryFloat>(
    _ numbers: [F], _ length: Int, _ place: Int
  ) -> [C] {
    numbers[place * length..<(place + 1) * length].map { C(rounding: $0.exactDouble) }
  }
}

extension AttentionVariant: InputsWork {
  package func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    let call = try AttentionCall(inputs)
    guard F.format == .float64 || G.format == .float64 else {
      let steps = steps(in: Float.self)
      return call.outputs(computingIn: Float.self, as: output) { steps.row($1) }
    }
    let steps = steps(in: Double.self)
    return call.outputs(computingIn: Double.self, as: output) { steps.row($1) }
  }
}
