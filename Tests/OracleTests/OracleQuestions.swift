import AuditedOperations
import FloatFormats
import MultiPrecision

@testable import Oracle

/// Questions about one value of a lane, as tests put them.
extension SoftmaxOracle {
  func enclosure(
    of operation: AuditedOperation, slot: Int = 0, logits: DistinctLogits, relativeBits: Int
  ) -> Enclosure? {
    enclosure(slot: slot, of: OperationLane(operation, logits), relativeBits: relativeBits)
  }

  func enclosure(
    of operation: AuditedOperation, slot: Int, logits: DistinctLogits, precision: Int
  ) -> Enclosure {
    evaluation(of: OperationLane(operation, logits), precision: precision).enclosure(of: slot)
  }

  func rounded<F: BinaryFloat>(
    _ operation: AuditedOperation, slot: Int = 0, logits: DistinctLogits, as type: F.Type = F.self
  ) -> F? {
    rounded(slot: slot, of: OperationLane(operation, logits), as: type)
  }

  func decimalText(
    _ operation: AuditedOperation, slot: Int = 0, logits: DistinctLogits, digits: Int
  ) -> String? {
    decimalText(slot: slot, of: OperationLane(operation, logits), digits: digits)
  }

  func distance(
    from y: Double, slot: Int, logits: DistinctLogits, relativeBits: Int
  ) -> Enclosure? {
    distance(
      from: y, slot: slot, of: OperationLane(.softmax, logits), relativeBits: relativeBits)
  }
}
