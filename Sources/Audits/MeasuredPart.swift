import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// Consecutive lanes of a cell with their exact values, and the outputs that every implementation
/// is sampled at.
struct MeasuredPart<F: BinaryFloat, Lane: ExactLane> {
  let inputs: OperationInputs<F>
  /// The number of the first lane in the cell.
  let firstLane: Int
  let exact: ExactLanes<Lane>
  let sampledPlaces: [SampledPlace]

  /// The geometry of the outputs.
  let outputGeometry: LaneGeometry

  /// - Parameter count: The number of outputs of the whole cell.
  init(
    _ inputs: OperationInputs<F>, firstLane: Int, _ exact: ExactLanes<Lane>,
    of operation: AuditedOperation, outputsOfCell count: Int
  ) {
    self.inputs = inputs
    self.firstLane = firstLane
    self.exact = exact
    outputGeometry = operation.outputGeometry(for: inputs.first.geometry)
    sampledPlaces = Self.places(
      inputs.first, firstLane: firstLane, exact.references,
      outputsOfLane: operation.outputCount(ofLength: inputs.first.geometry.length), ofCell: count)
  }

  /// Places that are evenly spaced over the cell, in lanes that have a softmax.
  private static func places(
    _ logits: Tensor<F>, firstLane: Int, _ references: LazyLanes<Lane>, outputsOfLane length: Int,
    ofCell count: Int
  ) -> [SampledPlace] {
    let stride = ErrorSampling.stride(over: count)
    let (start, end) = (firstLane * length, (firstLane + references.count) * length)
    let first = (start + stride - 1) / stride * stride
    var places: [SampledPlace] = []
    var current: (lane: Int, offset: Double)?
    for place in Swift.stride(from: first - start, to: end - start, by: stride) {
      let (lane, index) = place.quotientAndRemainder(dividingBy: length)
      guard references[lane].special == nil else { continue }
      if current?.lane != lane { current = (lane, logits.lane(lane).largest) }
      places.append(
        SampledPlace(
          lane: lane, index: index, exact: references[lane].value(at: index),
          offset: current?.offset ?? 0))
    }
    return places
  }
}

/// An output that every implementation is sampled at.
struct SampledPlace {
  /// The lane of the part.
  var lane: Int
  /// The element of the lane.
  var index: Int
  var exact: ExactValue
  /// The largest logit of the lane.
  var offset: Double
}
