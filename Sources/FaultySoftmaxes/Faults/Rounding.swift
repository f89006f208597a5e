import FloatFormats
import Laws

extension FaultySoftmax {
  /// Rounding is one-sided or happens twice.
  static let roundingFaults = [
    FaultySoftmax(
      "truncating-division", "rounds quotients towards zero: half an ulp of bias", .rounding,
      formats: .wide, OneSidedDivision(up: false)),
    FaultySoftmax(
      "half-ulp-bias", "rounds quotients up: half an ulp of bias", .rounding, formats: .wide,
      OneSidedDivision(up: true)),
    FaultySoftmax(
      "output-cut-to-16-bits", "cuts float32 results to 16 bits without rounding", .rounding,
      formats: .narrow, OutputCutToFormat()),
    FaultySoftmax(
      "sum-one-ulp-low", "divides by the float below the sum", .rounding, formats: .wide,
      SumOneUlpLow()),
    FaultySoftmax(
      "sum-rounded-up", "rounds every addition up", .rounding, formats: .wide, SumRoundedUp()),
  ]
}

private struct OneSidedDivision: SoftmaxRecipe {
  let up: Bool
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    let quotient = term / sum
    // Zero where the quotient is exact, such as the 1 of a single logit.
    let rest = remainder(term, quotient, sum)
    if up, rest > C.zero { return moved(quotient, byPlaces: 1) }
    if !up, rest < C.zero { return moved(quotient, byPlaces: -1) }
    return quotient
  }
}

private struct OutputCutToFormat: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    truncated(term / sum, toBits: call.output.precision)
  }
}

private struct SumOneUlpLow: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let sum = total(of: terms, 0..<terms.count)
    // 1 is the sum of a lone maximum, and stays.
    return sum > C.one ? moved(sum, byPlaces: -1) : sum
  }
}

private struct SumRoundedUp: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    var result = C.zero
    for term in terms {
      let next = result + term
      // The error of the addition, exactly (Knuth's two-sum).
      let termPart = next - result
      let error = (result - (next - termPart)) + (term - termPart)
      result = error > C.zero ? moved(next, byPlaces: 1) : next
    }
    return result
  }
}
