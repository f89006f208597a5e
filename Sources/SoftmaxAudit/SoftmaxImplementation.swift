import FloatFormats
import SoftmaxOracle
import SoftmaxVariants

/// Anything that maps a tensor and an axis to a tensor of probabilities.
///
/// The audit knows implementations through this protocol alone.
public protocol SoftmaxImplementation: Sendable {
  /// The name in results, reports and on the command line.
  var name: String { get }
  /// What it computes, in one line.
  var summary: String { get }
  /// The input formats it is offered for.
  var formats: [FloatFormat] { get }
  /// The output format for an input format where the user asks for none.
  func defaultOutputFormat(for input: FloatFormat) -> FloatFormat
  /// The model whose bound it is measured against; nil when it declares none.
  func declaredModel(for input: FloatFormat) -> SoftmaxVariant?
  /// What it does with lanes that have no softmax.
  var specialLanes: SpecialLanePolicy { get }

  /// The softmax of a tensor along its axis.
  func softmax<F: BinaryFloat, G: BinaryFloat>(_ logits: Tensor<F>, as output: G.Type) throws
    -> Tensor<G>
}

extension SoftmaxImplementation {
  public func defaultOutputFormat(for input: FloatFormat) -> FloatFormat { input }
  public var specialLanes: SpecialLanePolicy { .nanSomewhere }
  public func declaredModel(for input: FloatFormat) -> SoftmaxVariant? { nil }
}

/// A built-in variant as an implementation.
public struct BuiltInImplementation: SoftmaxImplementation {
  public let variant: SoftmaxVariant

  public init(_ variant: SoftmaxVariant) { self.variant = variant }

  /// All built-in variants.
  public static let all = SoftmaxVariant.all.map(BuiltInImplementation.init)

  public var name: String { variant.name }
  public var summary: String { variant.formula }
  public var formats: [FloatFormat] { variant.formats }
  public func declaredModel(for input: FloatFormat) -> SoftmaxVariant? { variant }

  public func softmax<F: BinaryFloat, G: BinaryFloat>(
    _ logits: Tensor<F>, as output: G.Type
  ) throws -> Tensor<G> {
    // A call through the protocol arrives here with types the compiler did not know, in code that is specialized for
    // none. Opening the formats again gives it types it knows: five times as fast.
    let result = try F.format.open(KnownInput(variant: variant, logits: logits, output: G.format))
    guard let typed = result as? Tensor<G> else {
      throw InternalError("a tensor of \(G.format.rawValue) has another type")
    }
    return typed
  }

  private struct KnownInput: FormatGenericWork {
    let variant: SoftmaxVariant
    let logits: any Sendable
    let output: FloatFormat

    func run<F: BinaryFloat>(_ input: F.Type) throws -> any Sendable {
      guard let logits = logits as? Tensor<F> else {
        throw InternalError("a tensor of \(F.format.rawValue) has another type")
      }
      return try output.open(KnownOutput(variant: variant, logits: logits))
    }
  }

  private struct KnownOutput<F: BinaryFloat>: FormatGenericWork {
    let variant: SoftmaxVariant
    let logits: Tensor<F>

    func run<G: BinaryFloat>(_ output: G.Type) throws -> any Sendable {
      try variant.computingFormat(for: F.format).open(Run<F, G>(variant: variant, logits: logits))
    }
  }

  private struct Run<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let variant: SoftmaxVariant
    let logits: Tensor<F>

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> Tensor<G> {
      let geometry = logits.geometry
      var result = Tensor<G>(
        geometry: geometry, elements: Array(repeating: G.zero, count: geometry.elementCount))
      let (length, inner) = (geometry.length, geometry.inner)
      guard length > 0 else { return result }
      logits.elements.withUnsafeBufferPointer { source in
        result.elements.withUnsafeMutableBufferPointer { destination in
          withUnsafeTemporaryAllocation(of: C.self, capacity: length) { lane in
            for number in 0..<geometry.laneCount {
              let start = geometry.start(ofLane: number)
              for index in 0..<length {
                lane.initializeElement(
                  at: index, to: convert(source[start + index * inner], to: C.self))
              }
              variant.evaluate(lane)
              for index in 0..<length {
                destination[start + index * inner] = convert(lane[index], to: G.self)
              }
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
