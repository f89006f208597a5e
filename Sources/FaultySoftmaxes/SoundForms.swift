import FloatFormats

extension SoundSoftmax {
  /// The forms of a softmax that kernels have, beside the formula as it is written; none declares a
  /// model.
  ///
  /// Functions err to one side by nearly as much as the tolerance has for them, where that is what
  /// a form is about.
  static let formsInUse: [SoundSoftmax] = [
    SoundSoftmax(
      "exp2-of-scaled-difference", "computes exp2((x - max) log2 e), the constant rounded",
      ScaledExponential()),
    SoundSoftmax(
      "online-exp2-reciprocal",
      "one pass with exp2 and rescaling, then products with a reciprocal", OnlineReciprocal()),
    SoundSoftmax(
      "online-with-exp-good-to-4-ulp",
      "one pass with rescaling, all exponentials 3 ulp too large", formats: .wide,
      OnlineReciprocal(places: 3)),
    SoundSoftmax(
      "blocks-rescaled-late",
      "blocks of 64, rescaled only where the maximum has grown by more than a factor of 2^8",
      RescaledLate()),
    SoundSoftmax(
      "exp-of-log-softmax", "computes exp((x - max) - log s)", ExponentialOfLogSoftmax()),
    SoundSoftmax(
      "exp-of-log-softmax-good-to-4-ulp",
      "computes exp((x - max) - log s), logarithm and exponentials 3 ulp off, to either side",
      formats: .wide, ExponentialOfLogSoftmax(places: -3)),
    SoundSoftmax(
      "log-softmax-stored-in-16-bits",
      "rounds log-probabilities to 16 bits before their exponential", formats: .narrow,
      ExponentialOfLogSoftmax(storesLogarithms: true)),
    SoundSoftmax(
      "reciprocal-good-to-1-ulp",
      "multiplies by one of the two floats next to the reciprocal of the sum, not the nearer one",
      FaithfulReciprocal()),
    SoundSoftmax(
      "maximum-rounded-up-to-an-integer",
      "subtracts the maximum as an integer of powers of two, so that no exponential need be 1",
      IntegerMaximum()),
    SoundSoftmax(
      "quotient-through-logarithm", "computes e exp(-log s)", QuotientThroughLogarithm()),
  ]
}

/// e^difference as exp2 of the difference times log2 e, moved up by some floats unless it is 1.
private func scaledExponential<C: BinaryFloat>(_ difference: C, movedBy places: Int64) -> C {
  let term = C.exp2(difference * C(rounding: 0x1.71547652b82fep+0))
  return difference.isZero || places == 0 ? term : moved(term, byPlaces: places)
}

private struct ScaledExponential: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { scaledExponential(logit - maximum, movedBy: 0) }
}

/// After Softermax (Stevens et al., DAC 2021, arXiv 2103.09301): hardware shifts by integers.
///
/// Equal logits have equal exponentials that are not 1, whose sum is rounded.
private struct IntegerMaximum: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let scale = C(rounding: 0x1.71547652b82fep+0)
    let power = (maximum * scale).exactDouble
    let rest = power.isFinite ? C(rounding: power - power.rounded(.up)) : C.zero
    return C.exp2((logit - maximum) * scale + rest)
  }
}

/// After Milakov and Gimelshein, as attention kernels have it.
private struct OnlineReciprocal: SoftmaxRecipe {
  var places: Int64 = 0

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var maximum = -C.infinity
    var sum = C.zero
    // A mask weighs nothing, also before there is a maximum.
    for logit in lane where logit != -C.infinity {
      if logit > maximum {
        sum = sum * scaledExponential(maximum - logit, movedBy: places) + C.one
        maximum = logit
      } else {
        sum = sum + scaledExponential(logit - maximum, movedBy: places)
      }
    }
    let reciprocal = C.one / sum
    for index in lane.indices {
      lane[index] = scaledExponential(lane[index] - maximum, movedBy: places) * reciprocal
    }
  }
}

/// As FlashAttention 4 does it: terms of up to 2^8 are no harm, and most rescalings are spared.
private struct RescaledLate: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var scale = -C.infinity
    var sum = C.zero
    for start in stride(from: 0, to: lane.count, by: 64) {
      let block = start..<min(start + 64, lane.count)
      let maximum = largest(of: lane, block)
      if (maximum - scale) * C(rounding: 0x1.71547652b82fep+0) > C(rounding: 8.0)
        || scale == -C.infinity
      {
        if maximum == -C.infinity { continue }
        sum = sum * C.exp(scale - maximum)
        scale = maximum
      }
      var partial = C.zero
      for index in block { partial = partial + C.exp(lane[index] - scale) }
      sum = sum + partial
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - scale) / sum }
  }
}

private struct ExponentialOfLogSoftmax: SoftmaxRecipe {
  var places: Int64 = 0
  var storesLogarithms = false

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = largest(of: lane, 0..<lane.count)
    var sum = C.zero
    for logit in lane { sum = sum + own(C.exp(logit - maximum), places) }
    let logSum = own(C.log(sum), -places)
    for index in lane.indices {
      let logarithm = (lane[index] - maximum) - logSum
      lane[index] = own(
        C.exp(storesLogarithms ? rounded(logarithm, to: call.output) : logarithm), places)
    }
  }

  /// The value of a function, moved by some floats to one side or the other unless it is 0 or 1.
  ///
  /// No output divides an error of the last exponential away: if all of them had one sign, they
  /// could not be told from quotients that are truncated.
  private func own<C: BinaryFloat>(_ value: C, _ places: Int64) -> C {
    guard value != C.one, places != 0 else { return value }
    let isEven = value.orderedIndex.isMultiple(of: 2)
    let moved = moved(value, byPlaces: isEven ? places : -places)
    return value < C.one && moved > C.one ? C.one : moved
  }
}

private struct FaithfulReciprocal: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    let nearest = C.one / sum
    // What 1 - r s leaves tells on which side of 1/s the nearest float lies.
    let rest = remainder(C.one, nearest, sum)
    let other = rest.isZero ? nearest : moved(nearest, byPlaces: rest > C.zero ? 1 : -1)
    return term * other
  }
}

private struct QuotientThroughLogarithm: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    term * C.exp(-C.log(sum))
  }
}
