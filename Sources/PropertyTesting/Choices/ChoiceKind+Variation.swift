import FloatFormats

// Values of a kind that no generator drew: for targeting and for explanations.

extension ChoiceKind {
  /// A permitted value at random, all alike; for floats all encodings alike, so that all magnitudes
  /// come.
  func randomValue(_ random: inout CounterGenerator) -> ChoiceValue {
    switch self {
    case .integer(let range, _):
      let low = UInt64(bitPattern: range.lowerBound)
      let width = UInt64(bitPattern: range.upperBound) &- low
      let offset =
        width == .max ? random.next() : random.next().multipliedFullWidth(by: width + 1).high
      return .integer(Int64(bitPattern: low &+ offset))
    case .boolean: return repaired(.boolean(random.next() & 1 == 1))
    case .bits(let width): return .bits(random.next() >> UInt64(64 - width))
    case .float(let constraint):
      let intervals = constraint.intervals
      let interval = intervals[random.integer(0...intervals.count - 1)]
      return .float(constraint.format, bits: interval.randomBits(&random, constraint.order))
    }
  }

  /// The largest k for which a step of 2^k leads from one value to another.
  var largestStepExponent: Int {
    switch self {
    case .integer(let range, _):
      let width = UInt64(bitPattern: range.upperBound) &- UInt64(bitPattern: range.lowerBound)
      return min(61, max(0, 63 - width.leadingZeroBitCount))
    case .boolean: return 0
    case .bits(let width): return min(61, width - 1)
    case .float(let constraint): return min(61, constraint.format.bitWidth - 1)
    }
  }

  /// The value some steps further up or down; at the bounds it stops, and what cannot be moved
  /// stays.
  ///
  /// A step of a float leads to its neighbour, so that steps of powers of two change last bits as
  /// well as binades.
  func moved(_ value: ChoiceValue, by steps: Int64) -> ChoiceValue {
    switch (self, value) {
    case (.integer(let range, _), .integer(let number)):
      let (sum, overflow) = number.addingReportingOverflow(steps)
      let target = overflow ? (steps < 0 ? range.lowerBound : range.upperBound) : sum
      return .integer(min(max(target, range.lowerBound), range.upperBound))
    case (.boolean, .boolean(let outcome)): return repaired(.boolean(!outcome))
    case (.bits(let width), .bits(let word)):
      let moved = word &+ UInt64(bitPattern: steps)
      return .bits(width >= 64 ? moved : moved & ((1 << UInt64(width)) - 1))
    case (.float(let constraint), .float(let format, let bits)):
      let order = constraint.order
      let magnitude = Int64(bits & ~order.signBit)
      guard magnitude <= Int64(order.infinity) else { return value }
      let place = bits & order.signBit == 0 ? magnitude : -1 - magnitude
      let (sum, overflow) = place.addingReportingOverflow(steps)
      let target = overflow ? (steps < 0 ? constraint.lowestPlace : constraint.highestPlace) : sum
      let inside = min(max(target, constraint.lowestPlace), constraint.highestPlace)
      let moved = inside >= 0 ? UInt64(inside) : UInt64(-1 - inside) | order.signBit
      return constraint.permits(moved) ? .float(format, bits: moved) : value
    default: return value
    }
  }
}

extension FloatInterval {
  /// An encoding of the interval, all alike.
  func randomBits(_ random: inout CounterGenerator, _ order: FloatOrder) -> UInt64 {
    let width = magnitudes.upperBound - magnitudes.lowerBound
    let magnitude = magnitudes.lowerBound + random.next().multipliedFullWidth(by: width + 1).high
    return magnitude | (isNegative ? order.signBit : 0)
  }
}
