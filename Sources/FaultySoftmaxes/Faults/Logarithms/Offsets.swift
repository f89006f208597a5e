import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The number subtracted before exponentials is not the maximum, or it is not made good.
  static let offsetFaults = [
    // tracel-ai/burn#315, cornell-brg/hb-pytorch#61
    FaultySoftmax(
      "log-softmax-without-maximum", "computes x - log sum exp(x)", .overflow, of: .logSoftmax,
      ShiftedBy(.nothing)),
    // openvinotoolkit/openvino#35677, NVIDIA/TensorRT#4772, huggingface/candle#2356
    FaultySoftmax(
      "logsumexp-without-maximum", "computes log sum exp(x)", .overflow, of: .logSumExp,
      ShiftedBy(.nothing)),
    // pytorch/pytorch#11752, pytorch/pytorch#38839, ml-explore/mlx#4169
    FaultySoftmax(
      "log-softmax-offset-eats-logarithm",
      "computes x - (m + log s), where a large m rounds the logarithm away", .formula,
      of: .logSoftmax, formats: .beyondFloat16, OffsetEatsLogarithm()),
    // shogun-toolbox/shogun#2889
    FaultySoftmax(
      "logsumexp-shifted-by-the-minimum", "subtracts the smallest logit, not the largest",
      .overflow, of: .logSumExp, ShiftedBy(.minimum)),
    FaultySoftmax(
      "log-softmax-shifted-by-the-first", "subtracts the first logit, not the largest", .overflow,
      of: .logSoftmax, ShiftedBy(.first)),
    // amdegroot/ssd.pytorch#203, lzx1413/PytorchSSD#22
    FaultySoftmax(
      "logsumexp-shifted-by-the-tensor-maximum",
      "subtracts the largest logit of all lanes, far below which sums vanish", .overflow,
      of: .logSumExp, ShiftedBy(.maximumOfTensor)),
    FaultySoftmax(
      "log-softmax-shifted-by-the-tensor-maximum",
      "subtracts the largest logit of all lanes, far below which sums vanish", .overflow,
      of: .logSoftmax, ShiftedBy(.maximumOfTensor)),
    // clab/dynet#454
    FaultySoftmax(
      "logsumexp-with-the-maximum-before",
      "adds the maximum of the lane before, from the second lane on", .axes, of: .logSumExp,
      MaximumOfLaneBefore()),
    // choderalab/perses#1238, elixir-nx/axon#527
    FaultySoftmax(
      "logsumexp-maximum-not-added-back", "forgets to add the maximum to the logarithm", .formula,
      of: .logSumExp, MaximumNotAddedBack()),
    FaultySoftmax(
      "logsumexp-of-magnitudes", "shifts by the logit of the largest magnitude", .overflow,
      of: .logSumExp, ShiftedBy(.largestMagnitude)),
    // The sentinel of huggingface/transformers#17433
    FaultySoftmax(
      "logsumexp-maximum-starts-at-minus-65504",
      "begins its search for the maximum at -65504, whatever the format", .overflow,
      of: .logSumExp, formats: .beyondFloat16, ShiftedBy(.atLeast(-65504))),
    FaultySoftmax(
      "log-softmax-maximum-starts-at-zero", "begins its search for the maximum at 0", .overflow,
      of: .logSoftmax, ShiftedBy(.atLeast(0))),
    FaultySoftmax(
      "log-softmax-maximum-of-first-1024", "looks for the maximum among the first 1024 logits",
      .overflow, of: .logSoftmax, ShiftedBy(.maximumOfFirst(1024))),
  ]
}

/// The right formula with another offset: right in exact arithmetic.
private struct ShiftedBy: LogarithmRecipe {
  enum Offset: Sendable {
    case nothing, first, minimum, largestMagnitude, maximumOfTensor
    /// The maximum, or a number where that is larger.
    case atLeast(Double)
    case maximumOfFirst(Int)
  }

  let offset: Offset
  init(_ offset: Offset) { self.offset = offset }

  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    memory.number = logits.elements.map { $0.exactDouble }.filter { !$0.isNaN }.max() ?? 0
  }

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    let largest = FaultySoftmaxes.largest(of: lane, 0..<lane.count)
    // Special lanes are treated as ever: the mistake is about finite logits.
    guard largest.isFinite else { return largest }
    switch offset {
    case .nothing: return C.zero
    case .first: return lane[0].isFinite ? lane[0] : largest
    case .minimum:
      var least = largest
      for logit in lane where logit.isFinite && logit < least { least = logit }
      return least
    case .largestMagnitude:
      var found = largest
      for logit in lane where logit.isFinite && -logit > found && logit < C.zero {
        found = -logit
      }
      return found
    case .maximumOfTensor:
      return call.memory.number.isFinite ? C(rounding: call.memory.number) : largest
    case .atLeast(let least):
      return largest > C(rounding: least) ? largest : C(rounding: least)
    case .maximumOfFirst(let count):
      let first = FaultySoftmaxes.largest(of: lane, 0..<min(count, lane.count))
      return first.isFinite ? first : largest
    }
  }
}

private struct OffsetEatsLogarithm: LogarithmRecipe {
  func logProbability<C: BinaryFloat>(
    of logit: C, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    logit - (maximum + logSum)
  }
}

private struct MaximumOfLaneBefore: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let own = largest(of: lane, 0..<lane.count)
    let before = call.lane == 0 ? own.exactDouble : call.memory.number
    call.memory.number = own.exactDouble
    PlainLogarithms().evaluate(lane, &call)
    guard own.isFinite, before.isFinite else { return }
    lane[0] = (lane[0] - own) + C(rounding: before)
  }
}

private struct MaximumNotAddedBack: LogarithmRecipe {
  func logSumExp<C: BinaryFloat>(
    of lane: Lane<C>, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    maximum.isFinite ? logSum : PlainLogarithms().logSumExp(of: lane, maximum, logSum, call)
  }
}
