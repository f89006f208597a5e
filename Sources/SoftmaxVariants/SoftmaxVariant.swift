import AuditedOperations
import FloatFormats

/// A built-in implementation of an operation: an algorithm, an order of summation, and a format to
/// compute in.
///
/// Its name is `algorithm/summation`, or `algorithm/summation/format` where it widens its input,
/// computes in that format throughout and rounds once at the end.
public struct SoftmaxVariant: Sendable, Hashable {
  /// The softmax algorithms that are audited, in the order in which they are listed and reported.
  private static let audited: [AlgorithmEntry] = [
    AlgorithmEntry(Naive.self),
    AlgorithmEntry(MaxTrick.self),
    AlgorithmEntry(MaxTrickReciprocal.self),
    AlgorithmEntry(LogSumExp.self),
    AlgorithmEntry(LogSumExpShifted.self),
    AlgorithmEntry(Online.self),
    AlgorithmEntry(ExponentialBaseTwo.self),
    AlgorithmEntry(TwoPass.self),
  ]

  /// Combinations of their steps, which are there to be declared.
  private static let composed: [AlgorithmEntry] = [
    AlgorithmEntry(Composed<ScaledDifference, DirectSum, ReciprocalProduct>.self),
    AlgorithmEntry(Composed<ScaledDifference, DirectSum, LogSubtraction>.self),
    AlgorithmEntry(Composed<Difference, RescaledSum, ReciprocalProduct>.self),
    AlgorithmEntry(Composed<Difference, RescaledSum, LogSubtraction>.self),
    AlgorithmEntry(Composed<ScaledDifference, RescaledSum, Division>.self),
    AlgorithmEntry(Composed<ScaledDifference, RescaledSum, ReciprocalProduct>.self),
    AlgorithmEntry(Composed<ScaledDifference, RescaledSum, LogSubtraction>.self),
  ]

  /// The algorithms of the other operations.
  private static let logarithms: [AlgorithmEntry] = [
    AlgorithmEntry(NaiveLogSoftmax.self),
    AlgorithmEntry(LogOfSoftmax.self),
    AlgorithmEntry(OffsetLogSoftmax.self),
    AlgorithmEntry(ShiftedLogSoftmax.self),
    AlgorithmEntry(OnlineLogSoftmax.self),
    AlgorithmEntry(OnePlusLogSoftmax.self),
    AlgorithmEntry(NaiveLogSumExp.self),
    AlgorithmEntry(MaxTrickLogSumExp.self),
    AlgorithmEntry(OnlineLogSumExp.self),
    AlgorithmEntry(OnePlusLogSumExp.self),
  ]

  static let algorithms: [AlgorithmEntry] = audited + composed + logarithms

  /// Combinations that are algorithms with names of their own.
  private static let synonyms: [AuditedOperation: [String: String]] = [
    .softmax: [
      "max-trick+reciprocal": "max-trick-reciprocal", "max-trick+exp2": "exp2",
      "max-trick+log": "logsumexp-shifted",
    ],
    // Both shift by the maximum, and add it to the logarithm: the logsumexp has no other way.
    .logSumExp: ["logsumexp": "max-trick", "logsumexp-shifted": "max-trick"],
  ]

  /// The index of an algorithm; of a combination, whatever the order of its modifiers.
  private static func index(
    ofAlgorithm name: String, _ operation: AuditedOperation
  ) -> Int? {
    let parts = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    let modifiers = ["exp2", "reciprocal", "log"].filter(parts.dropFirst().contains)
    guard modifiers.count == parts.count - 1 else { return nil }
    let ordered = (parts.prefix(1) + modifiers).joined(separator: "+")
    let known = synonyms[operation]?[ordered] ?? ordered
    return algorithms.firstIndex { $0.operation == operation && $0.name == known }
  }

  private let algorithmIndex: Int
  /// The order in which the terms are added.
  public let summation: Summation
  /// The format computed in, if it is not the input's own.
  public let accumulation: FloatFormat?

  private var algorithm: AlgorithmEntry { Self.algorithms[algorithmIndex] }

  /// The operation that it computes.
  public var operation: AuditedOperation { algorithm.operation }

  /// Every built-in variant of an operation: those that compute in the input's format, then those
  /// that compute in float32.
  public static func all(of operation: AuditedOperation) -> [SoftmaxVariant] {
    operation == .softmax
      ? all
      : variants(ofAlgorithms: algorithms.indices.filter { algorithms[$0].operation == operation })
  }

  /// Every built-in softmax: those that compute in the input's format, then those that compute in
  /// float32.
  public static let all = variants(ofAlgorithms: audited.indices)

