import AuditedOperations
import Basics
import FloatFormats

/// A built-in variant as an implementation.
public struct BuiltInImplementation: SoftmaxImplementation {
  private enum Body: Sendable {
    case variant(SoftmaxVariant)
    case derived(DerivedVariant)
    case attention(AttentionVariant)
  }

  private let body: Body

  public init(_ variant: SoftmaxVariant) { body = .variant(variant) }
  init(_ variant: DerivedVariant) { body = .derived(variant) }
  init(_ variant: AttentionVariant) { body = .attention(variant) }

  /// The variant of a softmax or of one of its logarithms; `nil` for losses, gradients,
  /// Jacobians and attentions.
  public var variant: SoftmaxVariant? {
    if case .variant(let variant) = body { variant } else { nil }
  }

  /// All built-in softmaxes.
  public static let all = all(of: .softmax)

  /// All built-in variants of an operation.
  public static func all(of operation: AuditedOperation) -> [BuiltInImplementation] {
    SoftmaxVariant.all(of: operation).map { BuiltInImplementation($0) }
      + DerivedVariant.all(of: operation).map { BuiltInImplementation($0) }
      + (operation == .attention ? AttentionVariant.all.map { BuiltInImplementation($0) } : [])
  }

  /// The built-in implementation of a full name; `nil` where the operation has none.
  public static func named(
    _ name: String, of operation: AuditedOperation
  ) -> BuiltInImplementation? {
    all(of: operation).first { $0.name == name }
  }

  public var name: String {
    switch body {
    case .variant(let variant): variant.name
    case .derived(let variant): variant.name
    case .attention(let variant): variant.name
    }
  }
  /// The name of the algorithm alone.
  public var algorithmName: String {
    switch body {
    case .variant(let variant): variant.algorithmName
    case .derived(let variant): variant.algorithmName
    case .attention(let variant): variant.algorithmName
    }
  }
  public var operation: AuditedOperation {
    switch body {
    case .variant(let variant): variant.operation
    case .derived(let variant): variant.operation
    case .attention: .attention
    }
  }
  public var summary: String {
    switch body {
    case .variant(let variant): variant.formula
    case .derived(let variant): variant.formula
    case .attention(let variant): variant.formula
    }
  }
  /// The source of the algorithm.
  public var source: String {
    switch body {
    case .variant(let variant): variant.source
    case .derived(let variant): variant.source
    case .attention(let variant): variant.source
    }
  }
  public var formats: [FloatFormat] {
    switch body {
    case .variant(let variant): variant.formats + variant.formatsByName
    case .derived: FloatFormat.allCases
    case .attention(let variant): variant.formats
    }
  }
  public func declaredModel(for input: FloatFormat) -> String? {
    if case .attention = body { nil } else { name }
  }
  public var domain: InputDomain {
    if case .derived(let variant) = body { variant.domain } else { .everything }
  }
  public var isBuiltIn: Bool { true }
  public var excusesOwnDomain: Bool { true }
  public var promisedLaws: Set<String> {
    variant?.seesDifferencesOnly == true ? ["shift", "large-shift"] : []
  }

  public var offeredModifiers: Set<ModifierKind> {
    operation.hasModifiers ? Set(ModifierKind.allCases) : []
  }

  public func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }

  public func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard layout == .rowMajor else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    return switch body {
    case .variant(let variant): try inputs.specialized(OneCall(variant: variant), as: output)
    case .derived(let variant): try inputs.specialized(variant, as: output)
    case .attention(let variant): try inputs.specialized(variant, as: output)
    }
  }

  private struct OneCall: InputsWork {
    let variant: SoftmaxVariant

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ inputs: OperationInputs<F>, as output: G.Type
    ) throws -> SoftmaxAnswer<G> {
      let computing = variant.computingFormat(for: F.format)
      return SoftmaxAnswer(
        inputs.modifiers.isNone
          ? try computing.open(Run<F, G>(variant: variant, logits: inputs.first))
          : try computing.open(ModifiedLanes<F, G>(variant: variant, inputs: inputs)))
    }
  }

  private struct Run<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let variant: SoftmaxVariant
    let logits: Tensor<F>

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> Tensor<G> {
      let geometry = logits.geometry
      let outputs = variant.operation.outputGeometry(for: geometry)
      // The sum of an empty lane is 0, its logarithm -inf.
      var result = Tensor<G>(
        geometry: outputs,
        elements: Array(
          repeating: variant.operation == .softmax ? G.zero : -G.infinity,
          count: outputs.elementCount))
      let length = geometry.length
      guard length > 0 else { return result }
      // Some thousand logits at a time: they stay in the cache, and a call with lanes costs little
      // where they are short.
      let lanesAtOnce = max(1, 4096 / length)
      logits.elements.withUnsafeBufferPointer { source in
        result.elements.withUnsafeMutableBufferPointer { destination in
          withUnsafeTemporaryAllocation(of: C.self, capacity: lanesAtOnce * length) { room in
            for first in stride(from: 0, to: geometry.laneCount, by: lanesAtOnce) {
              let count = min(lanesAtOnce, geometry.laneCount - first)
              let lanes = UnsafeMutableBufferPointer(rebasing: room[..<(count * length)])
              /// Calls a function with each place among the lanes and its place in a tensor of as
              /// many lanes.
              @inline(__always)
              func forEachPlace(in tensor: LaneGeometry, _ body: (Int, Int) -> Void) {
                if tensor.inner == 1, tensor.length == length {
                  for index in lanes.indices { body(index, first * length + index) }
                  return
                }
                for lane in 0..<count {
                  let start = tensor.start(ofLane: first + lane)
                  for index in 0..<tensor.length {
                    body(lane * length + index, start + index * tensor.inner)
                  }
                }
              }
              forEachPlace(in: geometry) {
                lanes.initializeElement(at: $0, to: convert(source[$1], to: C.self))
              }
              variant.evaluate(lanes: lanes, ofLength: length)
              forEachPlace(in: outputs) { destination[$1] = convert(lanes[$0], to: G.self) }
            }
          }
        }
      }
      return result
    }
  }
}

/// A value of one format rounded to another; nothing at all where the two are the same.
@inline(__always)
private func convert<F: BinaryFloat, G: BinaryFloat>(_ value: F, to format: G.Type) -> G {
  if F.self == G.self { return unsafeBitCast(value, to: G.self) }
  return G(rounding: value)
}
