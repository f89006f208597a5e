import FloatFormats
import Laws

extension FaultySoftmax {
  /// Equal logits, their order, or their places are not respected.
  static let equalityFaults = [
    FaultySoftmax(
      "last-of-equal-maxima-one-ulp-up", "gives the last of several maxima one ulp more",
      .equality, formats: .wide, LastOfEqualMaximaOneUlpUp()),
    FaultySoftmax(
      "tail-exponential-one-ulp-up",
      "uses an exponential in the tail of n mod 8 that is one ulp above that of the body",
      .equality, formats: .wide, TailExponentialOneUlpUp()),
    FaultySoftmax(
      "two-largest-swapped", "swaps the two largest where they differ by less than 2^-10",
      .equality, formats: .wide, TwoLargestSwapped()),
    FaultySoftmax(
      "rest-put-into-the-last", "makes the last probability 1 minus the sum of the others",
      .equality, formats: .beyondFloat16, RestPutIntoTheLast()),
    FaultySoftmax(
      "promised-permutation-adds-in-order",
      "promises that a permutation permutes the outputs, and adds up in the order of the input",
      .equality, formats: .wide, promises: ["permutation"], AddedInOrder()),
    FaultySoftmax(
      "outputs-sorted", "returns the probabilities in ascending order", .equality, OutputsSorted()),
    FaultySoftmax(
      "outputs-reversed-for-n-of-7", "returns lanes of seven in reverse order", .equality,
      OutputsReversedForSeven()),
  ]
}

private struct LastOfEqualMaximaOneUlpUp: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let maximum = largest(of: probabilities, 0..<probabilities.count)
    guard let first = probabilities.firstIndex(where: { $0 == maximum }),
      let last = probabilities.lastIndex(where: { $0 == maximum }), first != last
    else { return }
    probabilities[last] = moved(maximum, byPlaces: 1)
  }
}

private struct TailExponentialOneUlpUp: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return index >= count & ~7 && logit != maximum ? moved(term, byPlaces: 1) : term
  }
}

private struct TwoLargestSwapped: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var first = 0
    for index in lane.indices where lane[index] > lane[first] { first = index }
    var second: Int?
    for index in lane.indices where index != first {
      if second.map({ lane[index] > lane[$0] }) ?? true { second = index }
    }
    let isClose = second.map { lane[first] - lane[$0] < C(rounding: 0x1p-10) } ?? false
    PlainRecipe().evaluate(lane, &call)
    if isClose, let second { lane.swapAt(first, second) }
  }
}

private struct RestPutIntoTheLast: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let last = probabilities.count - 1
    guard last > 0 else { return }
    probabilities[last] = C.one - total(of: probabilities, 0..<last)
  }
}

private struct OutputsSorted: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    var sorted = probabilities
    sorted.sort()
  }
}

private struct OutputsReversedForSeven: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard probabilities.count == 7 else { return }
    var reversed = probabilities
    reversed.reverse()
  }
}
