import AuditedOperations
import FloatFormats
import Oracle

extension SoundSoftmax {
  /// Sound orders of work: lanes split, tiled and padded as kernels do, each with its own order of
  /// additions.
  ///
  /// The order depends on the length alone, so that lanes have the same bits in every batch.
  static let layouts: [SoundSoftmax] = [
    SoundSoftmax(
      "warp-of-32", "adds up in 32 lanes and a butterfly of five steps", PartialSums(width: 32)),
    SoundSoftmax(
      "block-of-128", "adds up in 128 threads and a tree of seven steps", PartialSums(width: 128)),
    SoundSoftmax(
      "block-of-1024", "adds up in 1024 threads and a tree of ten steps", PartialSums(width: 1024)),
    SoundSoftmax(
      "online-tiles-of-128", "goes on with a running maximum and sum from tile to tile of 128",
      OnlineTiles { _ in 128 }),
    SoundSoftmax(
      "online-tiles-of-1024", "goes on with a running maximum and sum from tile to tile of 1024",
      OnlineTiles { _ in 1024 }),
    SoundSoftmax(
      "split-in-8", "merges eight parts of a lane, each with its maximum and sum",
      OnlineTiles { max(1, ($0 + 7) / 8) }),
    SoundSoftmax(
      "split-in-2-beyond-4096", "merges two halves of lanes beyond 4096 logits",
      OnlineTiles { $0 > 4096 ? ($0 + 1) / 2 : $0 }),
    SoundSoftmax(
      "one-pass-beyond-1024", "has one pass up to 1024 logits and tiles of 256 beyond",
      OnlineTiles { $0 > 1024 ? 256 : $0 }),
    SoundSoftmax(
      "three-kernels", "adds in order to 128 logits, in 32 lanes to 8192 and in 1024 beyond",
      PartialSums { $0 <= 128 ? 1 : $0 <= 8192 ? 32 : 1024 }),
    SoundSoftmax(
      "padded-with-masks", "pads lanes with -inf to a multiple of 64", PaddedWithMasks()),
    SoundSoftmax(
      "backwards", "adds up from the last logit to the first", AddedBackwards()),
    SoundSoftmax(
      "rows-of-4-in-turn", "keeps a running sum in each of four strides of a lane",
      PartialSums(width: 4)),
    SoundSoftmax(
      "nan-zero", "gives zeros in lanes with a NaN, and says so", specialLanes: .nanZero,
      SpecialLaneRecipe(policy: .nanZero)),
    SoundSoftmax(
      "nan-as-masked", "leaves NaNs out as if they were masks, and says so",
      specialLanes: .nanAsMasked, SpecialLaneRecipe(policy: .nanAsMasked)),
    SoundSoftmax(
      "nan-as-masked-and-masked-zero",
      "leaves NaNs out, gives zeros where nothing is left, and says so",
      specialLanes: [.nanAsMasked, .maskedZero],
      SpecialLaneRecipe(policy: [.nanAsMasked, .maskedZero])),
    SoundSoftmax(
      "nan-where-it-stands", "gives NaN where a NaN stands and probabilities beside it",
      NaNWhereItStands()),
  ]
}

/// Adds up in as many accumulators as there are threads, and then those in a tree.
private struct PartialSums: SoftmaxRecipe {
  let width: @Sendable (Int) -> Int

  init(width: Int) { self.init { _ in width } }
  init(_ width: @escaping @Sendable (Int) -> Int) { self.width = width }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let width = width(terms.count)
    return withUnsafeTemporaryAllocation(of: C.self, capacity: width) { partial in
      partial.initialize(repeating: C.zero)
      for index in terms.indices {
        partial[index % width] = partial[index % width] + terms[index]
      }
      var step = width / 2
      while step > 0 {
        for index in 0..<step { partial[index] = partial[index] + partial[index + step] }
        step /= 2
      }
      return partial[0]
    }
  }
}

/// A running maximum and a running sum, rescaled where a tile raises the maximum.
private struct OnlineTiles: SoftmaxRecipe {
  let size: @Sendable (Int) -> Int
  init(_ size: @escaping @Sendable (Int) -> Int) { self.size = size }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard !lane.contains(where: { $0.isNaN }) else {
      for index in lane.indices { lane[index] = C.nan }
      return
    }
    let size = size(lane.count)
    var (maximum, sum) = (-C.infinity, C.zero)
    for start in stride(from: 0, to: lane.count, by: size) {
      let tile = start..<min(start + size, lane.count)
      let own = largest(of: lane, tile)
      // exp(-inf - -inf) would be NaN: a masked tile weighs nothing.
      guard own > -C.infinity else { continue }
      var partial = C.zero
      let raised = own > maximum ? own : maximum
      for index in tile { partial = partial + C.exp(lane[index] - raised) }
      sum = sum.isZero ? partial : sum * C.exp(maximum - raised) + partial
      maximum = raised
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) / sum }
  }
}

private struct PaddedWithMasks: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let count = (lane.count + 63) / 64 * 64
    var own = call
    withUnsafeTemporaryAllocation(of: C.self, capacity: count) { padded in
      padded.initialize(repeating: -C.infinity)
      for index in lane.indices { padded[index] = lane[index] }
      PlainRecipe().evaluate(padded, &own)
      for index in lane.indices { lane[index] = padded[index] }
    }
  }
}

private struct AddedBackwards: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: true)
  }
}

private struct NaNWhereItStands: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let places = lane.indices.filter { lane[$0].isNaN }
    guard !places.isEmpty, places.count < lane.count else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    for index in places { lane[index] = -C.infinity }
    PlainRecipe().evaluate(lane, &call)
    for index in places { lane[index] = C.nan }
  }
}
