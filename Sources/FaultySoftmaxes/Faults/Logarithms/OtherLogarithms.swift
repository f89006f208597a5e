import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// A temperature, a poor exponential, or another function.
  static let otherLogarithmFaults = [
    FaultySoftmax(
      "log-softmax-logits-clamped-to-50", "limits the size of logits to 50", .temperature,
      of: .logSoftmax, ChangedLogits(.clamped(50))),
    FaultySoftmax(
      "logsumexp-logits-halved", "divides logits by a temperature of 2", .temperature,
      of: .logSumExp, ChangedLogits(.scaled(0.5))),
    FaultySoftmax(
      "log-softmax-logits-scaled-by-1.01", "multiplies logits by 1.01", .temperature,
      of: .logSoftmax, formats: .beyondBFloat16, ChangedLogits(.scaled(1.01))),
    FaultySoftmax(
      "log-softmin", "negates the logits", .wrongFunction, of: .logSoftmax,
      ChangedLogits(.scaled(-1))),
    // MeshInfra/WaferLLM#19
    FaultySoftmax(
      "logsumexp-power-of-256", "computes exp(x) as (1 + x/256)^256", .approximation,
      of: .logSumExp, formats: .wide, PowerOf256()),
    // ggml-org/llama.cpp#7154
    FaultySoftmax(
      "log-softmax-exponentials-in-16-bits", "keeps exponentials in float16", .approximation,
      of: .logSoftmax, formats: .wide, ExponentialsIn16Bits()),
    // torch/nn#804
    FaultySoftmax(
      "logsumexp-exp-vanishes-below-minus-5", "takes 0 for exponentials below exp(-5)",
      .approximation, of: .logSumExp, VanishingExponentials(below: -5)),
  ]
}

private struct ChangedLogits: LogarithmRecipe {
  enum Change: Sendable {
    case clamped(Double)
    case scaled(Double)
  }
  let change: Change
  init(_ change: Change) { self.change = change }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices where lane[index].isFinite {
      switch change {
      case .clamped(let limit):
        let (low, high) = (C(rounding: -limit), C(rounding: limit))
        lane[index] = lane[index] < low ? low : lane[index] > high ? high : lane[index]
      case .scaled(let factor): lane[index] = lane[index] * C(rounding: factor)
      }
    }
    PlainLogarithms().evaluate(lane, &call)
  }
}

private struct PowerOf256: LogarithmRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    guard difference.isFinite else { return C.exp(difference) }
    var power = C.one + difference / C(rounding: 256.0)
    if power < C.zero { power = C.zero }
    for _ in 0..<8 { power = power * power }
    return power
  }
}

private struct ExponentialsIn16Bits: LogarithmRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    rounded(C.exp(logit - maximum), to: .float16)
  }
}

private struct VanishingExponentials: LogarithmRecipe {
  let least: Double
  init(below least: Double) { self.least = least }
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    return difference < C(rounding: least) ? C.zero : C.exp(difference)
  }
}
