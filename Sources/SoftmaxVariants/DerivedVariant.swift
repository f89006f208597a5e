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

  /// The outputs of a lane of one element or more; numbers of float32 from any format but float64.
  private func outputs<F: BinaryFloat>(_ lane: LaneInputs<F>) -> [Double] {
    if F.format == .float64 {
      return algorithm.float64Outputs(lane.map { $0.exactDouble }, summation) { $0 }
    }
    return algorithm.float32Outputs(lane.map { Float($0.exactDouble) }, summation) {
      Float(F(rounding: Double($0)).exactDouble)
    }
    .map { Double($0) }
  }
}

extension DerivedVariant: InputsWork {
  package func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    // The loss of an empty lane is 0, as its sum is.
    inputs.outputs(of: operation, filling: .zero) { number in
      inputs.first.geometry.length > 0
        ? outputs(inputs.lane(number)).map { G(rounding: $0) } : nil
    }
  }
}
