import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Consecutive lanes of the inputs of an operation, as filters, arbiter and tolerances take them:
/// of a part of a cell, or of tensors that somebody saved.
protocol InputLanes<Input> {
  associatedtype Input: BinaryFloat

  var operation: AuditedOperation { get }
  /// The number of lanes that have outputs of their own.
  var count: Int { get }
  /// The number of elements of the first input in a lane.
  var length: Int { get }
  /// Whether the logits have modifiers.
  var isModified: Bool { get }
  /// Whether the losses of several lanes become one number.
  var isReduced: Bool { get }
  /// The parameters of a loss.
  var parameters: CrossEntropyParameters { get }

  /// The first input of all lanes.
  var firsts: EncodedLanes { get }
  /// The derivatives by the outputs; empty where there are none, or where their format is another
  /// than that of the first input, so that they are left to MPFR.
  func upstream(_ lane: Int) -> [Input]
  /// The class, where the operation takes one.
  func target(_ lane: Int) -> Int64?
  /// All inputs, as the arbiter takes them.
  func exact(_ lane: Int) -> OperationLane
  /// The profile of the logits; `nil` where the lane is special or empty.
  func profile(_ lane: Int) -> LaneProfile?
}

extension InputLanes {
  /// Whether there are filters for them: those know no modifiers, no reduction, and not every
  /// operation.
  var hasFilters: Bool {
    !isModified && !isReduced
      && (operation == .softmax || FilteredOperationLane.serves(operation))
  }
}

extension LaneJudge {
  /// The promises about lanes whose exact values are known.
  ///
  /// - Parameter evaluatesAll: Whether bounds are evaluated where they cannot matter as well.
  func promises(
    on lanes: some InputLanes, _ exact: ExactLanes<some ExactLane>, evaluatesAll: Bool = false
  ) throws -> LanePromises {
    DerivedTolerance.covers(lanes.operation) || lanes.isModified
      ? try promises(on: exact.references.map(\.inputs))
      : try promises(lanes: lanes.count, ofLength: lanes.length, evaluatesAll: evaluatesAll) {
        lanes.profile($0)
      }
  }
}
