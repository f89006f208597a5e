import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The lanes are those of another axis, or their results stand in the wrong places.
  static let logarithmAxisFaults = [
    // onnx/tensorflow-onnx#679, onnx/tensorflow-onnx#1084
    FaultySoftmax(
      "log-softmax-always-axis-1", "takes axis 1 of tensors that have one", .axes, of: .logSoftmax,
      OtherAxis { $0.count > 1 ? 1 : 0 }),
    // pytorch/pytorch#9576
    FaultySoftmax(
      "log-softmax-always-last-axis", "takes the last axis, whichever was asked for", .axes,
      of: .logSoftmax, OtherAxis { $0.count - 1 }),
    // apache/tvm#19420
    FaultySoftmax(
      "log-softmax-flattened-from-axis",
      "flattens the axis with all that follow, as before opset 13 of ONNX", .axes, of: .logSoftmax,
      FlattenedLanes()),
    // ml-explore/mlx#4029 reduces all axes where it was given none.
    FaultySoftmax(
      "logsumexp-over-all-axes", "adds up the whole tensor and writes one number", .axes,
      of: .logSumExp, WholeTensor()),
    // pytorch/pytorch#8762
    FaultySoftmax(
      "logsumexp-first-lane-for-all", "gives the logsumexp of the first lane to every lane", .axes,
      of: .logSumExp, FirstLaneForAll()),
    // tinygrad/tinygrad#14268
    FaultySoftmax(
      "logsumexp-outer-and-inner-exchanged",
      "writes results with outer and inner dimensions exchanged", .axes, of: .logSumExp,
      OutputsTransposed()),
    FaultySoftmax(
      "logsumexp-inner-stride-lost", "reads neighbours in place of the elements of a lane", .axes,
      of: .logSumExp, StrideLost()),
  ]
}

private struct OtherAxis: LogarithmRecipe {
  let axis: @Sendable ([Int]) -> Int
  init(_ axis: @escaping @Sendable ([Int]) -> Int) { self.axis = axis }
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    geometry.walk(alongAxis: axis(geometry.shape))
  }
}

private struct FlattenedLanes: LogarithmRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(outer: geometry.outer, length: geometry.length * geometry.inner, inner: 1)
  }
}

private struct WholeTensor: LogarithmRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    LaneWalk(outer: 1, length: geometry.elementCount, inner: 1)
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct FirstLaneForAll: LogarithmRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry).starting { _ in 0 } }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}

private struct OutputsTransposed: LogarithmRecipe {
  func writing(_ geometry: LaneGeometry) -> LaneWalk {
    let (outer, inner) = (geometry.outer, geometry.inner)
    return LaneWalk(geometry).starting { lane in lane % inner * outer + lane / inner }
  }
}

private struct StrideLost: LogarithmRecipe {
  func reading(_ geometry: LaneGeometry) -> LaneWalk {
    var walk = LaneWalk(geometry)
    walk.stride = 1
    return walk
  }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
}
