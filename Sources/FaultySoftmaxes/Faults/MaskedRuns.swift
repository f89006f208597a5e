import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// A block of masked logits only is taken for one that has a maximum.
  static let maskedRunFaults = [
    FaultySoftmax(
      "nan-after-a-masked-block-of-1024",
      "subtracts -inf from -inf where the first 1024 logits are masked", .specialValues,
      MaskedBlock(size: 1024, isFirst: true)),
    FaultySoftmax(
      "nan-for-any-masked-block-of-4096",
      "subtracts -inf from -inf where 4096 logits of a block are masked", .specialValues,
      MaskedBlock(size: 4096, isFirst: false)),
    FaultySoftmax(
      "mask-ends-the-lane",
      "takes 2048 masked logits for the end of the lane, and adds up what stands before them",
      .specialValues, formats: .wide, EndOfLane(length: 2048)),
  ]
}

/// An online softmax over blocks: exp(m - m) is NaN where all of a block is -inf.
private struct MaskedBlock: SoftmaxRecipe {
  let size: Int
  /// Whether the mistake is made in the first block alone, which has nothing to merge with.
  let isFirst: Bool

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let sum = total(of: terms, 0..<terms.count)
    return call.memory.number == 1 ? C.nan : sum
  }

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    let end = isFirst ? min(size, lane.count) : lane.count
    let isMasked = stride(from: 0, to: end, by: size).contains { start in
      start + size < lane.count
        && lane[start..<start + size].allSatisfy { $0 == -C.infinity }
    }
    call.memory.number = isMasked ? 1 : 0
    return largest(of: lane, 0..<lane.count)
  }
}

/// Looks for the end of a lane where a run of masked logits begins.
private struct EndOfLane: SoftmaxRecipe {
  let length: Int

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    var run = 0
    var end = lane.count
    for index in lane.indices {
      run = lane[index] == -C.infinity ? run + 1 : 0
      // A run at the very beginning ends nothing.
      if run == length, index >= length {
        end = index - length + 1
        break
      }
    }
    call.memory.length = end
    return largest(of: lane, 0..<lane.count)
  }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<call.memory.length)
  }
}
