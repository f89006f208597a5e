import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// The lanes of a part of a cell, with the inputs that belong to them.
struct PartLanes<F: BinaryFloat>: InputLanes {
  let part: CellPart<F>
  let inputs: OperationInputs<F>
  let operation: AuditedOperation

  var count: Int { part.tensor.geometry.laneCount }
  var length: Int { part.tensor.geometry.length }
  var isModified: Bool { !inputs.modifiers.isNone }
  var isReduced: Bool { false }
  var parameters: CrossEntropyParameters { inputs.parameters }

  var firsts: EncodedLanes { inputs.first.encodedLanes }
  func upstream(_ lane: Int) -> [F] { inputs.upstream(ofLane: lane) }
  func target(_ lane: Int) -> Int64? { inputs.targets?[lane] }
  func exact(_ lane: Int) -> OperationLane {
    OperationLane(operation, inputs.lane(lane), parameters)
  }
  func profile(_ lane: Int) -> LaneProfile? { part.profiles[lane] }
}
