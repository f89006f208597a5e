import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Lanes of one logit, of no logit, or of many go another way.
  static let logarithmLengthFaults = [
    FaultySoftmax(
      "logsumexp-of-one-is-zero", "gives log 1 for a lane of one logit, not the logit",
      .emptiness, of: .logSumExp, OneLogit()),
    FaultySoftmax(
      "log-softmax-of-one-is-the-logit", "leaves a lane of one logit as it is", .emptiness,
      of: .logSoftmax, OneLogit()),
    // pytorch/pytorch#17262
    FaultySoftmax(
      "log-softmax-crashes-on-an-empty-axis", "divides by the length of the axis", .emptiness,
      of: .logSoftmax, CrashesOnEmptyAxis()),
    // ml-explore/mlx#1467 is about such a threshold.
    FaultySoftmax(
      "logsumexp-maximum-alone-from-512", "gives the maximum for lanes of 512 logits and more",
      .tails, of: .logSumExp, MaximumAlone(from: 512)),
    FaultySoftmax(
      "logsumexp-hard-maximum", "gives the maximum", .wrongFunction, of: .logSumExp,
      MaximumAlone(from: 0)),
    // microsoft/onnxruntime#14475
    FaultySoftmax(
      "log-softmax-last-output-unwritten-at-33", "does not write the last output of 33",
      .tails, of: .logSoftmax, LastUnwritten(length: 33)),
    // PaddlePaddle/Paddle#71935
    FaultySoftmax(
      "log-softmax-lane-start-kept-in-16-bits",
      "keeps the place of a lane's first element in 16 bits", .indexWidth, of: .logSoftmax,
      LaneStartIn16Bits()),
    FaultySoftmax(
      "logsumexp-lanes-beyond-65535-unwritten", "launches no more than 65535 lanes", .indexWidth,
      of: .logSumExp, LanesBeyond65535()),
  ]
}

private struct OneLogit: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.count == 1, lane[0].isFinite else {
      return PlainLogarithms().evaluate(lane, &call)
    }
    if call.operation == .logSumExp { lane[0] = C.zero }
  }
}

private struct CrashesOnEmptyAxis: LogarithmRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if logits.geometry.length == 0 { throw CallFailure(.crash, "signal 8 (SIGFPE)") }
  }
}

private struct MaximumAlone: LogarithmRecipe {
  let length: Int
  init(from length: Int) { self.length = length }
  func logSumExp<C: BinaryFloat>(
    of lane: Lane<C>, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    lane.count >= length && logSum.isFinite
      ? maximum : PlainLogarithms().logSumExp(of: lane, maximum, logSum, call)
  }
}

private struct LastUnwritten: LogarithmRecipe {
  let length: Int
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    if geometry.length == length { walk.length -= 1 }
    return walk
  }
}

private struct LaneStartIn16Bits: LogarithmRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { geometry.start(ofLane: $0) & 0xFFFF }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct LanesBeyond65535: LogarithmRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { $0 < 65_535 ? geometry.start(ofLane: $0) : nil }
  }
}
