import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

/// An attention in which one step is replaced.
///
/// Steps are functions of binary64 numbers; their results are rounded to the computing format.
struct AttentionRecipe: Sendable {
  typealias Change = @Sendable (Double) -> Double

  var order = AttentionVariant.Order.materialized
  var base = AttentionVariant.Base.e
  var score: Change?
  var scoreSum: Change?
  var exponential: Change?
  var weight: Change?
  var accumulator: Change?
  var maximum: Change?
  var masksBeforeCap = false
  var multipliesHidden = false
  var rescalesValues = true
  var rescalesSum = true
  var deferral = 0.0
  var logSumExp: (@Sendable (_ maximum: Double, _ sum: Double) -> Double)?
  /// Changes the modifiers of a call.
  var modifiers: (@Sendable (inout AttentionModifiers, AttentionShape) -> Void)?
  /// Gives the head of keys and values that a row reads.
  var keyHead: (@Sendable (_ row: Int, AttentionShape) -> Int)?
  /// Changes what a row is made of.
  var row: (@Sendable (inout PlainRow, AttentionShape) -> Void)?
  /// Tells whether the steps are replaced in a call of a shape.
  var isReplaced: @Sendable (AttentionShape) -> Bool = { _ in true }
  /// Changes an output.
  var output: Change?

  /// The numbers of a row in binary64.
  struct PlainRow {
    var query: [Double]
    var keys: [Double]
    var values: [Double]
    var count: Int
    var valueDimension: Int
    var scale: Double
    var softcap: Double?
    var addends: [Double]?
    var sink: Double?

    /// Takes so many keys more, or fewer, at the end.
    mutating func resize(to count: Int) {
      let dimension = query.count
      func resized(_ numbers: [Double], _ length: Int) -> [Double] {
        let wanted = count * length
        return Array(numbers.prefix(wanted))
          + Array(repeating: 0, count: max(0, wanted - numbers.count))
      }
      keys = resized(keys, dimension)
      values = resized(values, valueDimension)
      addends = addends.map { resized($0, 1) }
      self.count = count
    }
  }

  private func steps<C: BinaryFloat>(in format: C.Type, _ shape: AttentionShape)
    -> AttentionSteps<C>
  {
    func changed(_ change: Change?) -> ((C) -> C)? {
      change.map { change in { C(rounding: change($0.exactDouble)) } }
    }
    guard isReplaced(shape) else { return AttentionSteps(.materialized) }
    var steps = AttentionSteps<C>(order, base)
    steps.score = changed(score)
    steps.scoreSum = changed(scoreSum)
    steps.exponential = changed(exponential)
    steps.weight = changed(weight)
    steps.accumulator = changed(accumulator)
    steps.maximum = changed(maximum)
    steps.masksBeforeCap = masksBeforeCap
    steps.multipliesHidden = multipliesHidden
    steps.rescalesValues = rescalesValues
    steps.rescalesSum = rescalesSum
    steps.deferral = deferral
    if let logSumExp {
      steps.logSumExp = { C(rounding: logSumExp($0.exactDouble, $1.exactDouble)) }
    }
    return steps
  }

  private func changed<C: BinaryFloat>(
    _ numbers: AttentionNumbers<C>, _ shape: AttentionShape
  ) -> AttentionNumbers<C> {
    guard let row else { return numbers }
    func plain(_ all: [C]) -> [Double] { all.map { $0.exactDouble } }
    func rounded(_ all: [Double]) -> [C] { all.map { C(rounding: $0) } }
    var plainRow = PlainRow(
      query: plain(numbers.query), keys: plain(numbers.keys), values: plain(numbers.values),
      count: numbers.count, valueDimension: numbers.valueDimension,
      scale: numbers.scale.exactDouble, softcap: numbers.softcap?.exactDouble,
      addends: numbers.addends.map(plain), sink: numbers.sink?.exactDouble)
    row(&plainRow, shape)
    var changed = numbers
    changed.query = rounded(plainRow.query)
    changed.keys = rounded(plainRow.keys)
    changed.values = rounded(plainRow.values)
    changed.count = plainRow.count
    changed.scale = C(rounding: plainRow.scale)
    changed.softcap = plainRow.softcap.map { C(rounding: $0) }
    changed.addends = plainRow.addends.map(rounded)
    changed.sink = plainRow.sink.map { C(rounding: $0) }
    return changed
  }

  fileprivate func answer<F: BinaryFloat, C: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, computingIn computing: C.Type, as format: G.Type
  ) throws -> SoftmaxAnswer<G> {
    var inputs = inputs
    var attention = try inputs.ofAttention()
    let shape = attention.shape
    modifiers?(&attention.modifiers, shape)
    inputs.attention = attention
    let steps = steps(in: C.self, shape)
    return try AttentionCall(inputs).outputs(
      computingIn: C.self, as: G.self, keyHead: keyHead
    ) { _, numbers in
      var result = steps.row(changed(numbers, shape))
      if let output {
        result.outputs = result.outputs.map { C(rounding: output($0.exactDouble)) }
      }
      return result
    }
  }
}

extension AttentionRecipe: InputsWork {
  /// The answer to a call, computed in float32, for inputs or outputs in float64 in that.
  func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard F.format == .float64 || G.format == .float64 else {
      return try answer(to: inputs, computingIn: Float.self, as: output)
    }
    return try answer(to: inputs, computingIn: Double.self, as: output)
  }
}
