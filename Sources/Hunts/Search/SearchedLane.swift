import AuditedOperations
import FloatFormats

/// A lane that a search asks about: the first input of the operation and those beside it.
struct SearchedLane<F: BinaryFloat> {
  /// The logits, or the stored probabilities.
  var first: [F]
  /// The derivatives by the outputs; empty for an operation that takes none.
  var upstream: [F] = []
  /// The class; `nil` for an operation that takes none.
  var target: Int64?

  /// The lane that an operation makes of logits.
  ///
  /// The parameters of losses are the usual ones.
  ///
  /// - Parameter rule: How the inputs beside the first follow from it.
  init(_ operation: AuditedOperation, logits: [F], accompanied rule: AccompanyingInputs) {
    first = logits
    guard operation.hasAccompanyingInputs else { return }
    let values = operation.firstInput(of: logits.map(\.exactDouble), in: F.format)
    if operation.inputs.first == .probabilities { first = values.map { F(rounding: $0) } }
    if operation.inputs.contains(.upstream) {
      upstream = rule.upstream(of: values, in: F.format).map { F(rounding: $0) }
    }
    if operation.inputs.contains(.targets) { target = rule.target(of: values) }
  }

  /// The inputs of a call with lanes one after the other.
  static func inputs(
    of operation: AuditedOperation, _ lanes: [SearchedLane], _ geometry: LaneGeometry
  ) -> OperationInputs<F> {
    OperationInputs(
      Tensor(geometry: geometry, elements: lanes.flatMap(\.first)),
      upstream: operation.inputs.contains(.upstream) ? lanes.flatMap(\.upstream) : nil,
      targets: operation.inputs.contains(.targets) ? lanes.compactMap(\.target) : nil)
  }
}
