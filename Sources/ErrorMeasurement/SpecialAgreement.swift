import AuditedOperations
import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

/// Counts the outputs of lanes without a value that are what a policy expects there.
///
/// Policies are about probabilities. Of a log-softmax the logarithms of what they expect are
/// expected; of losses, gradients and Jacobians nothing where they expect a one. Of a loss whose
/// weights are all 0, and of its gradient, 0 is right whatever the policy.
package struct SpecialAgreement<Reference: ExactLane> {
  private let reference: Reference
  private let policy: SpecialLanePolicy
  private var logits: DistinctLogits { reference.logits }
  private var operation: AuditedOperation { reference.operation }

  package init(of reference: Reference, by policy: SpecialLanePolicy) {
    self.reference = reference
    self.policy = policy
  }

  /// Counts the outputs that are what the policy expects of a kind of lane.
  package func count<G: BinaryFloat>(_ outputs: [G], _ special: SpecialLane) -> UInt64 {
    // Terms whose weight is 0 are left out, whatever their logit, and what is left is 0; multiplied
    // by it, a logarithm that is NaN stays one.
    if reference.inputs.hasOnlyZeroWeights {
      return UInt64(outputs.count { $0.isNaN || $0.isZero })
    }
    switch policy.expectation(for: special, infinityCount: logits.infinityCount) {
    case .nanSomewhere:
      // One NaN does not excuse rubbish beside it.
      guard outputs.contains(where: { $0.isNaN }) else { return 0 }
      return countPossible(outputs)
    case .uniform where isDerived, .oneHot where isDerived:
      return countPossible(outputs)
    case .nanEverywhere:
      return UInt64(outputs.count { $0.isNaN })
    case .zeros:
      return UInt64(outputs.count { isProbabilityZero($0) })
    case .uniform:
      return UInt64(outputs.count { isUniform($0, of: outputs.count) })
    case .oneHot:
      return UInt64(
        outputs.indices.count { index in
          let isInfinite = logits.slots[index] == DistinctLogits.special
          return isInfinite ? isProbabilityOne(outputs[index]) : isProbabilityZero(outputs[index])
        })
    case .withoutNaNs:
      if logits.infinityCount > 0 { return count(outputs, .holdsInfinity) }
      if logits.finiteCount == 0 { return count(outputs, .fullyMasked) }
      return countWithoutNaNs(outputs)
    }
  }

  private var isLogarithm: Bool { operation == .logSoftmax }
  private var isDerived: Bool { DerivedTolerance.covers(operation) }

  /// Counts the outputs that are NaN, or numbers that the operation can have.
  private func countPossible<G: BinaryFloat>(_ outputs: [G]) -> UInt64 {
    let range = operation.output.range
    return UInt64(outputs.count { $0.isNaN || range.contains($0.exactDouble) })
  }

  private func isProbabilityZero<G: BinaryFloat>(_ y: G) -> Bool {
    isLogarithm ? y == -G.infinity : y.isZero
  }

  private func isProbabilityOne<G: BinaryFloat>(_ y: G) -> Bool {
    isLogarithm ? y.isZero : y == .one
  }

  /// Whether an output is that of n equal logits: fl(1/n), or -ln n good to 4 ulp.
  private func isUniform<G: BinaryFloat>(_ y: G, of count: Int) -> Bool {
    guard isLogarithm else {
      return y
        == SoftmaxOracle.reciprocal(of: UInt64(count), in: reference.format)
        .correctlyRounded(G.self)
    }
    let exact = -Double.log(Double(count))
    return abs(y.exactDouble - exact) <= 8 * reference.format.unitRoundoff * abs(exact)
  }

  /// Counts the outputs that would be right with -inf in the place of each NaN.
  ///
  /// Errors are those that any sound implementation may have. The lane has finite logits, and no
  /// infinite ones.
  private func countWithoutNaNs<G: BinaryFloat>(_ outputs: [G]) -> UInt64 {
    let inputs = reference.inputs.withoutNaNs()
    // A NaN that is in another input stays.
    guard inputs.lackOfValue == nil else { return countPossible(outputs) }
    let exact = SoftmaxOracle().reference(of: inputs, in: reference.format)
    guard
      let tolerance = DefaultTolerance(
        operation, output: reference.format, underflow: .gradual
      ).tolerance(of: inputs)
    else { return 0 }
    return UInt64(
      outputs.indices.count { index in
        let value = exact.value(at: index)
        switch OutputClass(
          outputs[index], against: value, of: operation.output, in: reference.format)
        {
        case .mismatch: return false
        case .rightInfinity: return true
        case .measured:
          return value.isZero && !value.isBalanced
            || abs(outputs[index].exactDouble - value.approximate) <= tolerance.bounds[index]
        }
      })
  }
}
