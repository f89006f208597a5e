import AuditedOperations
import FloatFormats
import Laws
import Oracle

extension FaultySoftmax {
  /// Lanes that are computed side by side get something of each other.
  static let neighbourFaults = [
    FaultySoftmax(
      "maximum-of-the-eighth-neighbour",
      "takes the maximum of the lane 8 places before in the second half of 16 neighbours", .axes,
      ForeignMaximum { $0 % 16 >= 8 ? $0 - 8 : $0 }),
    FaultySoftmax(
      "four-neighbours-share-a-maximum", "takes the maximum of the first of four neighbours", .axes,
      ForeignMaximum { $0 & ~3 }),
    FaultySoftmax(
      "sixteen-neighbours-share-a-maximum",
      "takes the maximum of the first of sixteen neighbours where there are as many", .axes,
      ForeignMaximum(least: 16) { $0 & ~15 }),
    FaultySoftmax(
      "last-of-64-neighbours-has-the-first-maximum",
      "takes the maximum of the first lane in the last of 64 neighbours", .axes,
      ForeignMaximum(least: 64) { $0 % 64 == 63 ? 0 : $0 }),
    FaultySoftmax(
      "tail-of-neighbours-has-the-maximum-before",
      "takes the maximum of the lane before for what is left of neighbours in groups of 8", .axes,
      ForeignMaximum(least: 9, tailOf: 8) { max(0, $0 - 1) }),
    FaultySoftmax(
      "nan-poisons-eight-neighbours", "gives NaN in all of 8 neighbours where one holds a NaN",
      .specialValues, PoisonedGroup(size: 8)),
    FaultySoftmax(
      "masked-lane-zeroes-four-neighbours",
      "gives zeros in all of 4 neighbours where one is of -inf only, and promises that for the one",
      .specialValues, specialLanes: .maskedZero, ZeroedGroup(size: 4)),
    FaultySoftmax(
      "pairs-of-lanes-exchanged-from-64", "exchanges the lanes of a pair from 64 logits on", .axes,
      PairsExchanged()),
    FaultySoftmax(
      "strided-lanes-lose-last-term-beyond-1024",
      "leaves the last term out of lanes beyond 1024 logits that do not lie side by side", .tails,
      WrongLanes.losingLast { $0.inner > 1 && $1 > 1024 }),
    FaultySoftmax(
      "neighbours-beyond-64-unwritten", "writes 64 neighbours of a row and leaves the others",
      .memoryLayout, WrongLanes(.unwritten) { call, _ in call.lane % call.inner >= 64 }),
    FaultySoftmax(
      "odd-rows-of-16-neighbours-lose-first-term",
      "leaves the first term out in odd rows of 16 neighbours and more", .memoryLayout,
      WrongLanes(.termsLost { _ in 0..<1 }) { call, length in
        call.inner >= 16 && call.lane / call.inner % 2 == 1 && length > 1
      }),
  ]
}

/// The maximum of another lane of the same row.
private struct ForeignMaximum: SoftmaxRecipe {
  /// The least number of neighbours of a row that makes the mistake.
  var least = 2
  /// The groups in whose rest the mistake is made; zero for everywhere.
  var tailOf = 0
  let source: @Sendable (Int) -> Int

  init(least: Int = 2, tailOf: Int = 0, _ source: @escaping @Sendable (Int) -> Int) {
    self.least = least
    self.tailOf = tailOf
    self.source = source
  }

  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    memory.lanes = []
    guard logits.geometry.inner >= least, logits.geometry.length > 0 else { return }
    memory.lanes = (0..<logits.geometry.laneCount).map { number in
      let lane = logits.lane(number)
      // The first logit where it is a NaN, as everywhere else.
      return lane.dropFirst().reduce(lane[0]) { $1 > $0 ? $1 : $0 }.exactDouble
    }
  }

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    guard !call.memory.lanes.isEmpty else { return largest(of: lane, 0..<lane.count) }
    let (row, column) = (call.lane / call.inner * call.inner, call.lane % call.inner)
    if tailOf > 0, column < call.inner / tailOf * tailOf {
      return largest(of: lane, 0..<lane.count)
    }
    return C(rounding: call.memory.lanes[row + source(column)])
  }
}

/// Something that one lane of a group does to the others.
private func marks<F: BinaryFloat>(
  _ logits: Tensor<F>, groupsOf size: Int, where isMarked: ([F]) -> Bool
) -> [Double] {
  let geometry = logits.geometry
  guard geometry.inner > 1, geometry.length > 0 else { return [] }
  let own = (0..<geometry.laneCount).map { isMarked(logits.lane($0)) }
  return own.indices.map { lane in
    let (row, column) = (lane / geometry.inner * geometry.inner, lane % geometry.inner)
    let group = column / size * size..<min(column / size * size + size, geometry.inner)
    return group.contains { own[row + $0] } ? 1 : 0
  }
}

private struct PoisonedGroup: SoftmaxRecipe {
  let size: Int
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    memory.lanes = marks(logits, groupsOf: size) { $0.contains { $0.isNaN } }
  }
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard !call.memory.lanes.isEmpty, call.memory.lanes[call.lane] == 1 else { return }
    for index in probabilities.indices { probabilities[index] = C.nan }
  }
}

private struct ZeroedGroup: SoftmaxRecipe {
  let size: Int
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    memory.lanes = marks(logits, groupsOf: size) { $0.allSatisfy { $0 == -F.infinity } }
  }
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    SpecialLaneRecipe(policy: .maskedZero).evaluate(lane, &call)
    guard !call.memory.lanes.isEmpty, call.memory.lanes[call.lane] == 1 else { return }
    for index in lane.indices { lane[index] = C.zero }
  }
}

private struct PairsExchanged: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    guard geometry.inner == 2, geometry.length >= 64 else { return LaneWalk(geometry) }
    return LaneWalk(geometry).starting { geometry.start(ofLane: $0 ^ 1) }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}
