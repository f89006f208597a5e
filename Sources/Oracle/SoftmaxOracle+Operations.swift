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
    let refinements = narrow(open, of: lane, in: format, into: &values)
    return LaneReference(
      inputs: lane, slots: slots, format: format,
      special: special, values: values, refinements: refinements)
  }

  /// Locates the values of some slots of a lane that is not special.
  func locate(
    _ slots: [Int], of lane: OperationLane, in format: FloatFormat, into values: inout [ExactValue]
  ) {
    guard !slots.isEmpty else { return }
    let known = lane.function.knownValues(of: lane)
    for slot in slots { values[slot] = known(slot) ?? .undecided }
    narrow(slots.filter { values[$0].isUndecided }, of: lane, in: format, into: &values)
  }

  /// Narrows enclosures until they decide the values of slots; what the precision cap leaves open
  /// stays undecided.
  ///
  /// - Returns: How many needed more than the first precision.
  @discardableResult
  private func narrow(
    _ slots: [Int], of lane: OperationLane, in format: FloatFormat, into values: inout [ExactValue]
  ) -> Int {
    var open = slots
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
    return refinements
  }
}
