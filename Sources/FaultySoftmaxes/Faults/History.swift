import FloatFormats
import Laws

extension FaultySoftmax {
  /// The result depends on earlier calls, on the batch, or on chance.
  static let historyFaults = [
    FaultySoftmax(
      "sum-remembers-last-call", "starts the sum at 2^-10 of what the last lane left there",
      .nondeterminism, formats: .wide, SumRemembersLastCall(share: 0x1p-10)),
    FaultySoftmax(
      "rounding-of-last-call-carried-over",
      "starts the sum at 2^-22 of the last one: a compensation that is not reset", .nondeterminism,
      formats: [.float32], SumRemembersLastCall(share: 0x1p-22)),
    FaultySoftmax(
      "every-seventh-call-adds-backwards", "adds from last to first in every seventh call",
      .nondeterminism, formats: .wide, EverySeventhCallAddsBackwards()),
    FaultySoftmax(
      "sum-split-by-call-count", "splits the sum into 1 to 4 parts, another number in each call",
      .nondeterminism, formats: .wide, SumSplitByCallCount()),
    FaultySoftmax(
      "partial-sum-lost-in-fifth-call",
      "loses the sum of the last 32 terms in every fifth call, as a missing barrier does",
      .nondeterminism,
      PartialSumLostInFifthCall()),
    FaultySoftmax(
      "maximum-cached-by-first-logit",
      "reuses the last maximum for a lane of the same length and first logit", .nondeterminism,
      MaximumCachedByOneLogit()),
    FaultySoftmax(
      "maximum-cached-by-last-logit",
      "reuses the last maximum for a lane of the same length and last logit", .nondeterminism,
      MaximumCachedByOneLogit(isLast: true)),
    FaultySoftmax(
      "sum-cached-by-total",
      "reuses the last sum of exponentials for a lane of the same length and total of logits",
      .nondeterminism, SumCachedByTotal()),
    FaultySoftmax(
      "first-call-adds-backwards", "adds from last to first before it has been tuned",
      .nondeterminism,
      formats: .wide, FirstCallAddsBackwards()),
    FaultySoftmax(
      "batch-size-picks-the-sum", "adds from last to first in batches of four lanes and more",
      .nondeterminism, formats: .wide, BatchSizePicksTheSum()),
    FaultySoftmax(
      "tail-of-batch-adds-backwards",
      "takes lanes in fours and adds up what is left of a batch from last to first",
      .nondeterminism,
      formats: .wide, TailOfBatchAddsBackwards()),
    FaultySoftmax(
      "position-in-batch-picks-the-sum", "adds every second lane from last to first",
      .nondeterminism,
      formats: .wide, PositionInBatchPicksTheSum()),
    FaultySoftmax(
      "last-lane-wrong-for-odd-batches",
      "leaves the last term out of the sum of the last lane of an odd batch", .nondeterminism,
      LastLaneWrongForOddBatches()),
    FaultySoftmax(
      "another-kernel-beyond-1024", "stores the results of lanes beyond 1024 logits in float16",
      .nondeterminism, formats: .wide, AnotherKernelBeyond1024()),
    FaultySoftmax(
      "barrier-missing-beyond-8192",
      "reads the sum of lanes beyond 8192 logits before the last block has added to it",
      .nondeterminism,
      BarrierMissingBeyond8192()),
  ]
}

private struct SumRemembersLastCall: SoftmaxRecipe {
  let share: Double
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let sum = C(rounding: share * call.memory.number) + total(of: terms, 0..<terms.count)
    call.memory.number = sum.isFinite ? sum.exactDouble : 0
    return sum
  }
}

private struct EverySeventhCallAddsBackwards: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.memory.calls % 7 == 6)
  }
}

private struct SumSplitByCallCount: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let parts = call.memory.calls % 4 + 1
    var result = C.zero
    for part in 0..<parts {
      let range = terms.count * part / parts..<terms.count * (part + 1) / parts
      var partial = C.zero
      for index in range { partial = partial + terms[index] }
      result = result + partial
    }
    return result
  }
}

private struct PartialSumLostInFifthCall: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isRaced = call.memory.calls % 5 == 4 && terms.count > 32
    return total(of: terms, 0..<(isRaced ? terms.count - 32 : terms.count))
  }
}

private struct MaximumCachedByOneLogit: SoftmaxRecipe {
  var isLast = false

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    let key = lane[isLast ? lane.count - 1 : 0].exactDouble
    if call.memory.length == lane.count, call.memory.key == key {
      return C(rounding: call.memory.number)
    }
    let maximum = largest(of: lane, 0..<lane.count)
    call.memory.length = lane.count
    call.memory.key = key
    call.memory.number = maximum.exactDouble
    return maximum
  }
}

private struct SumCachedByTotal: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let total = lane.reduce(0) { $0 + $1.exactDouble }
    let maximum = largest(of: lane, 0..<lane.count)
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) }
    if call.memory.length != lane.count || call.memory.key != total {
      call.memory.length = lane.count
      call.memory.key = total
      call.memory.number = sum(lane, &call).exactDouble
    }
    let sum = C(rounding: call.memory.number)
    for index in lane.indices { lane[index] = lane[index] / sum }
  }
}

private struct FirstCallAddsBackwards: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.memory.calls == 0)
  }
}

private struct BatchSizePicksTheSum: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.laneCount >= 4)
  }
}

private struct TailOfBatchAddsBackwards: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isTail = call.laneCount > 4 && call.lane >= call.laneCount & ~3
    return totalInOrder(of: terms, backwards: isTail)
  }
}

private struct PositionInBatchPicksTheSum: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.lane % 2 == 1)
  }
}

private struct LastLaneWrongForOddBatches: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isWrong =
      call.laneCount > 1 && call.laneCount % 2 == 1 && call.lane == call.laneCount - 1
      && terms.count > 1
    return total(of: terms, 0..<(isWrong ? terms.count - 1 : terms.count))
  }
}

private struct AnotherKernelBeyond1024: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard probabilities.count > 1024 else { return }
    for index in probabilities.indices {
      probabilities[index] = rounded(probabilities[index], to: .float16)
    }
  }
}

private struct BarrierMissingBeyond8192: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let end = terms.count > 8192 ? terms.count - 1024 : terms.count
    return total(of: terms, 0..<end)
  }
}
