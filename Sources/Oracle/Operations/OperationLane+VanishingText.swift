import AuditedOperations

extension OperationLane {
  /// A bound for a value of logits that is too small to have digits; `nil` for any other.
  ///
  /// With the nearest lower logit at a distance d >= 2^29 from the maximum, at most 2^32 terms
  /// e^-d < 2^-1.4d make up the rest of the sum, less than 2^-(2^29). So are a term itself, and
  /// log(1 + rest).
  ///
  /// - Parameter slot: That of a finite logit in a lane that has a value.
  public func vanishingText(slot: Int) -> String? {
    let horizon = 0x1p29
    guard modified == nil else { return nil }
    switch operation {
    case .softmax:
      return logits.distance(slot) >= horizon ? "< 2^-536870912" : nil
    case .logSoftmax, .logSumExp:
      let restIsTiny = logits.values.count > 1 && logits.distance(1) >= horizon
      guard slot == 0, logits.multiplicities[0] == 1, restIsTiny else { return nil }
      if operation == .logSoftmax { return "> -2^-536870912" }
      return logits.values[0] == 0 ? "< 2^-536870912" : nil
    default:
      return nil
    }
  }
}
