// Passes that make the sequence shorter.

extension Shrinker {
  /// Drops what filters threw away.
  mutating func dropDiscardedSpans() {
    guard best.spans.contains(where: \.isDiscarded) else { return }
    var candidate = values
    for span in best.spans.reversed() where span.isDiscarded && span.end <= candidate.count {
      candidate.removeSubrange(span.range)
    }
    _ = attempt(candidate)
  }

  /// Deletes runs of sibling spans, long runs first.
  ///
  /// This is delta debugging, A. Zeller and R. Hildebrandt, IEEE TSE 28(2), 2002.
  mutating func deleteSiblings() {
    var family = 0
    while family < families.count, !isExhausted {
      var members = families[family]
      var size = members.count
      while size >= 1 {
        var end = members.count
        while end > 0 {
          let start = max(0, end - size)
          let range = best.spans[members[start]].start..<best.spans[members[end - 1]].end
          if attempt(removing: range) {
            guard family < families.count else { return }
            members = families[family]
            end = min(start, members.count)
          } else {
            end = start
          }
        }
        size = min(size / 2, members.count)
      }
      family += 1
    }
  }

  /// Replaces a span by one of the same label inside it: a tree by a subtree.
  mutating func liftDescendants() {
    var outer = 0
    while outer < best.spans.count, !isExhausted {
      let span = best.spans[outer]
      var inner = outer + 1
      var lifted = false
      while inner < best.spans.count, best.spans[inner].start < span.end, !lifted {
        let other = best.spans[inner]
        if other.label == span.label, other.range.count < span.range.count {
          var candidate = values
          candidate.replaceSubrange(span.range, with: values[other.range])
          lifted = attempt(candidate)
        }
        inner += 1
      }
      if !lifted { outer += 1 }
    }
  }

  /// Lowers a number and deletes as many choices after it as that made superfluous, wherever they
  /// stand.
  ///
  /// The number may be a length drawn ahead of the elements: lowering it alone always loses the
  /// last element.
  mutating func lowerAndDelete() {
    var position = 0
    while position < values.count, !isExhausted {
      var drop = best.choices[position].number?.magnitude ?? 0
      while drop > 0, position < values.count {
        if !lowerAndDelete(at: position, by: drop) { drop /= 2 }
      }
      position += 1
    }
  }

  private mutating func lowerAndDelete(at position: Int, by drop: UInt64) -> Bool {
    guard let number = best.choices[position].number, number.magnitude >= drop,
      let lowered = number.with(magnitude: number.magnitude - drop)
    else { return false }
    var candidate = values
    candidate[position] = lowered
    let (isKept, taken) = run(candidate)
    if isKept { return true }
    guard 1..<values.count ~= taken else { return false }
    let surplus = values.count - taken
    for start in stride(from: position + 1, through: candidate.count - surplus, by: surplus) {
      var shorter = candidate
      shorter.removeSubrange(start..<start + surplus)
      if attempt(shorter) { return true }
    }
    return false
  }

  /// Deletes a span and lowers all numbers by one: they may be indices that pointed past it.
  mutating func deleteAndLower() {
    visitSpans { shrinker, range in
      var candidate = shrinker.values
      for (position, choice) in shrinker.best.choices.enumerated() {
        guard let number = choice.number, number.magnitude > 0,
          let lower = number.with(magnitude: number.magnitude - 1)
        else { continue }
        candidate[position] = lower
      }
      candidate.removeSubrange(range)
      return shrinker.attempt(candidate)
    }
  }

  /// Deletes a span and moves one number to an end of its range: it may have to make up for what is
  /// gone.
  ///
  /// For small cases only, because there are as many candidates as pairs of a span and a number.
  mutating func deleteAndStretch() {
    visitSpans { shrinker, range in
      let places = shrinker.values.indices.filter { place in
        if case .integer = shrinker.values[place] { !range.contains(place) } else { false }
      }
      guard places.count <= 8 else { return false }
      for place in places {
        guard case .integer(let bounds, _) = shrinker.best.choices[place].kind else { continue }
        for end in [bounds.lowerBound, bounds.upperBound] {
          var candidate = shrinker.values
          candidate[place] = .integer(end)
          candidate.removeSubrange(range)
          if shrinker.attempt(candidate) { return true }
        }
      }
      return false
    }
  }

  /// Visits the spans from the last to the first; where the visit changed the case, goes on in what
  /// that has become.
  private mutating func visitSpans(_ visit: (inout Shrinker, Range<Int>) -> Bool) {
    var number = best.spans.count - 1
    while number >= 0, !isExhausted {
      let range = best.spans[number].range
      let hasChanged = !range.isEmpty && visit(&self, range)
      number = hasChanged ? min(number, best.spans.count) - 1 : number - 1
    }
  }

  /// Deletes short runs of choices wherever they stand.
  ///
  /// This finds what spans do not tell: two neighbouring lists become one when the end of the first
  /// and the beginning of the second go. At most a quarter of the calls left is spent, because
  /// there are many places to try.
  mutating func deleteChunks() {
    let limit = statistics.calls + callsLeft / 4
    for size in stride(from: 8, through: 1, by: -1) {
      var end = values.count
      while end >= size, statistics.calls < limit {
        let start = end - size
        end = attempt(removing: start..<end) ? min(start + size, values.count) : end - 1
      }
    }
  }
}
