// Passes that change two numbers at once: what binds them may be their difference or their sum.

extension Shrinker {
  /// Lowers two numbers by the same amount, which keeps their difference.
  mutating func lowerPairs() {
    visitPairs { shrinker, left, right in
      guard let first = shrinker.best.choices[left].number,
        let second = shrinker.best.choices[right].number
      else { return }
      let most = min(first.magnitude, second.magnitude)
      _ = leastAccepted(from: 0, below: most) { rest in
        let drop = most - rest
        guard let lower = first.with(magnitude: first.magnitude - drop),
          let other = second.with(magnitude: second.magnitude - drop)
        else { return false }
        return shrinker.attempt(lower, at: left, other, at: right)
      }
    }
  }

  /// Moves value from an earlier number to a later one, which keeps their sum.
  mutating func redistributePairs() {
    visitPairs { shrinker, left, right in
      guard let first = shrinker.best.choices[left].number,
        let second = shrinker.best.choices[right].number
      else { return }
      _ = leastAccepted(from: 0, below: first.magnitude) { rest in
        guard let lower = first.with(magnitude: rest),
          let other = second.balancing(first.magnitude - rest, of: first)
        else { return false }
        return shrinker.attempt(lower, at: left, other, at: right)
      }
    }
  }

  /// Visits the pairs of a number that is not the simplest and one of the few numbers that follow
  /// it.
  private mutating func visitPairs(_ visit: (inout Shrinker, Int, Int) -> Void) {
    var left = 0
    while left < values.count, !isExhausted {
      var right = left + 1
      var partners = 0
      while right < values.count, partners < 4, left < values.count,
        !best.choices[left].isSimplest, best.choices[left].number != nil
      {
        if best.choices[right].number != nil {
          visit(&self, left, right)
          partners += 1
        }
        right += 1
      }
      left += 1
    }
  }

  private mutating func attempt(
    _ first: ChoiceValue, at left: Int, _ second: ChoiceValue, at right: Int
  ) -> Bool {
    guard right < values.count else { return false }
    var candidate = values
    candidate[left] = first
    candidate[right] = second
    return attempt(candidate)
  }
}
