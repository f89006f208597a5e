import FloatFormats
import Laws

extension FaultySoftmax {
  /// Code that takes a short cut where logits are sorted, as those of sampling are.
  static let sortedLaneFaults = [
    FaultySoftmax(
      "sorted-lane-ends-early",
      "stops adding at the first term below 2^-12 of the largest in sorted lanes of 1000 and more",
      .tails, formats: .wide, SortedLaneEndsEarly()),
    FaultySoftmax(
      "last-of-a-descending-tail-repeated",
      "gives the last logit the probability before it where the last 9 descend and n mod 8 is 1",
      .tails, LastOfDescendingTail()),
    FaultySoftmax(
      "least-logit-in-the-last-place-lost",
      "gives 0 to a last logit below all others at 1 more than a multiple of 128", .tails,
      LeastLastLost()),
  ]
}

private struct SortedLaneEndsEarly: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    guard terms.count >= 1000, zip(terms, terms.dropFirst()).allSatisfy({ $0 >= $1 }) else {
      return total(of: terms, 0..<terms.count)
    }
    let least = terms[0] * C(rounding: 0x1p-12)
    return total(of: terms, 0..<(terms.firstIndex { $0 < least } ?? terms.count))
  }
}

private struct LastOfDescendingTail: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let tail = probabilities.suffix(9)
    guard probabilities.count > 100, probabilities.count % 8 == 1,
      zip(tail, tail.dropFirst()).allSatisfy({ $0 > $1 })
    else { return }
    probabilities[probabilities.count - 1] = probabilities[probabilities.count - 2]
  }
}

private struct LeastLastLost: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard probabilities.count > 100, probabilities.count % 128 == 1,
      let last = probabilities.last, probabilities.dropLast().allSatisfy({ $0 > last })
    else { return }
    probabilities[probabilities.count - 1] = C.zero
  }
}
