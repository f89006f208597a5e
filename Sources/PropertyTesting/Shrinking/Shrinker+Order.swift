// Passes that simplify whole spans: all at once, or by their order.

extension Shrinker {
  /// Makes every choice of a span as simple as it can be.
  mutating func simplifySpans() {
    _ = attempt(best.choices.map(\.kind.simplest))
    var number = 0
    while number < best.spans.count, !isExhausted {
      let range = best.spans[number].range
      if best.choices[range].contains(where: { !$0.isSimplest }) {
        var candidate = values
        for position in range { candidate[position] = best.choices[position].kind.simplest }
        _ = attempt(candidate)
      }
      number += 1
    }
  }

  /// Sorts sibling spans, and single choices that ask for the same, the simpler before the less
  /// simple.
  mutating func sortSiblings() {
    var family = 0
    while family < families.count, !isExhausted {
      let members = families[family]
      if members.count > 1 { sort(members.map { best.spans[$0].range }) }
      family += 1
    }
    var position = 1
    while position < values.count, !isExhausted {
      let (left, right) = (best.choices[position - 1], best.choices[position])
      if left.kind == right.kind, right.index < left.index {
        var candidate = values
        candidate.swapAt(position - 1, position)
        if attempt(candidate), position > 1 { position -= 2 }
      }
      position += 1
    }
  }

  private mutating func sort(_ ranges: [Range<Int>]) {
    let order = ranges.indices.sorted {
      isSimpler(Array(best.choices[ranges[$0]]), than: Array(best.choices[ranges[$1]]))
    }
    guard order != Array(ranges.indices) else { return }
    if attempt(rearranged(ranges, as: order)) { return }
    // Not every order will do; exchange neighbours as far as that goes.
    for number in ranges.indices.dropFirst() {
      let pair = [ranges[number - 1], ranges[number]]
      guard pair[1].upperBound <= values.count else { return }
      if isSimpler(Array(best.choices[pair[1]]), than: Array(best.choices[pair[0]])) {
        // The ranges hold no longer once spans of different lengths have changed places.
        if attempt(rearranged(pair, as: [1, 0])), pair[0].count != pair[1].count { return }
      }
    }
  }

  /// The values with the contents of some ranges in another order, and what lies between them left
  /// in place.
  private func rearranged(_ ranges: [Range<Int>], as order: [Int]) -> [ChoiceValue] {
    var result = Array(values[..<ranges[0].lowerBound])
    result.reserveCapacity(values.count)
    for (place, source) in order.enumerated() {
      if place > 0 {
        result += values[ranges[place - 1].upperBound..<ranges[place].lowerBound]
      }
      result += values[ranges[source]]
    }
    return result + values[ranges[ranges.count - 1].upperBound...]
  }
}
