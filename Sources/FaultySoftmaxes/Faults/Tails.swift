import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Lengths that are no multiple of a block, or cross a threshold, go wrong.
  static let tailFaults = [
    FaultySoftmax(
      "tail-left-out-of-the-sum", "leaves the last n mod 8 terms out of the sum", .tails,
      TailLeftOutOfTheSum()),
    FaultySoftmax(
      "tail-left-out-of-the-maximum", "leaves the last n mod 8 logits out of the maximum", .tails,
      TailLeftOutOfTheMaximum()),
    FaultySoftmax(
      "last-term-lost-for-n-mod-4-of-1", "leaves the last term out where n mod 4 is 1", .tails,
      LastTermLost()),
    FaultySoftmax(
      "tail-with-coarse-exponential", "uses an exponential of 12 bits for the last n mod 8 logits",
      .tails, formats: .wide, TailWithCoarseExponential()),
    FaultySoftmax(
      "padding-counted-as-zero-logits", "pads lanes to a multiple of 4 with zeros and adds them up",
      .tails, PaddingCountedAsZeroLogits()),
    FaultySoftmax(
      "second-warp-lost-at-33", "loses the terms beyond 32 at n = 33", .tails,
      SecondWarpLostAt33()),
    FaultySoftmax(
      "second-pass-lost-beyond-65536", "adds up the first 65536 terms only", .tails,
      SecondPassLostBeyond65536()),
    FaultySoftmax(
      "last-of-three-blocks-counted-twice",
      "adds the last block of 128 twice where there are 3 or 6 blocks", .tails,
      LastOfThreeBlocksCountedTwice()),
    FaultySoftmax(
      "remainder-lost-beyond-512", "loses the last n mod 512 terms where they are fewer than 8",
      .tails, formats: [.float64], RemainderLostBeyond512()),
    FaultySoftmax(
      "crash-for-three-blocks", "crashes where n needs 3 or 6 blocks of 32", .tails,
      CrashForThreeBlocks()),
    FaultySoftmax(
      "last-element-unwritten-for-odd-n",
      "leaves the last element of lanes of odd length beyond 8 unwritten",
      .tails, LastElementUnwritten()),
    FaultySoftmax(
      "block-maximum-off-at-boundaries",
      "takes the maximum over all logits but those at multiples of 64", .tails,
      MaximumSkipsBlockBoundaries()),
  ]
}

private struct TailLeftOutOfTheSum: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<(terms.count < 8 ? terms.count : terms.count & ~7))
  }
}

private struct TailLeftOutOfTheMaximum: SoftmaxRecipe {
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    largest(of: lane, 0..<(lane.count < 8 ? lane.count : lane.count & ~7))
  }
}

private struct LastTermLost: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isLost = terms.count > 1 && terms.count % 4 == 1
    return total(of: terms, 0..<(isLost ? terms.count - 1 : terms.count))
  }
}

private struct TailWithCoarseExponential: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return index >= count & ~7 ? truncated(term, toBits: 12) : term
  }
}

private struct PaddingCountedAsZeroLogits: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let padding = (4 - lane.count % 4) % 4
    var maximum = largest(of: lane, 0..<lane.count)
    if padding > 0, maximum < C.zero { maximum = C.zero }
    var sum = padding > 0 ? C(rounding: Double(padding)) * C.exp(-maximum) : C.zero
    for index in lane.indices {
      lane[index] = C.exp(lane[index] - maximum)
      sum = sum + lane[index]
    }
    for index in lane.indices { lane[index] = lane[index] / sum }
  }
}

private struct SecondWarpLostAt33: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<(terms.count == 33 ? 32 : terms.count))
  }
}

private struct SecondPassLostBeyond65536: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<min(terms.count, 65536))
  }
}

private struct LastOfThreeBlocksCountedTwice: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let blocks = (terms.count + 127) / 128
    let sum = total(of: terms, 0..<terms.count)
    guard blocks == 3 || blocks == 6 else { return sum }
    return sum + total(of: terms, (blocks - 1) * 128..<terms.count)
  }
}

private struct RemainderLostBeyond512: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let rest = terms.count % 512
    let isLost = terms.count > 512 && rest < 8
    return total(of: terms, 0..<(isLost ? terms.count - rest : terms.count))
  }
}

private struct CrashForThreeBlocks: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    let blocks = (logits.geometry.length + 31) / 32
    if blocks == 3 || blocks == 6 {
      throw CallFailure(.crash, "killed by signal 8: no work split for \(blocks) blocks")
    }
  }
}

private struct LastElementUnwritten: SoftmaxRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    if geometry.length > 8, geometry.length % 2 == 1 { walk.length -= 1 }
    return walk
  }
}

private struct MaximumSkipsBlockBoundaries: SoftmaxRecipe {
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    var maximum = lane[0]
    for index in lane.indices where index % 64 != 0 && lane[index] > maximum {
      maximum = lane[index]
    }
    return maximum
  }
}
