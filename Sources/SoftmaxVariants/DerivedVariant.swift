import AuditedOperations
import FloatFormats

/// A built-in implementation of a loss, a gradient or a Jacobian: an algorithm and an order of
/// summation.
///
/// Its name is `algorithm/summation`. Formats of 16 bits are computed in float32, the others in
/// themselves.
package struct DerivedVariant: Sendable {
  private static let algorithms: [any DerivedAlgorithm.Type] = [
    LossOfLogSoftmax.self, FusedLoss.self, RecomputedSoftmaxVJP.self, StoredSoftmaxVJP.self,
    JacobianSoftmaxVJP.self, CentredSoftmaxBackward.self, DistributedSoftmaxBackward.self,
    LogSoftmaxVJPOfLogarithms.self, LogSoftmaxVJPOfProbabilities.self, LossGradientOfSoftmax.self,
    FusedLossGradient.self, OuterProductJacobian.self, LoopedJacobian.self,
  ]

  private let algorithm: any DerivedAlgorithm.Type
  /// The order in which the terms are added.
  package let summation: Summation

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

  /// The outputs of a lane of one element or more, each rounded once to the output format.
  func outputs<F: BinaryFloat, G: BinaryFloat>(_ lane: LaneInputs<F>, as output: G.Type) -> [G] {
    F.format.isNarrow
      ? outputs(lane, computingIn: Float.self) : outputs(lane, computingIn: F.self)
  }

  private func outputs<F: BinaryFloat, C: BinaryFloat, G: BinaryFloat>(
    _ lane: LaneInputs<F>, computingIn format: C.Type
  ) -> [G] {
    func widened(_ numbers: [F]) -> [C] { numbers.map { C(rounding: $0.exactDouble) } }
    let wide = LaneInputs<C>(
      widened(lane.first), upstream: widened(lane.upstream), target: lane.target,
      classWeights: lane.classWeights.map(widened), labelSmoothing: lane.labelSmoothing)
    return algorithm.outputs(wide, summation) {
      C(rounding: F(rounding: $0.exactDouble).exactDouble)
    }
    .map { G(rounding: $0.exactDouble) }
  }
}
