import CLaneKernels
import FloatFormats

extension FilteredLane {
  /// Writes the correct rounding of every probability of a lane that is not special.
  ///
  /// The filters enclose a probability p between two binary64 numbers. Rounding is monotone: where
  /// both ends round to the same number, so does p. Elsewhere the next tier decides: double-double
  /// for what binary64 leaves open, then ``ExactLane``.
  ///
  /// - Parameter type: The type of the lane's output format.
  /// - Returns: The place of an output whose rounding is not decided at the oracle's precision cap;
  ///   nil where all are.
  package func roundCorrectly<G: BinaryFloat>(
    to outputs: UnsafeMutableBufferPointer<G>, as type: G.Type = G.self
  ) -> Int? {
    precondition(special == nil && G.format == format && outputs.count == count)
    guard count > 0 else { return nil }
    // The format says what the type is. Code for a type that is known here is ten times as fast.
    func bound<Known: BinaryFloat>(to type: Known.Type) -> UnsafeMutableBufferPointer<Known> {
      UnsafeMutableRawBufferPointer(outputs).assumingMemoryBound(to: type)
    }
    return switch format {
    case .float16: rounded(to: bound(to: Float16.self))
    case .bfloat16: rounded(to: bound(to: BFloat16.self))
    case .float32: rounded(to: bound(to: Float.self))
    case .float64: rounded(to: bound(to: Double.self))
    default: rounded(to: outputs)
    }
  }

  private func rounded<G: BinaryFloat>(to outputs: UnsafeMutableBufferPointer<G>) -> Int? {
    if isConstant { return decide(0..<count, of: outputs) }
    var open: [Int] = []
    if hasSingles {
      withSingles { Self.round(from: $0.pointee, to: outputs, 0..<count, open: &open) }
      giveBackSingles()
    } else {
      withPairs { Self.roundPairs(from: $0.pointee, to: outputs, 0..<count, open: &open) }
    }
    guard !open.isEmpty, hasSingles else { return decide(open, of: outputs) }
    var left: [Int] = []
    withPairs { Self.roundPairs(from: $0.pointee, to: outputs, open, open: &left) }
    return decide(left, of: outputs)
  }

  /// Binary64: formats of at most 24 bits, of which none has a number between 0 and 2^-287.
  private static func round<G: BinaryFloat>(
    from reference: lane_reference, to outputs: UnsafeMutableBufferPointer<G>,
    _ places: Range<Int>, open: inout [Int]
  ) {
    // 2^-50 for the two roundings here: of the product, and of an end.
    let error = reference.relative_error + 0x1p-50
    for place in places {
      let value = reference.high[place] * reference.factor
      if value < reference.vanishing {
        outputs[place] = .zero
        continue
      }
      let lower = G(rounding: value * (1 - error))
      let upper = G(rounding: value * (1 + error))
      outputs[place] = lower
      if lower.bitPattern != upper.bitPattern { open.append(place) }
    }
  }

  /// Double-double: all formats, of which none has a number between 0 and 2^-1152.
  private static func roundPairs<G: BinaryFloat>(
    from reference: lane_reference, to outputs: UnsafeMutableBufferPointer<G>,
    _ places: some Sequence<Int>, open: inout [Int]
  ) {
    let scale = -Int(LANE_PAIR_SCALE)
    // What is normal in binary64 after scaling keeps all its bits.
    let leastNormal = Double.leastNormalMagnitude.scaled(byPowerOfTwo: 1 - scale)
    for place in places {
      let (high, low) = (reference.high[place], reference.low[place])
      if high < reference.vanishing {
        outputs[place] = .zero
        continue
      }
      // TwoSum: sum + rest = high + low exactly.
      let sum = high + low
      let part = sum - high
      let rest = (high - (sum - part)) + (low - part)
      // 2^-40 of the bound for the roundings of the bound and of rest - bound, rest + bound.
      let bound = sum * reference.relative_error * (1 + 0x1p-40) + abs(rest) * 0x1p-50
      var lower = sum + (rest - bound)
      var upper = sum + (rest + bound)
      guard sum >= leastNormal else {
        open.append(place)
        continue
      }
      if G.format != .float64 {
        // The ends themselves are rounded; a step outward makes up for that before they are rounded
        // again.
        lower = -(-lower).nextUp
        upper = upper.nextUp
      }
      let least = G(rounding: lower.scaled(byPowerOfTwo: scale))
      let most = G(rounding: upper.scaled(byPowerOfTwo: scale))
      outputs[place] = least
      if least.bitPattern != most.bitPattern { open.append(place) }
    }
  }

  /// Decides the elements that are left, one by one.
  private func decide<G: BinaryFloat>(
    _ places: some Sequence<Int>, of outputs: UnsafeMutableBufferPointer<G>
  ) -> Int? {
    for place in places {
      let probability = value(at: place)
      if probability.isUndecided { return place }
      outputs[place] = probability.correctlyRounded()
    }
    return nil
  }
}
