/// Numbers drawn with given weights.
struct WeightedDraw: Sendable {
  private let weights: [Int]
  private let total: Int

  init(_ weights: [Int]) {
    precondition(weights.allSatisfy { $0 >= 0 }, "a weight is negative")
    total = weights.reduce(0, +)
    precondition(total > 0, "all weights are zero")
    self.weights = weights
  }

  /// The place of a weight, as often as the weight says.
  func next(_ random: inout CounterGenerator) -> Int {
    var rest = random.integer(0...total - 1)
    var place = 0
    while rest >= weights[place] {
      rest -= weights[place]
      place += 1
    }
    return place
  }
}
