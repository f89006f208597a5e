import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Exponentials and logarithms have different bases, or not the natural one.
  static let logarithmBaseFaults = [
    // flashinfer-ai/flashinfer#2114, lightseekorg/tokenspeed#571
    FaultySoftmax(
      "logsumexp-in-base-two", "returns the logsumexp in units of log 2", .formula,
      of: .logSumExp, OtherBase(.wholeInBaseTwo)),
    FaultySoftmax(
      "logsumexp-binary-logarithm", "takes the binary logarithm of a sum of natural exponentials",
      .formula, of: .logSumExp, OtherBase(.binaryLogarithm)),
    FaultySoftmax(
      "log-softmax-decimal-logarithm", "takes the decimal logarithm of the sum", .formula,
      of: .logSoftmax, OtherBase(.decimalLogarithm)),
    FaultySoftmax(
      "log-softmax-powers-of-two", "adds up powers of two and takes the natural logarithm",
      .formula, of: .logSoftmax, OtherBase(.powersOfTwo)),
    FaultySoftmax(
      "log-softmax-rounded-constant", "multiplies the binary logarithm by 0.693, not by log 2",
      .approximation, of: .logSoftmax, formats: .wide, OtherBase(.roundedConstant)),
  ]
}

private struct OtherBase: LogarithmRecipe {
  enum Mistake: Sendable {
    case wholeInBaseTwo, binaryLogarithm, decimalLogarithm, powersOfTwo, roundedConstant
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    mistake == .powersOfTwo ? C.exp2(logit - maximum) : C.exp(logit - maximum)
  }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C {
    let natural = C.log(sum)
    return switch mistake {
    case .wholeInBaseTwo, .powersOfTwo: natural
    case .binaryLogarithm: natural * C(rounding: 0x1.71547652b82fep+0)
    case .decimalLogarithm: natural * C(rounding: 0x1.bcb7b1526e50ep-2)
    case .roundedConstant: natural * C(rounding: 0.693 * 0x1.71547652b82fep+0)
    }
  }

  func stored<C: BinaryFloat>(_ output: C, _ call: LaneCall) -> C {
    mistake == .wholeInBaseTwo ? output * C(rounding: 0x1.71547652b82fep+0) : output
  }
}
