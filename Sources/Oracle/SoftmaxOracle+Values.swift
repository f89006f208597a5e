import AuditedOperations
import FloatFormats
import MultiPrecision

/// Single values of a lane, as tight as asked.
extension SoftmaxOracle {
  /// An enclosure of an exact value of a lane, as tight as asked.
  ///
  /// - Parameters:
  ///   - slot: The slot of the value; for softmax and log-softmax the index of the distinct logit.
  ///   - lane: One that is not special.
  ///   - relativeBits: The width asked for is 2^-relativeBits of the value.
  /// - Returns: The enclosure, or nil where the precision cap was reached first.
  package func enclosure(slot: Int = 0, of lane: OperationLane, relativeBits: Int) -> Enclosure? {
    var precision = max(64, (relativeBits + 80) / 64 * 64)
    while precision <= max(precisionCap, 2 * relativeBits) {
      let enclosure = evaluation(of: lane, precision: precision).enclosure(of: slot)
      if enclosure.isTight(relativeBits: relativeBits) { return enclosure }
      precision *= 2
    }
    return nil
  }

  /// The correct rounding of an exact value of a lane in a format, or nil at the precision cap.
  public func rounded<F: BinaryFloat>(
    slot: Int = 0, of lane: OperationLane, as type: F.Type = F.self
  ) -> F? {
    if let known = lane.function.knownValue(of: slot, lane) { return known.correctlyRounded() }
    var bits = F.format.precision + 24
    while bits <= precisionCap {
      let enclosure = evaluation(of: lane, precision: bits + 40).enclosure(of: slot)
      let below = F(rounding: enclosure.lower)
      let above = F(rounding: enclosure.upper)
      if below.bitPattern == above.bitPattern { return below }
      // A negative number between -0 and its upper end 0: the log-softmax of a dominant maximum.
      if below.isZero, enclosure.upper.isZero { return below }
      bits *= 2
    }
    return nil
  }

  /// Decimal text with the given number of correctly rounded digits, or nil at the precision cap.
  public func decimalText(slot: Int = 0, of lane: OperationLane, digits: Int) -> String? {
    if let known = lane.function.knownValue(of: slot, lane) {
      if known.isInfinite { return known.isNegative ? "-inf" : "inf" }
      if known.isZero { return "0" }
    }
    // log2(10) < 3.33.
    var bits = digits * 333 / 100 + 16
    while bits <= max(precisionCap, 8 * digits) {
      guard let enclosure = enclosure(slot: slot, of: lane, relativeBits: bits) else { return nil }
      let below = enclosure.lower.decimalText(digits: digits)
      if below == enclosure.upper.decimalText(digits: digits) { return below }
      bits *= 2
    }
    return nil
  }

  /// An enclosure of |y - v| for a finite y, v an exact value of a lane, as tight as asked.
  ///
  /// - Parameters:
  ///   - y: The computed value.
  ///   - slot: The slot of the exact value.
  ///   - lane: One that is not special.
  ///   - relativeBits: The width asked for is 2^-relativeBits of the distance.
  /// - Returns: The enclosure, with two equal ends where the distance is known exactly; as wide as
  ///   it is where the distance is below 2^-100000; nil where the precision cap was reached first.
  package func distance(
    from y: Double, slot: Int, of lane: OperationLane, relativeBits: Int
  ) -> Enclosure? {
    // The least precision is that of 40 digits, so that a witness and its figure share one sum.
    var precision = max(192, (relativeBits + 80) / 64 * 64)
    while precision <= precisionCap {
      let result = evaluation(of: lane, precision: precision).distance(from: y, slot: slot)
      if result.isTight(relativeBits: relativeBits) || result.isBeyondFigures { return result }
      precision *= 2
    }
    return nil
  }

  /// An enclosure of the yardstick of an exact value, as tight as asked.
  ///
  /// - Parameters:
  ///   - slot: The slot of the value, finite, of a lane that is not special.
  ///   - relativeBits: The width asked for is 2^-relativeBits of the yardstick.
  /// - Returns: The enclosure, or nil where the precision cap was reached first. It is 0 where
  ///   every term is.
  package func yardstick(slot: Int = 0, of lane: OperationLane, relativeBits: Int) -> Enclosure? {
    if lane.function.knownValue(of: slot, lane) == .zero { return Enclosure(0) }
    var precision = max(64, (relativeBits + 80) / 64 * 64)
    while precision <= precisionCap {
      let yardstick = evaluation(of: lane, precision: precision).yardstick(of: slot)
      if yardstick.isTight(relativeBits: relativeBits) || yardstick.isBeyondFigures {
        return yardstick
      }
      precision *= 2
    }
    return nil
  }

  /// The values of a lane at one working precision.
  func evaluation(of lane: OperationLane, precision: Int) -> any ExactEvaluation {
    lane.function.evaluation(of: lane, precision: precision, evaluations)
  }
}
