import AuditedOperations
import FloatFormats

/// The knowledge of an implementation of a loss, a gradient or a Jacobian about a lane besides its
/// inputs.
struct DerivedCall: Sendable {
  var operation: AuditedOperation
  /// The number of the lane and how many there are.
  var lane = 0
  var laneCount = 1
  var input: FloatFormat
  var output: FloatFormat
  /// The number of calls made before this one.
  var calls = 0
}

/// A loss, a gradient or a Jacobian in steps, each of which can be replaced by a wrong one.
///
/// What is not replaced is sound: the maximum is subtracted, 16-bit formats compute in float32,
/// sums have four accumulators, classes without a share are left out of a loss, lanes with the
/// ignored target give 0. So a recipe shows one mistake and no other.
///
/// The lane is never empty. The steps of the first group see the whole call and no arithmetic.
protocol DerivedRecipe: Sendable {
  func computingFormat(for input: FloatFormat) -> FloatFormat
  /// Looks at the inputs before anything is computed; the place to refuse and to crash.
  func begin<F: BinaryFloat>(_ inputs: OperationInputs<F>) throws
  /// The inputs that are taken for those of a lane.
  func inputs<F: BinaryFloat>(
    ofLane number: Int, of inputs: OperationInputs<F>
  ) -> LaneInputs<F>
  /// Whether the outputs of a lane are written; what is not stays zero.
  func writes(_ call: DerivedCall) -> Bool

  /// All of it: the outputs of a lane.
  func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C]
  func maximum<C: BinaryFloat>(_ logits: [C], _ call: DerivedCall) -> C
  func sum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C
  /// The probabilities of the lane, or those that it was given.
  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C]
  func logarithms<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C]
  /// The coefficients q of a loss sum q (-l): w_t (1 - e) [c = t] + (e / n) w_c.
  func coefficients<C: BinaryFloat>(
    _ lane: LaneInputs<C>, target: Int, _ call: DerivedCall
  ) -> [C]
  func loss<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int, _ call: DerivedCall) -> C
  /// p sum q - q.
  func lossGradient<C: BinaryFloat>(
    _ probabilities: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> [C]
  /// p (g - sum p g).
  func gradient<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ call: DerivedCall
  ) -> [C]
  /// g - p sum g.
  func logGradient<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ upstream: [C], _ call: DerivedCall
  ) -> [C]
  /// An entry p_i ([i = j] - p_j) of the Jacobian.
  func entry<C: BinaryFloat>(_ probabilities: [C], _ i: Int, _ j: Int) -> C
}

extension DerivedRecipe {
  func computingFormat(for input: FloatFormat) -> FloatFormat { max(.float32, input) }
  func begin<F: BinaryFloat>(_ inputs: OperationInputs<F>) throws {}
  func inputs<F: BinaryFloat>(
    ofLane number: Int, of inputs: OperationInputs<F>
  ) -> LaneInputs<F> {
    inputs.lane(number)
  }
  func writes(_ call: DerivedCall) -> Bool { true }

  func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    outputsInSteps(lane, call)
  }

  /// The outputs of a lane by the steps of the recipe.
  func outputsInSteps<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    switch call.operation {
    case .crossEntropy:
      return [lane.target.map { loss(lane, target: $0, call) } ?? C.zero]
    case .crossEntropyVJP:
      guard let target = lane.target else { return lane.first.map { _ in C.zero } }
      return lossGradient(
        probabilities(lane, call), coefficients(lane, target: target, call), call)
    case .logSoftmaxVJP: return logGradient(lane, lane.upstream, call)
    case .softmaxJacobian:
      let p = probabilities(lane, call)
      return p.indices.flatMap { i in p.indices.map { j in entry(p, i, j) } }
    default: return gradient(probabilities(lane, call), lane.upstream, call)
    }
  }

  func maximum<C: BinaryFloat>(_ logits: [C], _ call: DerivedCall) -> C {
    var maximum = logits[0]
    for logit in logits where logit > maximum { maximum = logit }
    return maximum
  }

  func sum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C { total(terms) }

  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    guard call.operation != .softmaxBackward else { return lane.first }
    let maximum = maximum(lane.first, call)
    let exponentials = lane.first.map { C.exp($0 - maximum) }
    let sum = sum(exponentials, call)
    return exponentials.map { $0 / sum }
  }

  func logarithms<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let maximum = maximum(lane.first, call)
    let logarithm = C.log(sum(lane.first.map { C.exp($0 - maximum) }, call))
    return lane.first.map { ($0 - maximum) - logarithm }
  }

  func coefficients<C: BinaryFloat>(
    _ lane: LaneInputs<C>, target: Int, _ call: DerivedCall
  ) -> [C] {
    let smoothing = C(rounding: lane.labelSmoothing)
    let share = smoothing / C(rounding: Double(lane.count))
    return (0..<lane.count).map { index in
      let spread = smoothing.isZero ? C.zero : share * lane.weight(index)
      return index == target ? (C.one - smoothing) * lane.weight(target) + spread : spread
    }
  }

  func loss<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int, _ call: DerivedCall) -> C {
    lossOfLogarithms(
      logarithms(lane, call), coefficients(lane, target: target, call), call)
  }

  func lossGradient<C: BinaryFloat>(
    _ probabilities: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> [C] {
    let whole = sum(coefficients, call)
    return zip(probabilities, coefficients).map { $0 * whole - $1 }
  }

  func gradient<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let dot = sum(zip(probabilities, upstream).map { $0 * $1 }, call)
    return zip(probabilities, upstream).map { $0 * ($1 - dot) }
  }

  func logGradient<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let whole = sum(upstream, call)
    return zip(upstream, probabilities(lane, call)).map { $0 - $1 * whole }
  }

  func entry<C: BinaryFloat>(_ probabilities: [C], _ i: Int, _ j: Int) -> C {
    probabilities[i] * ((i == j ? C.one : C.zero) - probabilities[j])
  }

  /// sum q (-l) over the classes that count.
  func lossOfLogarithms<C: BinaryFloat>(
    _ logarithms: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> C {
    sum(
      coefficients.indices.filter { !coefficients[$0].isZero }
        .map { coefficients[$0] * -logarithms[$0] }, call)
  }
}

/// The recipe with no step replaced.
struct PlainDerived: DerivedRecipe {}

/// The sum of some terms in four interleaved accumulators; zero for none.
func total<C: BinaryFloat>(_ terms: [C]) -> C {
  var partial = FourSums<C>()
  for (index, term) in terms.enumerated() { partial.add(term, at: index & 3) }
  return partial.sum
}

/// Four accumulators.
private struct FourSums<C: BinaryFloat> {
  private var (a, b, c, d) = (C.zero, C.zero, C.zero, C.zero)

  mutating func add(_ term: C, at place: Int) {
    switch place {
    case 0: a = a + term
    case 1: b = b + term
    case 2: c = c + term
    default: d = d + term
    }
  }

  var sum: C { (a + b) + (c + d) }
}
