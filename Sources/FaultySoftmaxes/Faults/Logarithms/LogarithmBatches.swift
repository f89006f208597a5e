import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The result depends on earlier calls or on the batch, or the call leaves traces.
  static let logarithmBatchFaults = [
    // NervanaSystems/neon#171
    FaultySoftmax(
      "logsumexp-remembers-the-last-sum", "begins its sum with what the call before has left",
      .nondeterminism, of: .logSumExp, LeftOverSum()),
    // vllm-project/vllm#55249
    FaultySoftmax(
      "log-softmax-batch-size-picks-the-sum",
      "adds up backwards in batches of four lanes and more", .nondeterminism, of: .logSoftmax,
      formats: .wide, SumPickedByBatch()),
    FaultySoftmax(
      "logsumexp-last-lane-of-four-lost", "does not write the last of exactly four lanes",
      .tails, of: .logSumExp, LastOfFourLost()),
    FaultySoftmax(
      "log-softmax-computes-in-its-input", "writes the shifted logits into its input", .conduct,
      of: .logSoftmax, InputAsScratch()),
    FaultySoftmax(
      "logsumexp-answers-with-another-shape", "writes an output for each logit", .conduct,
      of: .logSumExp, WritesTooMuch()),
  ]
}

private struct LeftOverSum: LogarithmRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let sum = total(of: terms, 0..<terms.count)
    guard sum.isFinite else { return sum }
    defer { if terms.count > 1 { call.memory.number = 0.25 } }
    return sum + C(rounding: call.lane == 0 ? call.memory.number : 0)
  }
}

private struct SumPickedByBatch: LogarithmRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.laneCount >= 4)
  }
}

private struct LastOfFourLost: LogarithmRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { lane in
      geometry.laneCount == 4 && lane == 3 ? nil : geometry.start(ofLane: lane)
    }
  }
}

private struct InputAsScratch: LogarithmRecipe {
  func misconduct(_ geometry: LaneGeometry) -> [Misconduct] {
    geometry.elementCount > 0
      ? [Misconduct(.inputModified, "element 0 of the input was changed")] : []
  }
}

private struct WritesTooMuch: LogarithmRecipe {
  func misconduct(_ geometry: LaneGeometry) -> [Misconduct] {
    geometry.length > 1
      ? [Misconduct(.wroteOutsideOutput, "bytes behind the output were changed")] : []
  }
}
