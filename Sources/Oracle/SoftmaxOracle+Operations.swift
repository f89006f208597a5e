import AuditedOperations
import FloatFormats
import MultiPrecision

extension SoftmaxOracle {
  /// The exact values of an operation on a lane, located in a format.
  ///
  /// Softmax has its own way, ``softmax(of:in:)-(DistinctLogits,_)``; the other operations narrow
  /// an enclosure of each value until it decides (Ziv 1991). Values that algebra tells need no
  /// enclosure.
  ///
  /// - Parameter format: The output format in which values are located.
  public func reference(of lane: OperationLane, in format: FloatFormat) -> LaneReference {
    if lane.operation == .softmax, lane.modified == nil {
      return softmax(of: lane.logits, in: format)
    }
    let function = lane.function
    let special = function.special(lane)
    let count = special == nil && lane.outputCount > 0 ? function.slotCount(of: lane) : 0
    let known = count > 0 ? function.knownValues(of: lane) : { _ in nil }
    let slots = special == nil ? function.slots(of: lane) : []
    // Of elements that share a slot it is that of the first: other slots hold nothing.
    var values = [ExactValue](repeating: .zero, count: count)
    var open: [Int] = []
    for slot in Set(slots).sorted() where slot >= 0 {
      let value = known(Int(slot)) ?? .undecided
      values[Int(slot)] = value
      if value.isUndecided { open.append(Int(slot)) }
    }
    var refinements = 0
    var precision = Self.firstPrecision(for: format)
    while !open.isEmpty, precision <= precisionCap {
      let evaluation = evaluation(of: lane, precision: precision)
      open.removeAll { slot in
        guard let value = ExactValue(evaluation.enclosure(of: slot), in: format) else {
          return false
        }
        values[slot] = value
        return true
      }
      if refinements == 0 { refinements = open.count }
      precision *= 2
      guard precision > precisionCap else { continue }
      for slot in open {
        if let value = ExactValue(ofOpenSide: evaluation.enclosure(of: slot), in: format) {
          values[slot] = value
        }
      }
    }
    return LaneReference(
      inputs: lane, slots: slots, format: format,
      special: special, values: values, refinements: refinements)
  }
}
