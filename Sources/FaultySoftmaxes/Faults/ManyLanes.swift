import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The number of a lane does not fit where it is kept.
  static let manyLaneFaults = [
    FaultySoftmax(
      "lanes-beyond-65535-unwritten", "has a grid of 65535 blocks, one for a lane", .indexWidth,
      formats: [.float16, .float32], WrongLanes(.unwritten) { call, _ in call.lane >= 65_535 }),
    FaultySoftmax(
      "inner-lanes-beyond-65535-unwritten",
      "leaves lanes unwritten that are 65535 and more places behind the first of their row",
      .indexWidth, formats: [.bfloat16, .float64],
      WrongLanes(.unwritten) { call, _ in call.lane % call.inner >= 65_535 }),
    FaultySoftmax(
      "lane-number-kept-in-16-bits", "reads lanes by their number modulo 65536", .indexWidth,
      formats: [.float32], LaneNumberKept(bits: 16)),
    FaultySoftmax(
      "lane-number-kept-in-17-bits", "reads lanes by their number modulo 131072", .indexWidth,
      formats: [.float16], LaneNumberKept(bits: 17)),
    FaultySoftmax(
      "lanes-beyond-131071-lose-last-term",
      "leaves the last term out of lanes from number 131072 on", .indexWidth,
      formats: [.float64], WrongLanes.losingLast { call, _ in call.lane >= 131_072 }),
  ]
}

private struct LaneNumberKept: SoftmaxRecipe {
  let bits: Int
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { geometry.start(ofLane: $0 & (1 << bits - 1)) }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}
