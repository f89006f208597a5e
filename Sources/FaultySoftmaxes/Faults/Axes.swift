import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The softmax runs along another axis, or over the wrong elements of it.
  static let axisFaults = [
    FaultySoftmax(
      "always-last-axis", "ignores the axis and takes the last one", .axes, AlwaysLastAxis()),
    FaultySoftmax(
      "last-axis-from-rank-3", "takes the last axis of tensors of rank 3 and more", .axes,
      LastAxisFromRank3()),
    FaultySoftmax(
      "flattened-from-axis", "flattens the axis with all that follow, as ONNX did before opset 13",
      .axes, FlattenedFromAxis()),
    FaultySoftmax(
      "all-axes-at-once", "normalizes over the whole tensor", .axes, AllAxesAtOnce()),
    FaultySoftmax(
      "channel-axis-for-rank-4", "takes axis 1 of every tensor of rank 4", .axes,
      ChannelAxisForRank4()),
    FaultySoftmax(
      "inner-stride-lost-for-odd-outer",
      "steps by one element where the product of the outer dimensions is odd and above one", .axes,
      InnerStrideLostForOddOuter()),
    FaultySoftmax(
      "output-pointer-not-advanced", "writes every lane where the first one belongs", .axes,
      OutputPointerNotAdvanced()),
    FaultySoftmax(
      "last-lane-starts-one-early",
      "starts the last of several lanes one element early where the length is odd", .axes,
      LastLaneStartsOneEarly()),
    FaultySoftmax(
      "unit-dimensions-squeezed-first", "counts the axis in a shape without its unit dimensions",
      .axes, UnitDimensionsSqueezedFirst()),
    FaultySoftmax(
      "square-matrix-transposed", "takes the other axis of a square matrix", .axes,
      SquareMatrixTransposed()),
    FaultySoftmax(
      "batch-left-out-of-the-index", "reads every batch of a tensor of rank 4 from the first one",
      .axes, BatchLeftOutOfTheIndex()),
    FaultySoftmax(
      "refuses-the-first-axis", "refuses axis 0 of tensors of rank 3 and more", .axes,
      RefusesTheFirstAxis()),
  ]
}

private struct AlwaysLastAxis: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    geometry.walk(alongAxis: geometry.shape.count - 1)
  }
}

private struct LastAxisFromRank3: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    let rank = geometry.shape.count
    return geometry.walk(alongAxis: rank >= 3 ? rank - 1 : geometry.axis)
  }
}

private struct FlattenedFromAxis: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(outer: geometry.outer, length: geometry.length * geometry.inner, inner: 1)
  }
}

private struct AllAxesAtOnce: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(outer: 1, length: geometry.elementCount, inner: 1)
  }
}

private struct ChannelAxisForRank4: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    geometry.walk(alongAxis: geometry.shape.count == 4 ? 1 : geometry.axis)
  }
}

private struct InnerStrideLostForOddOuter: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    if geometry.outer > 1, geometry.outer % 2 == 1 { walk.stride = 1 }
    return walk
  }
}

private struct OutputPointerNotAdvanced: SoftmaxRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry).starting { _ in 0 } }
}

private struct LastLaneStartsOneEarly: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    let walk = LaneWalk(geometry)
    guard geometry.laneCount > 1, geometry.length % 2 == 1 else { return walk }
    let last = geometry.laneCount - 1
    return walk.starting { lane in
      geometry.start(ofLane: lane) - (lane == last && geometry.start(ofLane: lane) > 0 ? 1 : 0)
    }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct UnitDimensionsSqueezedFirst: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    let kept = geometry.shape.indices.filter { geometry.shape[$0] != 1 }
    guard geometry.length != 1, geometry.axis < kept.count else { return LaneWalk(geometry) }
    return geometry.walk(alongAxis: kept[geometry.axis])
  }
}

private struct SquareMatrixTransposed: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    let shape = geometry.shape
    guard shape.count == 2, shape[0] == shape[1] else { return LaneWalk(geometry) }
    return geometry.walk(alongAxis: 1 - geometry.axis)
  }
}

private struct BatchLeftOutOfTheIndex: SoftmaxRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    let walk = LaneWalk(geometry)
    guard geometry.shape.count == 4, geometry.shape[0] > 1 else { return walk }
    let batch = geometry.elementCount / geometry.shape[0]
    return walk.starting { geometry.start(ofLane: $0) % max(batch, 1) }
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct RefusesTheFirstAxis: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if logits.geometry.axis == 0, logits.geometry.shape.count >= 3 {
      throw CallFailure(.refusal, "axis 0 is not supported for this rank")
    }
  }
}
