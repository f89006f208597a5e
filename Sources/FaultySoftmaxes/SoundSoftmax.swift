import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// An implementation with nothing wrong, built like the faulty ones: what the laws must never flag.
///
/// Those that declare no model keep the tolerance of an implementation that declares none: an exp
/// good to 4 ulp, any order of summation, 16-bit formats computed in float32. The others say what
/// they declare.
package struct SoundSoftmax: SoftmaxImplementation {
  package let name: String
  package let summary: String
  package let operation: AuditedOperation
  package let formats: [FloatFormat]
  package let specialLanes: SpecialLanePolicy
  package let underflow: UnderflowPolicy
  package let promisedLaws: Set<String>
  private let declaredVariant: SoftmaxVariant?
  package let domain: InputDomain
  private let runner: ImplementationRunner

  @inline(__always)
  init(
    _ name: String, _ summary: String, of operation: AuditedOperation = .softmax,
    formats: [FloatFormat] = FloatFormat.allCases, declares variant: SoftmaxVariant? = nil,
    promises: Set<String> = [],
    specialLanes: SpecialLanePolicy = .nanSomewhere, underflow: UnderflowPolicy = .gradual,
    _ recipe: some SoftmaxRecipe
  ) {
    self.init(
      name, summary, of: operation, formats: formats, declares: variant, promises: promises,
      specialLanes: specialLanes, underflow: underflow,
      .tensors(RecipeRunner(recipe, of: operation)))
  }

  /// A sound loss, gradient or Jacobian.
  ///
  /// - Parameter largest: The largest magnitude of a finite logit that it is made for; nil for any.
  @inline(__always)
  init(
    _ name: String, _ summary: String, of operation: AuditedOperation,
    formats: [FloatFormat] = FloatFormat.allCases, largestLogit largest: Double? = nil,
    _ recipe: some DerivedRecipe
  ) {
    self.init(
      name, summary, of: operation, formats: formats, largestLogit: largest,
      .lanes(DerivedRunner(recipe, of: operation)))
  }

  /// A sound form that takes modifiers of the logits.
  init(
    _ name: String, _ summary: String, of operation: AuditedOperation,
    modifiers recipe: some ModifierRecipe
  ) {
    self.init(
      name, summary, of: operation,
      .modified(ModifierRunner(recipe: recipe, operation: operation)))
  }

  /// A built-in attention, declaring nothing.
  init(_ variant: AttentionVariant) {
    self.init(
      variant.name.replacing("/", with: "-"), variant.formula, of: .attention,
      formats: variant.formats, .builtInAttention(variant))
  }

  private init(
    _ name: String, _ summary: String, of operation: AuditedOperation,
    formats: [FloatFormat] = FloatFormat.allCases, declares variant: SoftmaxVariant? = nil,
    promises: Set<String> = [], specialLanes: SpecialLanePolicy = .nanSomewhere,
    underflow: UnderflowPolicy = .gradual, largestLogit largest: Double? = nil,
    _ runner: ImplementationRunner
  ) {
    self.name = name
    self.summary = summary
    self.operation = operation
    self.formats = formats
    self.specialLanes = specialLanes
    self.underflow = underflow
    promisedLaws = promises
    declaredVariant = variant
    var domain = InputDomain.everything
    domain.largestLogit = largest
    self.domain = domain
    self.runner = runner
  }

  package var offeredModifiers: Set<ModifierKind> { runner.offeredModifiers }

  /// All of them.
  package static let all: [SoundSoftmax] =
    undeclaredVariants + declaredVariants + formsInUse + others + layouts + logarithms + derived

  /// Those of an operation.
  package static func all(of operation: AuditedOperation) -> [SoundSoftmax] {
    all.filter { $0.operation == operation }
  }

  /// The max trick with every order of summation and its relatives, declaring nothing.
  private static let undeclaredVariants: [SoundSoftmax] =
    Summation.allCases.flatMap { summation in
      ["max-trick", "max-trick-reciprocal", "online"].compactMap { algorithm in
        SoftmaxVariant(named: "\(algorithm)/\(summation.rawValue)").map {
          SoundSoftmax(
            "undeclared-\(algorithm)-\(summation.rawValue)",
            "\($0.formula), \(summation.rawValue) sum, declaring nothing",
            VariantRecipe(variant: $0))
        }
      }
    }

  /// Those that declare a bound of their own.
  private static let declaredVariants: [SoundSoftmax] =
    [
      ("max-trick/compensated", [FloatFormat].wide), ("online/lanes-8", .wide),
      ("exp2/lanes-8/float32", .narrow), ("max-trick/pairwise/float32", .narrow),
    ].compactMap { name, formats in
      SoftmaxVariant(named: name).map {
        SoundSoftmax(
          "declared-" + name.split(separator: "/").joined(separator: "-"),
          "\($0.formula), declaring its own bound", formats: formats, declares: $0,
          VariantRecipe(variant: $0))
      }
    }

  private static let others: [SoundSoftmax] = [
    SoundSoftmax(
      "plain", "the recipe that every fault starts from: four accumulators and a division",
      promises: ["shift"], PlainRecipe()),
    SoundSoftmax(
      "added-in-order", "adds up in order; masks add nothing, so that padding changes no bit",
      promises: ["shift", "padding"], AddedInOrder()),
    SoundSoftmax(
      "sorted-sum", "adds up from the smallest term to the largest",
      promises: ["shift", "padding", "permutation"], SortedSum()),
    SoundSoftmax(
      "float64-inside", "computes in float64 and rounds once",
      formats: [
        .float16, .bfloat16, .float32,
      ], Float64Inside()),
    SoundSoftmax(
      "exp-good-to-4-ulp", "uses an exponential that errs by up to 3.51 ulp", formats: .wide,
      ExpGoodTo4Ulp()),
    SoundSoftmax(
      "declared-flush-to-zero", "flushes subnormal exponentials and outputs, and says so",
      underflow: .flush, FlushToZero()),
    SoundSoftmax("sixteen-accumulators", "adds up as a vector unit of 16 does", Accumulators16()),
    SoundSoftmax(
      "blocked-online", "merges blocks of 64, each with its maximum and sum, in a tree",
      BlockedOnline()),
    SoundSoftmax(
      "masked-zero", "gives zeros for fully masked lanes, and says so", specialLanes: .maskedZero,
      SpecialLaneRecipe(policy: .maskedZero)),
    SoundSoftmax(
      "masked-uniform", "gives 1/n for fully masked lanes, and says so",
      specialLanes: .maskedUniform, SpecialLaneRecipe(policy: .maskedUniform)),
    SoundSoftmax(
      "infinity-one-hot", "gives 1 to a single +inf, and says so", specialLanes: .infinityOneHot,
      SpecialLaneRecipe(policy: .infinityOneHot)),
    SoundSoftmax(
      "nan-everywhere", "gives NaN everywhere in lanes without a softmax, and says so",
      specialLanes: .nanEverywhere, SpecialLaneRecipe(policy: .nanEverywhere)),
    SoundSoftmax(
      "nan-once", "gives a single NaN in lanes without a softmax, as nobody forbids",
      NaNOnce()),
  ]

  package func declaredModel(for input: FloatFormat) -> String? { declaredVariant?.name }
  package var excusesOwnDomain: Bool { true }

  package func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    // Nothing is left behind in the memory, so that it needs no keeping.
    var memory = CallMemory()
    return try runner.answer(to: inputs, laidOut: .rowMajor, as: output, &memory)
  }

  package func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }
}

