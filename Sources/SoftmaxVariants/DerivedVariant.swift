import AuditedOperations
import FloatFormats

/// A built-in implementation of a loss, a gradient or a Jacobian: an algorithm and an order of
/// summation.
///
/// Its name is `algorithm/summation`. Formats of 16 bits are computed in float32, the others in
/// themselves.
package struct DerivedVariant: Sendable {
  private static let algorithms: [any DerivedAlgorithm.Type] = [
    LossOfLogSoftmax.self, FusedLoss.self, OneHotLoss.self, RecomputedSoftmaxVJP.self,
    StoredSoftmaxVJP.self, JacobianSoftmaxVJP.self, CentredSoftmaxBackward.self,
    DistributedSoftmaxBackward.self,
    LogSoftmaxVJPOfLogarithms.self, LogSoftmaxVJPOfProbabilities.self, LossGradientOfSoftmax.self,
    FusedLossGradient.self, OuterProductJacobian.self, LoopedJacobian.self,
  ]

  private let algorithm: any DerivedAlgorithm.Type
  /// The order in which the terms are added.
  package let summation: Summation

  private init(algorithm: any DerivedAlgorithm.Type, summation: Summation) {
    self.algorithm = algorithm
    self.summation = summation
  }

  /// The variant of the given name, in full or without the summation (then `sequential`).
  package init?(named name: String, of operation: AuditedOperation) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count),
      let algorithm = Self.algorithms.first(where: {
        $0.operation == operation && $0.name == parts[0]
      }),
      let summation = parts.count == 1 ? .sequential : Summation(rawValue: parts[1])
    else { return nil }
    self.init(algorithm: algorithm, summation: summation)
  }

  /// The variants of an operation.
  package static func all(of operation: AuditedOperation) -> [DerivedVariant] {
    algorithms.filter { $0.operation == operation }.flatMap { algorithm in
      Summation.allCases.map { DerivedVariant(algorithm: algorithm, summation: $0) }
    }
  }

  package var name: String { "\(algorithm.name)/\(summation.rawValue)" }
  package var algorithmName: String { algorithm.name }
  package var operation: AuditedOperation { algorithm.operation }
  /// The formula, in one line.
  package var formula: String { algorithm.formula }
  /// The tensors that it is made for.
  var domain: InputDomain {
    var domain = InputDomain.everything
    domain.largestLogit = algorithm.largestLogit
    return domain
  }
  /// The place where the form is in use.
  package var source: String { algorithm.source }

  /// The outputs of a lane of one element or more; numbers of float32 from any format but float64.
  package func outputs<F: BinaryFloat>(_ inputs: LaneInputs<F>) -> [Double] {
    let lane = inputs.map { $0.exactDouble }
    if F.format == .float64 {
      return algorithm.float64Outputs(DerivedInputs(lane), summation) { $0 }.map(\.value)
    }
    return algorithm.float32Outputs(DerivedInputs(lane), summation) {
      Rounded(Float(F(rounding: Double($0.value)).exactDouble))
    }
    .map { Double($0.value) }
  }

  /// The a-priori bound on |output - v| for each output of a lane; `nil` outside its domain.
  ///
  /// It is evaluated on this very lane, includes the rounding to the output format, and is rounded
  /// up by what its evaluation can have lost, see ``Deviation/evaluationSlack(count:)``: it
  /// consists of sums, products, quotients and exponentials of nonnegative numbers, and of
  /// differences that lose less than 2^-6. An infinite loss has the bound 0.
  ///
  /// **Domain.** Inputs that are numbers of the format, or logits of -inf beside others, and no
  /// overflow: not of what is computed on the way, nor of the outputs.
  ///
  /// - Parameters:
  ///   - lane: Numbers of the format of the inputs.
  ///   - input: That format.
  package func bound(
    on lane: LaneInputs<Double>, input: FloatFormat, output: FloatFormat
  ) -> [Double]? {
    guard lane.count > 0, lane.classWeights?.allSatisfy({ input.rounded($0) == $0 }) != false,
      lane.first.allSatisfy({ $0 < .infinity }),
      lane.first.contains(where: \.isFinite), lane.upstream.allSatisfy(\.isFinite),
      operation.inputs.first == .logits || lane.first.allSatisfy(\.isFinite)
    else { return nil }
    if input == .float64 {
      return Self.bounds(
        algorithm.float64Errors(DerivedInputs(lane), summation) { $0 }, count: lane.count, output)
    }
    return Self.bounds(
      algorithm.float32Errors(DerivedInputs(lane), summation) { $0.stored(in: input) },
      count: lane.count, output)
  }

  /// The bounds that errors amount to once they are rounded to the output format.
  private static func bounds<C: BinaryFloat>(
    _ errors: [RunningError<C>], count: Int, _ output: FloatFormat
  ) -> [Double]? {
    // An error can reach its bound. Figures and ratios are rounded up to 30 bits, which 2^-27
    // leaves room for.
    let factor = 1 + Deviation.evaluationSlack(count: count) + 0x1p-27
    let leastNormal = max(C.format.leastNormal, output.leastNormal)
    let half = max(ArithmeticModel<C>.halfQuantum, output.leastSubnormal / 2)
    var bounds: [Double] = []
    for number in errors {
      let stored = number.stored(in: output)
      guard stored.isSound else { return nil }
      guard stored.error > 0 else {
        bounds.append(0)
        continue
      }
      // Nothing finer is claimed of subnormal results: 0 would be compared with the value itself.
      let least = stored.least < leastNormal ? half : 0
      bounds.append((max(stored.error, least) * factor).nextUp)
    }
    return bounds
  }
}

extension DerivedVariant: Hashable {
  package static func == (a: Self, b: Self) -> Bool {
    a.operation == b.operation && a.name == b.name
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(operation)
    hasher.combine(name)
  }
}

extension DerivedVariant: InputsWork {
  package func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    // The loss of an empty lane is 0, as its sum is.
    SoftmaxAnswer(
      inputs.outputs(of: operation, filling: .zero) { number in
        inputs.first.geometry.length > 0
          ? outputs(inputs.lane(number)).map { G(rounding: $0) } : nil
      })
  }
}
