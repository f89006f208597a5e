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
  /// Every output format for an input format, the default first.
  func outputFormats(for input: FloatFormat) -> [FloatFormat]
  /// Whether lanes outside the domain of its own declared model excuse mismatches.
  ///
  /// Only what this program knows excuses itself; else whoever runs it has to declare the model.
  var excusesOwnDomain: Bool { get }
  /// The files that it consists of, by path; a change of one of them makes it another implementation.
  var files: [String] { get }
  /// What it does with lanes that have no softmax.
  var specialLanes: SpecialLanePolicy { get }
  /// What it does with results below the normal range.
  var underflow: UnderflowPolicy { get }
  /// The laws that it promises to keep bit for bit, by name.
  var promisedLaws: Set<String> { get }
  /// The ways in which a tensor can be handed to it.
  var layouts: [TensorLayout] { get }
  /// The tensors that it is made for: nothing else is asked of it.
  var domain: InputDomain { get }
  /// The kinds of misconduct that its host looks for; of others an empty list in an answer says nothing.
  var watchedConduct: Set<Misconduct.Kind> { get }
  /// What its figures may depend on beside its name: versions of libraries, settings, processor features.
  var environment: [String: String] { get }

  /// The softmax of a tensor along its axis.
  ///
  /// - Throws: ``CallFailure`` where the call brought no answer, for reasons of the implementation.
  func softmax<F: BinaryFloat, G: BinaryFloat>(_ logits: Tensor<F>, as output: G.Type) throws
    -> Tensor<G>

  /// The softmax of a tensor that lies in memory as asked, and how the implementation behaved meanwhile.
  ///
  /// - Throws: ``CallFailure`` where the call brought no answer, for reasons of the implementation.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G>

  /// The same implementation without a past: no call that was made to this one can influence the new one.
  ///
  /// Laws make concurrent calls only to instances of their own. An audit calls one instance from all its threads.
  func renewed() throws -> any SoftmaxImplementation

  /// Whether an instance without a past costs seconds: an interpreter that imports packages.
  ///
  /// Then an instance serves several laws in turn as long as they are kept; see ``Check``.
  var startsSlowly: Bool { get }

  /// What its host sees of it that calls with tensors do not show; empty where there is nothing of the kind.
  ///
  /// - Throws: ``CallFailure`` where looking brought no answer.
  func inspections(in format: FloatFormat) throws -> [Inspection]
}

extension SoftmaxImplementation {
  public func defaultOutputFormat(for input: FloatFormat) -> FloatFormat { input }
  public func outputFormats(for input: FloatFormat) -> [FloatFormat] {
    [defaultOutputFormat(for: input)]
  }
  public var excusesOwnDomain: Bool { false }
  public var files: [String] { [] }
  public var specialLanes: SpecialLanePolicy { .nanSomewhere }
  public var underflow: UnderflowPolicy { .gradual }
  public var promisedLaws: Set<String> { [] }
  public var layouts: [TensorLayout] { [.rowMajor] }
  public var domain: InputDomain { .everything }
  /// A Swift implementation sees a value and returns one: there is no misconduct to look for.
  public var watchedConduct: Set<Misconduct.Kind> { Set(Misconduct.Kind.allCases) }
  public var environment: [String: String] { [:] }
  public func inspections(in format: FloatFormat) throws -> [Inspection] { [] }
  public func declaredModel(for input: FloatFormat) -> SoftmaxVariant? { nil }
  public func renewed() throws -> any SoftmaxImplementation { self }
  public var startsSlowly: Bool { false }

  /// A Swift implementation sees a value and returns one: it can neither change its input nor write elsewhere.
  public func answer<F: BinaryFloat, G: BinaryFloat>(
    to logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard layout == .rowMajor else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    return SoftmaxAnswer(try softmax(logits, as: output))
  }
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
  public var excusesOwnDomain: Bool { true }
  public var promisedLaws: Set<String> {
    variant.seesDifferencesOnly ? ["shift", "large-shift"] : []
  }

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
      // Some thousand logits at a time: they stay in the cache, and a call with lanes costs little where they are short.
      let lanesAtOnce = max(1, 4096 / length)
      logits.elements.withUnsafeBufferPointer { source in
        result.elements.withUnsafeMutableBufferPointer { destination in
          withUnsafeTemporaryAllocation(of: C.self, capacity: lanesAtOnce * length) { room in
            for first in stride(from: 0, to: geometry.laneCount, by: lanesAtOnce) {
              let count = min(lanesAtOnce, geometry.laneCount - first)
              let lanes = UnsafeMutableBufferPointer(rebasing: room[..<(count * length)])
              /// Calls a function with each place among the lanes and its place in the tensor.
              @inline(__always)
              func forEachPlace(_ body: (Int, Int) -> Void) {
                if inner == 1 {
                  for index in lanes.indices { body(index, first * length + index) }
                  return
                }
                for lane in 0..<count {
                  let start = geometry.start(ofLane: first + lane)
                  for index in 0..<length { body(lane * length + index, start + index * inner) }
                }
              }
              forEachPlace { lanes.initializeElement(at: $0, to: convert(source[$1], to: C.self)) }
              variant.evaluate(lanes: lanes, ofLength: length)
              forEachPlace { destination[$1] = convert(lanes[$0], to: G.self) }
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
