import Basics
import FloatFormats

/// Anything that maps a tensor and an axis to the outputs of an operation: for softmax,
/// probabilities.
///
/// The audit knows implementations through this protocol alone.
public protocol SoftmaxImplementation: Sendable {
  /// The name in results, reports and on the command line.
  var name: String { get }
  /// The operation that it computes.
  var operation: AuditedOperation { get }
  /// The operations that its source offers besides, such as other functions of a library.
  var otherOperations: [AuditedOperation] { get }
  /// The way in which it computes it, in one line.
  var summary: String { get }
  /// The input formats it is offered for.
  var formats: [FloatFormat] { get }
  /// The output format for an input format where the user asks for none.
  func defaultOutputFormat(for input: FloatFormat) -> FloatFormat
  /// The name of the model whose bound it is measured against; nil when it declares none.
  func declaredModel(for input: FloatFormat) -> String?
  /// Every output format for an input format, the default first.
  func outputFormats(for input: FloatFormat) -> [FloatFormat]
  /// Whether it is one of this program's own.
  var isBuiltIn: Bool { get }
  /// Whether lanes outside the domain of its own declared model excuse mismatches.
  ///
  /// Only what this program knows excuses itself; else whoever runs it has to declare the model.
  var excusesOwnDomain: Bool { get }
  /// The files that it consists of, by path; a change of one of them makes it another
  /// implementation.
  var files: [String] { get }
  /// The behaviour on lanes that have no softmax.
  var specialLanes: SpecialLanePolicy { get }
  /// The behaviour on results below the normal range.
  var underflow: UnderflowPolicy { get }
  /// The laws that it promises to keep bit for bit, by name.
  var promisedLaws: Set<String> { get }
  /// The tensors that it takes and gives as integers, by their roles; empty for none.
  ///
  /// They stand as numbers of float32, the integers less their zero points.
  var quantizations: [String: Quantization] { get }
  /// The modifiers of logits that it may be called with; nothing else is asked of it.
  var offeredModifiers: Set<ModifierKind> { get }
  /// The ways in which a tensor can be handed to it.
  var layouts: [TensorLayout] { get }
  /// The tensors that it is made for: nothing else is asked of it.
  var domain: InputDomain { get }
  /// The kinds of misconduct that its host looks for; of others an empty list in an answer says
  /// nothing.
  var watchedConduct: Set<Misconduct.Kind> { get }
  /// The facts that its figures may depend on beside its name: versions of libraries, settings,
  /// processor features.
  var environment: [String: String] { get }

  /// The outputs for the inputs of the operation, along the axis of the first.
  ///
  /// Where the operation gives one number for a lane, the axis of the output has length 1; where it
  /// gives a matrix, its two axes are one of length n n.
  ///
  /// - Throws: ``CallFailure`` where the call brought no answer, for reasons of the implementation.
  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G>

  /// The outputs for inputs that lie in memory as asked, and how the implementation behaved
  /// meanwhile.
  ///
  /// - Throws: ``CallFailure`` where the call brought no answer, for reasons of the implementation.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G>

  /// The same implementation without a past: no call that was made to this one can influence the
  /// new one.
  ///
  /// Laws make concurrent calls only to instances of their own. An audit calls one instance from
  /// all its threads.
  func renewed() throws -> any SoftmaxImplementation

  /// Whether an instance without a past costs seconds: an interpreter that imports packages.
  ///
  /// Then an instance serves several laws in turn as long as they are kept; see `Check`.
  var startsSlowly: Bool { get }

  /// The observations of its host that calls with tensors do not show; empty where there are none.
  ///
  /// - Throws: ``CallFailure`` where looking brought no answer.
  func inspections(in format: FloatFormat) throws -> [Inspection]
}

extension SoftmaxImplementation {
  public func defaultOutputFormat(for input: FloatFormat) -> FloatFormat { input }
  public func outputFormats(for input: FloatFormat) -> [FloatFormat] {
    [defaultOutputFormat(for: input)]
  }
  public var operation: AuditedOperation { .softmax }
  public var otherOperations: [AuditedOperation] { [] }
  public var isBuiltIn: Bool { false }
  public var excusesOwnDomain: Bool { false }
  public var files: [String] { [] }
  public var specialLanes: SpecialLanePolicy { .nanSomewhere }
  public var underflow: UnderflowPolicy { .gradual }
  public var promisedLaws: Set<String> { [] }
  public var quantizations: [String: Quantization] { [:] }
  public var offeredModifiers: Set<ModifierKind> { [] }
  public var layouts: [TensorLayout] { [.rowMajor] }
  public var domain: InputDomain { .everything }
  /// A Swift implementation sees a value and returns one: there is no misconduct to look for.
  public var watchedConduct: Set<Misconduct.Kind> { Set(Misconduct.Kind.allCases) }
  public var environment: [String: String] { [:] }
  public func inspections(in format: FloatFormat) throws -> [Inspection] { [] }
  public func declaredModel(for input: FloatFormat) -> String? { nil }
  public func renewed() throws -> any SoftmaxImplementation { self }
  public var startsSlowly: Bool { false }

  /// A Swift implementation sees a value and returns one: it can neither change its input nor write
  /// elsewhere.
  public func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard layout == .rowMajor else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    return SoftmaxAnswer(try outputs(for: inputs, as: output))
  }

  /// Makes sure that it offers the modifiers of a call.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where it does not.
  package func refuseModifiers<F: BinaryFloat>(
    notOffered inputs: OperationInputs<F>
  ) throws(UserError) {
    let lacking = inputs.modifiers.kinds.subtracting(offeredModifiers)
    guard let first = ModifierKind.allCases.first(where: lacking.contains) else { return }
    throw UserError(.notMeasured, "\(name) offers no \(first.rawValue)")
  }

  /// The outputs for logits alone.
  public func softmax<F: BinaryFloat, G: BinaryFloat>(
    _ logits: Tensor<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try outputs(for: OperationInputs(logits), as: output)
  }

  /// The answer to logits alone.
  public func answer<F: BinaryFloat, G: BinaryFloat>(
    to logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    try answer(to: OperationInputs(logits), laidOut: layout, as: output)
  }
}