/// A built-in variant, 16-bit formats in float32.
struct VariantRecipe: SoftmaxRecipe {
  let variant: SoftmaxVariant
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) { variant.evaluate(lane) }
}

/// Adds from the first term to the last.
struct AddedInOrder: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: false)
  }
}

/// Adds from the smallest term to the largest: neither order nor masks nor exact shifts change a
/// bit.
struct SortedSum: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    withUnsafeTemporaryAllocation(of: C.self, capacity: terms.count) { memory in
      _ = memory.initialize(fromContentsOf: terms)
      var sorted = memory
      sorted.sort()
      return totalInOrder(of: sorted, backwards: false)
    }
  }
}

private struct Float64Inside: SoftmaxRecipe {
  func computingFormat(for input: FloatFormat) -> FloatFormat { .float64 }
}

/// The exponential of the C library, moved by up to 3 ulp up and down.
///
/// The move is a triangular wave in the argument with a period of about 1/62 that no grid of logits
/// is in step with, so that the errors of a lane do not all point one way. exp(0) = 1 is kept.
private struct ExpGoodTo4Ulp: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    let term = C.exp(difference)
    guard difference < C.zero, !term.isZero else { return term }
    let place = splitIntoFloorAndFraction(difference * C(rounding: 61.803398875)).fraction
    let wave = 1 - abs(4 * place.exactDouble - 2)
    return moved(term, byPlaces: Int64((wave * 3).rounded()))
  }
}

