import AuditedOperations
import Basics
import FloatFormats
import Laws
import Oracle
import SoftmaxVariants
import Synchronization

/// An implementation with one thing wrong, to try the laws on: a softmax, unless it says otherwise.
///
/// To add one: a value in the list of a file of `Faults`, with a recipe that replaces one step.
/// Every fault shows in every format that it is offered for, within what the laws may judge: beyond
/// the tolerance of an implementation that declares nothing, or as a broken law of consistency, or
/// against a bound or a law that it claims to keep.
///
/// Some remember earlier calls: whoever wants figures that can be had again takes a ``renewed()``
/// one.
package final class FaultySoftmax: SoftmaxImplementation {
  package let name: String
  package let summary: String
  /// The class of real bugs that it stands for.
  package let bugClass: BugClass
  package let operation: AuditedOperation
  package let formats: [FloatFormat]
  package let specialLanes: SpecialLanePolicy
  package let promisedLaws: Set<String>
  package let layouts: [TensorLayout]
  private let declaredVariant: SoftmaxVariant?
  private let runner: ImplementationRunner
  private let memory = Mutex(CallMemory())

  /// All of them, operation by operation.
  package static let all: [FaultySoftmax] = ofSoftmax + ofLogarithms + derived

  /// Those of an operation, class by class.
  package static func all(of operation: AuditedOperation) -> [FaultySoftmax] {
    all.filter { $0.operation == operation }
  }

  private static let ofSoftmax: [FaultySoftmax] = [
    nonFiniteFaults, axisFaults, overflowFaults, lowPrecisionFaults, compilerFusionFaults,
    formulaFaults, historyFaults, memoryLayoutFaults, approximateExponentialFaults,
    indexArithmeticFaults, elementTypeFaults, tailFaults, degenerateSizeFaults, temperatureFaults,
    quantizedFaults, wrongFunctionFaults, underflowFaults, roundingFaults, equalityFaults,
    conductFaults, longBatchFaults, manyLaneFaults, neighbourFaults, mixedCallFaults,
    featureMapFaults, batchLengthFaults, maskedRunFaults, sortedLaneFaults,
  ].flatMap { $0 }

  /// Those of log-softmax and logsumexp.
  private static let ofLogarithms: [FaultySoftmax] = [
    logOfProbabilityFaults, offsetFaults, logarithmOfSumFaults, logarithmSumFaults,
    blockMergeFaults, logarithmBaseFaults, infiniteLogarithmFaults, maskedLogarithmFaults,
    storedLogarithmFaults, logarithmAxisFaults, logarithmLengthFaults, logarithmBatchFaults,
    otherLogarithmFaults,
  ].flatMap { $0 }

  /// Those of losses, gradients and Jacobians.
  private static let derived: [FaultySoftmax] = [
    lossFormulaFaults, lossPrecisionFaults, shareFaults, ignoredTargetFaults, targetFaults,
    gradientFormulaFaults, gradientPrecisionFaults, derivedBatchFaults,
  ].flatMap { $0 }

  /// A fault.
  ///
  /// - Parameters:
  ///   - name: What it does wrong, in words joined by hyphens.
  ///   - summary: The same in a sentence that begins with a verb.
  ///   - operation: What it should compute.
  ///   - formats: The input formats in which the mistake shows.
  ///   - declares: The name of the built-in variant whose bound it claims to keep.
  ///   - promises: The laws that it claims to keep bit for bit.
  @inline(__always)
  convenience init(
    _ name: String, _ summary: String, _ bugClass: BugClass,
    of operation: AuditedOperation = .softmax, formats: [FloatFormat] = FloatFormat.allCases,
    declares variant: String? = nil,
    promises: Set<String> = [], specialLanes: SpecialLanePolicy = .nanSomewhere,
    layouts: [TensorLayout] = [.rowMajor], _ recipe: some SoftmaxRecipe
  ) {
    self.init(
      name, summary, bugClass, of: operation, formats: formats, declares: variant,
      promises: promises, specialLanes: specialLanes, layouts: layouts,
      .tensors(RecipeRunner(recipe, of: operation)))
  }

  /// A fault of a loss, a gradient or a Jacobian.
  @inline(__always)
  convenience init(
    _ name: String, _ summary: String, _ bugClass: BugClass, of operation: AuditedOperation,
    formats: [FloatFormat] = FloatFormat.allCases, _ recipe: some DerivedRecipe
  ) {
    self.init(
      name, summary, bugClass, of: operation, formats: formats,
      .lanes(DerivedRunner(recipe, of: operation)))
  }

  /// A fault that shows with modifiers of the logits alone.
  convenience init(
    _ name: String, _ summary: String, _ bugClass: BugClass, of operation: AuditedOperation,
    modifiers recipe: some ModifierRecipe
  ) {
    self.init(
      name, summary, bugClass, of: operation, formats: FloatFormat.allCases,
      .modified(ModifierRunner(recipe: recipe, operation: operation)))
  }

  /// A fault of an attention.
  convenience init(
    _ name: String, _ summary: String, _ bugClass: BugClass,
    formats: [FloatFormat] = FloatFormat.allCases, attention recipe: AttentionRecipe
  ) {
    self.init(name, summary, bugClass, of: .attention, formats: formats, .attention(recipe))
  }

  private init(
    _ name: String, _ summary: String, _ bugClass: BugClass, of operation: AuditedOperation,
    formats: [FloatFormat], declares variant: String? = nil, promises: Set<String> = [],
    specialLanes: SpecialLanePolicy = .nanSomewhere, layouts: [TensorLayout] = [.rowMajor],
    _ runner: ImplementationRunner
  ) {
    self.name = name
    self.summary = summary
    self.bugClass = bugClass
    self.operation = operation
    self.formats = formats
    self.specialLanes = specialLanes
    self.layouts = layouts
    promisedLaws = promises
    declaredVariant = variant.flatMap { SoftmaxVariant(named: $0, of: operation) }
    self.runner = runner
  }

  package var offeredModifiers: Set<ModifierKind> { runner.offeredModifiers }

  private init(renewing other: FaultySoftmax) {
    name = other.name
    summary = other.summary
    bugClass = other.bugClass
    operation = other.operation
    formats = other.formats
    specialLanes = other.specialLanes
    layouts = other.layouts
    promisedLaws = other.promisedLaws
    declaredVariant = other.declaredVariant
    runner = other.runner
  }

  package func declaredModel(for input: FloatFormat) -> String? { declaredVariant?.name }
  package var excusesOwnDomain: Bool { true }

  /// The same fault as if nothing had been computed before.
  package func renewed() -> any SoftmaxImplementation { FaultySoftmax(renewing: self) }

  package func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }

  package func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard layouts.contains(layout) else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    // Not under the lock while it computes: calls to one instance are never concurrent.
    var memory = memory.withLock { $0 }
    defer { self.memory.withLock { [memory] in $0 = memory } }
    return try runner.answer(to: inputs, laidOut: layout, as: output, &memory)
  }
}

extension [FloatFormat] {
  /// float16 and bfloat16.
  static var narrow: Self { [.float16, .bfloat16] }
  /// float32 and float64, in which an undeclared implementation computes.
  static var wide: Self { [.float32, .float64] }
  /// The formats with more range than float16.
  static var beyondFloat16: Self { [.bfloat16, .float32, .float64] }
  /// The formats that keep more than eight bits.
  static var beyondBFloat16: Self { [.float16, .float32, .float64] }
}
