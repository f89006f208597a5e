import AuditedOperations

/// The exact product of derivatives by the outputs and a Jacobian, given logits.
///
/// Elements with one logit and one derivative share a slot.
protocol VectorJacobianFunction: ExactFunction {}

extension VectorJacobianFunction {
  static func special(_ lane: OperationLane) -> SpecialLane? {
    lackOfNumbers(lane.upstream) ?? lackOfProbabilities(lane)
  }

  static func slots(of lane: OperationLane) -> [Int32] {
    firstEqualElements(of: lane) {
      (UInt64(bitPattern: Int64(lane.logits.slots[$0])), lane.upstream[$0].bitPattern)
    }
  }
}