private struct FlushToZero: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return term < C.leastNormal ? C.zero : term
  }
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let least = C(rounding: call.output.leastNormal)
    for index in probabilities.indices where probabilities[index] < least {
      probabilities[index] = C.zero
    }
  }
}

private struct Accumulators16: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    withUnsafeTemporaryAllocation(of: C.self, capacity: 16) { partial in
      partial.initialize(repeating: C.zero)
      for index in terms.indices { partial[index & 15] = partial[index & 15] + terms[index] }
      var width = 8
      while width > 0 {
        for index in 0..<width { partial[index] = partial[index] + partial[index + width] }
        width /= 2
      }
      return partial[0]
    }
  }
}

/// As FlashAttention merges blocks, after Milakov and Gimelshein.
private struct BlockedOnline: SoftmaxRecipe {
  private struct Block<C: BinaryFloat> {
    var maximum: C
    var sum: C

    func merged(with other: Block) -> Block {
      // exp(-inf - -inf) would be NaN: a fully masked block weighs nothing.
      if other.maximum == -C.infinity { return self }
      if maximum == -C.infinity { return other }
      if other.maximum > maximum { return other.merged(with: self) }
      return Block(maximum: maximum, sum: sum + other.sum * C.exp(other.maximum - maximum))
    }
  }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let total = block(of: lane, 0, (lane.count + 63) / 64)
    for index in lane.indices { lane[index] = C.exp(lane[index] - total.maximum) / total.sum }
  }

  private func block<C: BinaryFloat>(of lane: Lane<C>, _ first: Int, _ end: Int) -> Block<C> {
    guard end - first <= 1 else {
      let middle = first + (end - first) / 2
      return block(of: lane, first, middle).merged(with: block(of: lane, middle, end))
    }
    let range = first * 64..<min(end * 64, lane.count)
    let maximum = largest(of: lane, range)
    guard maximum > -C.infinity || maximum.isNaN else {
      // Masks weigh nothing; a NaN behind them is not a mask.
      let holdsNaN = lane[range].contains { $0.isNaN }
      return Block(maximum: holdsNaN ? C.nan : maximum, sum: C.zero)
    }
    var sum = C.zero
    for index in range { sum = sum + C.exp(lane[index] - maximum) }
    return Block(maximum: maximum, sum: sum)
  }
}

/// Lanes without a softmax as a policy says, the others plain.
struct SpecialLaneRecipe: SoftmaxRecipe {
  let policy: SpecialLanePolicy
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let holdsNaN = lane.contains { $0.isNaN }
    let infinities = lane.count { $0 == C.infinity }
    let isMasked = lane.allSatisfy { $0 == -C.infinity }
    guard holdsNaN || infinities > 0 || isMasked else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    let kind: SpecialLane = holdsNaN ? .holdsNaN : isMasked ? .fullyMasked : .holdsInfinity
    switch policy.expectation(for: kind, infinityCount: infinities) {
    case .withoutNaNs:
      for index in lane.indices where lane[index].isNaN { lane[index] = -C.infinity }
      evaluate(lane, &call)
    case .nanSomewhere, .nanEverywhere:
      for index in lane.indices { lane[index] = C.nan }
    case .zeros:
      for index in lane.indices { lane[index] = C.zero }
    case .uniform:
      let share = C(rounding: Double(lane.count))
      for index in lane.indices { lane[index] = C.one / share }
    case .oneHot:
      for index in lane.indices { lane[index] = lane[index] == C.infinity ? C.one : C.zero }
    }
  }
}

private struct NaNOnce: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard probabilities.contains(where: { $0.isNaN }) else { return }
    for index in probabilities.indices { probabilities[index] = index == 0 ? C.nan : C.zero }
  }
}
