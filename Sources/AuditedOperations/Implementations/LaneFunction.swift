import Basics
import FloatFormats

/// A Swift function from the inputs of a lane to its outputs, as an implementation.
///
/// ```swift
/// let mine = LaneFunction("mine") { (logits: [Float]) in mySoftmax(logits) }
/// #expect(try await Audit.figures(of: mine, families: ["normal-1"], lengths: [8]).maxUlp <= 8)
/// ```
public struct LaneFunction<Element: BinaryFloat>: SoftmaxImplementation {
  public let name: String
  public let operation: AuditedOperation
  public let offeredModifiers: Set<ModifierKind>
  private let compute: @Sendable (LaneInputs<Element>) throws -> [Element]

  /// - Parameters:
  ///   - name: The name in results.
  ///   - operation: The operation that it computes.
  ///   - compute: Gets one lane at a time, from several threads at once; what it throws is a
  ///     refusal.
  public init(
    _ name: String, of operation: AuditedOperation = .softmax,
    _ compute: @escaping @Sendable ([Element]) throws -> [Element]
  ) {
    precondition(!operation.hasAccompanyingInputs, "\(operation) takes more than one input")
    self.init(name, of: operation, ofInputs: { try compute($0.first) })
  }

  /// - Parameters:
  ///   - name: The name in results.
  ///   - operation: The operation that it computes.
  ///   - modifiers: The modifiers of logits that it takes.
  ///   - compute: Gets all inputs of one lane at a time, from several threads at once; what it
  ///     throws is a refusal.
  public init(
    _ name: String, of operation: AuditedOperation, modifiers: Set<ModifierKind> = [],
    ofInputs compute: @escaping @Sendable (LaneInputs<Element>) throws -> [Element]
  ) {
    self.name = name
    self.operation = operation
    offeredModifiers = modifiers
    self.compute = compute
  }

  public var summary: String { "a Swift function of \(Element.format.rawValue)" }
  public var formats: [FloatFormat] { [Element.format] }

  /// - Throws: ``CallFailure`` where the function throws or returns another number of outputs;
  ///   `UserError` of kind `notMeasured` for other formats.
  public func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    guard let inputs = inputs as? OperationInputs<Element>, G.self == Element.self else {
      throw UserError(
        .notMeasured, "\(name) gives no \(G.format.rawValue) for \(F.format.rawValue)")
    }
    let length = operation.outputCount(ofLength: inputs.first.geometry.length)
    let result = try inputs.outputs(of: operation, filling: Element.nan) { number in
      let lane: [Element]
      do {
        lane = try compute(inputs.lane(number))
      } catch {
        throw CallFailure(.refusal, "\(error)")
      }
      guard lane.count == length else {
        throw CallFailure(
          .rubbish,
          "it returned \(lane.count) \(operation.output.role) for \(inputs.first.geometry.length) logits"
        )
      }
      return lane
    }
    guard let typed = result as? Tensor<G> else {
      throw InternalError("a tensor of \(G.format.rawValue) has another type")
    }
    return typed
  }
}
