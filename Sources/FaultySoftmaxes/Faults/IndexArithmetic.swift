import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// An index, a length or a count is kept in too narrow an integer.
  static let indexArithmeticFaults = [
    FaultySoftmax(
      "length-kept-in-16-bits", "processes the first n mod 65536 elements of a lane",
      .indexWidth, LengthKeptIn16Bits()),
    FaultySoftmax(
      "lane-start-kept-in-16-bits", "reads lanes from their start modulo 65536", .indexWidth,
      LaneStartKeptIn16Bits()),
    FaultySoftmax(
      "output-ends-at-65536", "leaves elements of the output beyond 65536 unwritten",
      .indexWidth, OutputEndsAt65536()),
    FaultySoftmax(
      "negative-lane-start-skipped",
      "skips lanes whose start is negative as a signed 16-bit number",
      .indexWidth, NegativeLaneStartSkipped()),
    FaultySoftmax(
      "lane-number-kept-in-8-bits", "numbers the lanes modulo 256", .indexWidth,
      LaneNumberKeptIn8Bits()),
  ]
}

private struct LengthKeptIn16Bits: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    walk.length = geometry.length & 0xFFFF
    return walk
  }
}

private struct LaneStartKeptIn16Bits: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { geometry.start(ofLane: $0) & 0xFFFF }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct OutputEndsAt65536: SoftmaxRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    walk.limit = 65536
    return walk
  }
}

private struct NegativeLaneStartSkipped: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting {
      let start = geometry.start(ofLane: $0)
      return Int16(truncatingIfNeeded: start) < 0 ? nil : start
    }
  }
}

private struct LaneNumberKeptIn8Bits: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(geometry).starting { geometry.start(ofLane: $0 & 0xFF) }
  }
}
