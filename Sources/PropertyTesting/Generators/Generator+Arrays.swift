extension Generator {
  /// Arrays of independent elements.
  ///
  /// Before each element stands a choice whether there is one, so that the shrinker deletes an
  /// element by deleting its span; elements are drawn one by one, which suits arrays of up to some
  /// hundreds.
  package static func array<Element>(
    of element: Generator<Element>, count: ClosedRange<Int> = 0...20
  ) -> Generator where Value == [Element] {
    precondition(count.lowerBound >= 0, "an array has no negative number of elements")
    let (least, most) = (count.lowerBound, count.upperBound)
    // The number of optional elements has a geometric distribution with about half the room as
    // mean.
    let average = Double(most - least) / 2
    let going = average / (1 + average)
    let inverse: Inverse = { elements in
      guard (least...most).contains(elements.count) else { return nil }
      var choices: [ChoiceValue] = []
      for value in elements {
        guard let own = element.choices(for: value) else { return nil }
        choices += [.boolean(true)] + own
      }
      return choices + [.boolean(false)]
    }
    return Generator(inverse: inverse) { source in
      try source.span("array") { source in
        var elements: [Element] = []
        while true {
          let next = try source.span("element") { source -> Element? in
            let forced = elements.count < least ? 1 : elements.count >= most ? 0 : going
            guard try source.boolean(probability: forced) else { return nil }
            return try element.generate(from: &source)
          }
          guard let next else {
            source.relabelLastSpan("end")
            return elements
          }
          elements.append(next)
        }
      }
    }
  }
}