  /// Every model that can be declared beside those: the steps of the variants in other
  /// combinations.
  ///
  /// Their algorithms are `max-trick` or `online`, then any of `+exp2`, and `+reciprocal` or
  /// `+log`.
  public static let combinations = variants(
    ofAlgorithms: audited.count..<audited.count + composed.count)

  /// The variants of algorithms in every summation: those that compute in the input's format, then
  /// those in float32.
  private static func variants(ofAlgorithms indices: some Collection<Int>) -> [SoftmaxVariant] {
    [nil, FloatFormat.float32].flatMap { accumulation in
      indices.flatMap { algorithm in
        Summation.allCases.map {
          SoftmaxVariant(algorithmIndex: algorithm, summation: $0, accumulation: accumulation)
        }
      }
    }
  }

  /// The variant or combination of the given name, in full or without the summation (then
  /// `sequential`).
  public init?(named name: String, of operation: AuditedOperation = .softmax) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, parts.count <= 3,
      let index = Self.index(ofAlgorithm: first, operation)
    else { return nil }
    var rest = parts.dropFirst()
    var accumulation: FloatFormat?
    if let last = rest.last, let format = FloatFormat(rawValue: last) {
      accumulation = format
      rest = rest.dropLast()
    }
    guard rest.count <= 1 else { return nil }
    var summation = Summation.sequential
    if let text = rest.first {
      guard let parsed = Summation(rawValue: text) else { return nil }
      summation = parsed
    }
    self.init(algorithmIndex: index, summation: summation, accumulation: accumulation)
  }

  private init(algorithmIndex: Int, summation: Summation, accumulation: FloatFormat?) {
    self.algorithmIndex = algorithmIndex
    self.summation = summation
    self.accumulation = accumulation
  }

  /// The full name.
  public var name: String {
    let base = "\(algorithm.name)/\(summation.rawValue)"
    return accumulation.map { "\(base)/\($0.rawValue)" } ?? base
  }

  /// The name of the algorithm alone.
  public var algorithmName: String { algorithm.name }
  /// The formula, in one line.
  public var formula: String { algorithm.formula }
  /// The source of the algorithm.
  public var source: String { algorithm.source }

  /// Whether n equal logits make it add n ones, exactly while n <= 2^P, and divide once: then it
  /// gives fl(1/n).
  public var addsOnesForEqualLogits: Bool { algorithm.addsOnesForEqualLogits }
  /// Whether it sees logits only as differences from their maximum, so that an exact shift changes
  /// no bit.
  public var seesDifferencesOnly: Bool { algorithm.seesDifferencesOnly }
  /// Whether a rounded constant makes its errors lean to one side.
  public var leansByConstant: Bool { algorithm.leansByConstant }

  /// The formats of logits that the variant is offered for.
  ///
  /// A variant that computes in float32 is one of the 16-bit formats: for the others it would be
  /// the plain variant or lose accuracy.
  public var formats: [FloatFormat] {
    guard let accumulation else { return FloatFormat.allCases }
    return FloatFormat.allCases.filter { $0 != accumulation && accumulation.contains($0) }
  }

  /// The formats that it is offered for besides where somebody asks by name: those of 8 bits, in
  /// which none computes.
  package var formatsByName: [FloatFormat] { accumulation == nil ? [] : FloatFormat.float8 }

  /// The format computed in for logits of a format: float32 for 8 bits, in which nobody computes.
  public func computingFormat(for input: FloatFormat) -> FloatFormat {
    accumulation ?? (input.isOfEightBits ? .float32 : input)
  }

  /// Replaces the logits of a lane, at least one, by its outputs in the computing format; where a
  /// lane has one output, the first logit.
  public func evaluate<C: BinaryFloat>(_ lane: UnsafeMutableBufferPointer<C>) {
    algorithm.evaluate(lane, lane.count, summation)
  }

  /// Follows one output through the stages of the variant.
  ///
  /// - Parameters:
  ///   - lane: The logits, at least one, in the computing format.
  ///   - trace: Takes the stages down.
  package func trace<C: BinaryFloat, G: BinaryFloat>(
    _ lane: [C], at index: Int, output: G.Type, _ trace: StageTrace
  ) -> StagedOutput {
    trace.output(algorithm.trace(lane, summation, at: index, trace), as: output)
  }

  /// Replaces the logits of lanes that lie one behind the other by their softmaxes, as
  /// ``evaluate(_:)`` does each of them.
  ///
  /// - Parameter length: The number of logits in a lane, at least one; it divides that of all
  ///   logits.
  public func evaluate<C: BinaryFloat>(
    lanes: UnsafeMutableBufferPointer<C>, ofLength length: Int
  ) {
    algorithm.evaluate(lanes, length, summation)
  }

  /// The a-priori bound on |output - p| for each element of a lane; nil outside the domain of the
  /// bound.
  ///
  /// It is evaluated on this very lane, holds for every rounding that the declared arithmetic
  /// permits, includes the final rounding where the output format is not the computing one, and is
  /// rounded up: by what its evaluation can have lost, see ``Deviation/evaluationSlack(count:)``,
  /// and never below half a quantum where p is subnormal.
  package func bound<C: BinaryFloat>(
    on lane: LaneProfile, computingIn format: C.Type, output: FloatFormat
  ) -> [Double]? {
    algorithm.bound(lane, summation, format, output)
  }
}

