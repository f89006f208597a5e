import FloatFormats

/// A recipe that goes wrong in lanes of some places, lengths and batches, and nowhere else.
///
/// The mistakes are those of a branch of a kernel: a term that is left out, a maximum that is
/// missed, a lane that is not written. Where the branch is taken says the condition.
struct WrongLanes: SoftmaxRecipe {
  enum Mistake: Sendable {
    /// The lane is not written; what is not written is zero.
    case unwritten
    /// The outputs are twice what they should be.
    case doubled
    /// The terms of a range of places are left out of the sum, given the length.
    case termsLost(@Sendable (Int) -> Range<Int>)
    /// The maximum is that of the first half, and the difference is not limited.
    case maximumOfFirstHalf
    /// Zeros up to a multiple of a length are added up as if they were logits.
    case paddedWithZeros(Int)
  }

  let mistake: Mistake
  let applies: @Sendable (_ call: LaneCall, _ length: Int) -> Bool

  init(
    _ mistake: Mistake,
    where applies: @escaping @Sendable (_ call: LaneCall, _ length: Int) -> Bool
  ) {
    self.mistake = mistake
    self.applies = applies
  }

  /// The last term is left out of the sum.
  static func losingLast(
    where applies: @escaping @Sendable (_ call: LaneCall, _ length: Int) -> Bool
  ) -> WrongLanes {
    WrongLanes(.termsLost { $0 - 1..<$0 }, where: applies)
  }

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    if case .maximumOfFirstHalf = mistake, lane.count > 1, applies(call, lane.count) {
      return largest(of: lane, 0..<lane.count / 2)
    }
    return largest(of: lane, 0..<lane.count)
  }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    if case .termsLost(let lost) = mistake, applies(call, terms.count) {
      let range = lost(terms.count)
      return total(of: terms, 0..<range.lowerBound)
        + total(of: terms, range.upperBound..<terms.count)
    }
    return total(of: terms, 0..<terms.count)
  }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var padding = 0
    if case .paddedWithZeros(let multiple) = mistake, applies(call, lane.count) {
      padding = (multiple - lane.count % multiple) % multiple
    }
    var maximum = maximum(lane, &call)
    if padding > 0, maximum < C.zero { maximum = C.zero }
    for index in lane.indices {
      lane[index] = exponential(lane[index], minus: maximum, at: index, of: lane.count, call)
    }
    var sum = sum(lane, &call)
    if padding > 0 { sum = sum + C(rounding: Double(padding)) * C.exp(-maximum) }
    for index in lane.indices { lane[index] = quotient(lane[index], by: sum, call) }
    finish(lane, call)
  }

  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    switch mistake {
    case .unwritten where applies(call, probabilities.count):
      for index in probabilities.indices { probabilities[index] = C.zero }
    case .doubled where applies(call, probabilities.count):
      for index in probabilities.indices {
        probabilities[index] = probabilities[index] + probabilities[index]
      }
    default: break
    }
  }
}
