import FloatFormats

extension Generator {
  /// Arrays of floats made of structure: a fill, a few elements that differ, and an offset for all.
  ///
  /// Long arrays cost few choices, and what shrinks first is structure: an array of n equal values
  /// is as simple as one value and its length. Hypothesis draws the arrays of its NumPy extension
  /// alike.
  ///
  /// - Parameters:
  ///   - element: makes the fill and the elements that differ.
  ///   - count: the range of lengths.
  ///   - offset: makes a number to add to every element; the sums round, and may leave the range of
  ///     `element`.
  package static func lane<F: BinaryFloat>(
    of element: Generator<F>, count: ClosedRange<Int>, offset: Generator<F>? = nil
  ) -> Generator where Value == [F] {
    precondition(count.lowerBound >= 0, "an array has no negative number of elements")
    // Lengths at which vectorized and blocked loops change their course.
    let powers = [1, 2, 4, 8, 16, 32, 64, 128, 256].flatMap { [$0, $0 - 1, $0 + 1] }
    let length = LengthChoice(count, edges: [count.lowerBound, count.upperBound] + powers)
    let inverse: Inverse = { lane in
      guard count.contains(lane.count) else { return nil }
      return laneChoices(for: lane, of: element, hasOffset: offset != nil)
    }
    return Generator(inverse: inverse) { source in
      try source.span("lane") { source in
        let count = try length.draw(from: &source)
        let shift = try offset.map { offset in
          try source.span("offset") { source in
            try source.boolean(probability: 0.25) ? offset.generate(from: &source) : nil
          }
        }
        guard count > 0 else { return [] }
        let fill = try source.span("fill") { try element.generate(from: &$0) }
        var lane = [F](repeating: fill, count: count)
        // About sqrt(n) elements differ: few enough to keep long arrays cheap, enough to fill short
        // ones.
        let mean = 1 + Double(count).squareRoot()
        while let (position, value) = try outlier(element, in: count, mean: mean, &source) {
          lane[position] = value
        }
        source.relabelLastSpan("end")
        if let shift, let shift { for index in lane.indices { lane[index] = lane[index] + shift } }
        return lane
      }
    }
  }
}

/// The choices by which a lane is made without an offset: its length, its fill, and the elements
/// that differ from it, in order.
private func laneChoices<F: BinaryFloat>(
  for lane: [F], of element: Generator<F>, hasOffset: Bool
) -> [ChoiceValue]? {
  var choices: [ChoiceValue] = [.integer(Int64(lane.count))]
  if hasOffset { choices.append(.boolean(false)) }
  guard let first = lane.first else { return choices }
  var counts: [F: Int] = [:]
  for value in lane { counts[value, default: 0] += 1 }
  // The fill is the most frequent value, of several the first.
  var fill = first
  for value in lane where counts[value, default: 0] > counts[fill, default: 0] { fill = value }
  guard let fillChoices = element.choices(for: fill) else { return nil }
  choices += fillChoices
  for (index, value) in lane.enumerated() where value.bitPattern != fill.bitPattern {
    guard let own = element.choices(for: value) else { return nil }
    choices += [.boolean(true), .integer(Int64(index))] + own
  }
  return choices + [.boolean(false)]
}

private func outlier<F: BinaryFloat>(
  _ element: Generator<F>, in count: Int, mean: Double, _ source: inout ChoiceSource
) throws -> (position: Int, value: F)? {
  try source.span("outlier") { source in
    guard try source.boolean(probability: mean / (1 + mean)) else { return nil }
    let position = try source.integer(in: 0...count - 1)
    return (position, try element.generate(from: &source))
  }
}