/// The end of a bound of probabilities.
enum ProbabilityBound {
  /// The bounds that deviations amount to.
  static func bounds<C: BinaryFloat>(
    from computed: [Deviation], on lane: LaneProfile, computingIn format: C.Type,
    output: FloatFormat
  ) -> [Double] {
    var deviations = computed
    switch output {
    case .float16: finish(&deviations, lane, C.self, Float16.self)
    case .bfloat16: finish(&deviations, lane, C.self, BFloat16.self)
    case .float32: finish(&deviations, lane, C.self, Float.self)
    case .float64: finish(&deviations, lane, C.self, Double.self)
    default: finish(&deviations, lane, C.self, output.type)
    }
    let factor = 1 + Deviation.evaluationSlack(count: lane.count)
    return deviations.map { $0.magnitude > 0 ? ($0.magnitude * factor).nextUp : 0 }
  }

  /// Adds the rounding to the output format, where it is one, and what binary64 cannot see.
  ///
  /// * Nothing finer than half a quantum is claimed where results are subnormal: there a correct
  ///   zero would be compared with a bound that is p itself. And rounding alone errs by half a
  ///   quantum, right at the middle of two floats.
  /// * Terms below 2^-1074 are zero in the profile: the p of a maximum can be off by that much,
  ///   which 2^-1000 of it covers.
  private static func finish<C: BinaryFloat, G: BinaryFloat>(
    _ deviations: inout [Deviation], _ lane: LaneProfile, _ computing: C.Type, _ output: G.Type
  ) {
    let roundsAgain = !G.format.contains(C.format)
    let leastNormal = min(G.format.leastNormal, roundsAgain ? 1 : C.format.leastNormal)
    let half = max(
      ArithmeticModel<G>.halfQuantum, roundsAgain ? 0 : ArithmeticModel<C>.halfQuantum)
    for index in deviations.indices where lane.logits[index] != -.infinity {
      let value = lane.probability(index)
      if roundsAgain {
        deviations[index] = ArithmeticModel<G>.rounded(deviations[index], value: value)
      }
      let floor = value < leastNormal ? half : value * 0x1p-1000
      deviations[index].over = max(deviations[index].over, floor)
    }
  }
}

/// An algorithm with its code specialized for every format.
///
/// A call through the protocol would run generic code that is specialized for none; making one
/// closure per format where the algorithm is known lets the compiler see both.
struct AlgorithmEntry: Sendable {
  let operation: AuditedOperation
  let name: String
  let formula: String
  let source: String
  let addsOnesForEqualLogits: Bool
  let seesDifferencesOnly: Bool
  let leansByConstant: Bool
  private let float16: Kernel<Float16>
  private let bfloat16: Kernel<BFloat16>
  private let float32: Kernel<Float>
  private let float64: Kernel<Double>

  private struct Kernel<C: BinaryFloat>: Sendable {
    /// Lanes one behind the other, their length.
    let evaluate: @Sendable (UnsafeMutableBufferPointer<C>, Int, Summation) -> Void
    let bound: @Sendable (LaneProfile, Summation, FloatFormat) -> [Double]?
    let trace: @Sendable ([C], Summation, Int, StageTrace) -> Staged<C>

    /// - Parameter packed: A type with the memory layout and the encodings of C that computes the
    ///   same.
    @inline(__always)
    init<Algorithm: SoftmaxAlgorithm, Packed: BinaryFloat>(
      _ algorithm: Algorithm.Type, packed: Packed.Type
    ) {
      evaluate = Self.evaluation(algorithm, packed: packed)
      bound = { lane, summation, output in
        Algorithm.deviations(on: lane, summation, computingIn: C.self).map {
          ProbabilityBound.bounds(from: $0, on: lane, computingIn: C.self, output: output)
        }
      }
      trace = { Algorithm.trace($0, $1, at: $2, $3) }
    }

    @inline(__always)
    init<Algorithm: LogarithmAlgorithm, Packed: BinaryFloat>(
      logarithm algorithm: Algorithm.Type, packed: Packed.Type
    ) {
      evaluate = Self.evaluation(algorithm, packed: packed)
      bound = { Algorithm.bound(on: $0, $1, computingIn: C.self, output: $2) }
      trace = { Algorithm.trace($0, $1, at: $2, $3) }
    }

    @inline(__always)
    private static func evaluation<Algorithm: LaneAlgorithm, Packed: BinaryFloat>(
      _ algorithm: Algorithm.Type, packed: Packed.Type
    ) -> @Sendable (UnsafeMutableBufferPointer<C>, Int, Summation) -> Void {
      { lanes, length, summation in
        lanes.withMemoryRebound(to: Packed.self) { lanes in
          guard let start = lanes.baseAddress else { return }
          @inline(__always)
          func evaluateAll(ofLength length: Int) {
            for first in stride(from: start, to: start + lanes.count, by: length) {
              Algorithm.evaluate(UnsafeMutableBufferPointer(start: first, count: length), summation)
            }
          }
          // Exhaustions evaluate billions of pairs: a length that the compiler knows leaves no loop
          // in them.
          if length == 2 { evaluateAll(ofLength: 2) } else { evaluateAll(ofLength: length) }
        }
      }
    }
  }

  @inline(__always)
  init<Algorithm: SoftmaxAlgorithm>(_ algorithm: Algorithm.Type) {
    self.init(
      describing: algorithm, Kernel(algorithm, packed: PackedFloat16.self),
      Kernel(algorithm, packed: BFloat16.self), Kernel(algorithm, packed: Float.self),
      Kernel(algorithm, packed: Double.self))
  }

  @inline(__always)
  init<Algorithm: LogarithmAlgorithm>(_ algorithm: Algorithm.Type) {
    self.init(
      describing: algorithm, Kernel(logarithm: algorithm, packed: PackedFloat16.self),
      Kernel(logarithm: algorithm, packed: BFloat16.self),
      Kernel(logarithm: algorithm, packed: Float.self),
      Kernel(logarithm: algorithm, packed: Double.self))
  }

  private init(
    describing algorithm: any LaneAlgorithm.Type, _ float16: Kernel<Float16>,
    _ bfloat16: Kernel<BFloat16>, _ float32: Kernel<Float>, _ float64: Kernel<Double>
  ) {
    operation = algorithm.operation
    name = algorithm.name
    formula = algorithm.formula
    source = algorithm.source
    addsOnesForEqualLogits = algorithm.addsOnesForEqualLogits
    seesDifferencesOnly = algorithm.seesDifferencesOnly
    leansByConstant = algorithm.leansByConstant
    self.float16 = float16
    self.bfloat16 = bfloat16
    self.float32 = float32
    self.float64 = float64
  }

  func evaluate<C: BinaryFloat>(
    _ lanes: UnsafeMutableBufferPointer<C>, _ length: Int, _ summation: Summation
  ) {
    func run<D: BinaryFloat>(_ kernel: Kernel<D>) {
      kernel.evaluate(
        UnsafeMutableRawBufferPointer(lanes).assumingMemoryBound(to: D.self), length, summation)
    }
    switch C.format {
    case .float16: run(float16)
    case .bfloat16: run(bfloat16)
    case .float32: run(float32)
    case .float64: run(float64)
    default: preconditionFailure(Self.inEightBits)
    }
  }

  func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    func follow<D: BinaryFloat>(_ kernel: Kernel<D>) -> Staged<C> {
      let own = kernel.trace(lane.map { D(rounding: $0) }, summation, index, trace)
      return Staged(C(rounding: own.computed), own.alternatives)
    }
    switch C.format {
    case .float16: return follow(float16)
    case .bfloat16: return follow(bfloat16)
    case .float32: return follow(float32)
    case .float64: return follow(float64)
    default: preconditionFailure(Self.inEightBits)
    }
  }

  func bound<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ format: C.Type, _ output: FloatFormat
  ) -> [Double]? {
    switch C.format {
    case .float16: float16.bound(lane, summation, output)
    case .bfloat16: bfloat16.bound(lane, summation, output)
    case .float32: float32.bound(lane, summation, output)
    case .float64: float64.bound(lane, summation, output)
    default: preconditionFailure(Self.inEightBits)
    }
  }

  private static var inEightBits: String { "no variant computes in 8 bits" }
}
