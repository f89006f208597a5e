import FloatFormats

// Passes that make single choices simpler.

extension Shrinker {
  /// Lowers large numbers to nothing, or to one half as long as that is accepted, largest first.
  ///
  /// A number may be a length, and all other passes are cheaper the shorter the case is.
  mutating func halveNumbers() {
    func magnitude(_ position: Int) -> UInt64 { best.choices[position].number?.magnitude ?? 0 }
    // Floats and words have no size to speak of.
    let large = best.choices.indices.filter { position in
      guard case .integer = best.choices[position].value else { return false }
      return magnitude(position) >= 64
    }.sorted { (magnitude($1), $0) < (magnitude($0), $1) }
    for position in large where position < values.count {
      guard magnitude(position) > 0, !set(best.choices[position].kind.simplest, at: [position])
      else { continue }
      var wasHalved = true
      while wasHalved, position < values.count, magnitude(position) >= 2, !isExhausted {
        let half = best.choices[position].number?.with(magnitude: magnitude(position) / 2)
        wasHalved = half.map { set($0, at: [position]) } ?? false
      }
    }
  }

  /// Minimizes each choice for itself.
  mutating func minimizeChoices() {
    var position = 0
    while position < values.count, !isExhausted {
      minimize([position])
      position += 1
    }
  }

  /// Minimizes choices with equal outcomes together: each alone may have to equal the others.
  mutating func minimizeDuplicates() {
    var groups: [RecordedChoice: [Int]] = [:]
    for (position, choice) in best.choices.enumerated() where !choice.isSimplest {
      groups[choice, default: []].append(position)
    }
    let duplicates = groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    for group in duplicates {
      // Earlier groups may have changed what stands at these places.
      guard group.allSatisfy({ $0 < values.count && values[$0] == values[group[0]] }) else {
        continue
      }
      minimize(group)
    }
  }

  /// Minimizes the common outcome of some choices of one kind.
  private mutating func minimize(_ positions: [Int]) {
    let choice = best.choices[positions[0]]
    guard !choice.isSimplest else { return }
    if set(choice.kind.simplest, at: positions) { return }
    switch (choice.kind, choice.value) {
    case (.float(let constraint), .float): minimizeFloat(positions, constraint)
    case (.boolean, _): return
    default: minimizeNumber(positions)
    }
  }

  private mutating func minimizeNumber(_ positions: [Int]) {
    if let mirrored = best.choices[positions[0]].number?.mirrored {
      _ = set(mirrored, at: positions)
    }
    guard isInPlace(positions), let number = best.choices[positions[0]].number else { return }
    _ = leastAccepted(from: 0, below: number.magnitude) { magnitude in
      guard let value = number.with(magnitude: magnitude) else { return false }
      return set(value, at: positions)
    }
    // Bisection stays on one side of the simplest value; the very simplest values lie on both.
    guard isInPlace(positions) else { return }
    let choice = best.choices[positions[0]]
    for index in 1..<max(1, min(choice.index, 10)) {
      if let value = choice.kind.value(at: index), set(value, at: positions) { return }
    }
  }

  /// Gives some choices one value.
  private mutating func set(_ value: ChoiceValue, at positions: [Int]) -> Bool {
    guard isInPlace(positions) else { return false }
    var candidate = values
    for position in positions { candidate[position] = value }
    return attempt(candidate)
  }

  private func isInPlace(_ positions: [Int]) -> Bool {
    positions[positions.count - 1] < values.count
  }

  // MARK: Floats

  private mutating func minimizeFloat(_ positions: [Int], _ constraint: FloatConstraint) {
    let order = constraint.order
    let signed = rank(at: positions, order)
    if signed & order.signBit != 0 {
      _ = setRank(signed & ~order.signBit, at: positions, constraint)
    }
    tryRoundNumbers(positions, constraint)
    let sign = rank(at: positions, order) & order.signBit
    let magnitude = rank(at: positions, order) & ~order.signBit
    let floor = order.firstRankOfGroup(holding: magnitude)
    _ = leastAccepted(from: floor, below: magnitude) {
      setRank($0 | sign, at: positions, constraint)
    }
    coarsenDenominator(positions, constraint)
  }

  /// Tries what a reader would: the ends of the finite numbers for what is not finite, and few
  /// binary places.
  private mutating func tryRoundNumbers(_ positions: [Int], _ constraint: FloatConstraint) {
    let order = constraint.order
    let bits = order.bits(at: rank(at: positions, order))
    let sign = bits & order.signBit
    let magnitude = bits & ~order.signBit
    guard magnitude < order.infinity else {
      for simpler in [order.infinity - 1, order.infinity, order.infinity + order.quietBit] {
        if setRank(order.rank(of: simpler | sign), at: positions, constraint) { return }
      }
      return
    }
    let largestSmall = order.integerCount - 1
    if setRank(largestSmall | sign, at: positions, constraint) { return }
    roundToBinaryPlaces(positions, constraint, magnitude: magnitude, sign: sign)
  }

  /// Looks for the least number of binary places to which a float can be rounded, down or up.
  ///
  /// An interval that holds a number with k places holds one with k + 1, so bisection finds the
  /// least k for it; the first few are tried one by one, for the sake of other conditions.
  private mutating func roundToBinaryPlaces(
    _ positions: [Int], _ constraint: FloatConstraint, magnitude: UInt64, sign: UInt64
  ) {
    let order = constraint.order
    let number = order.number(ofMagnitude: magnitude)
    let limit = Double(order.integerCount)
    guard 0 < number, number < limit else { return }
    let first = UInt64(max(0, -number.exponent - 1))
    let last = UInt64(min(Int(first) + order.format.precision, order.finestExponent))
    func round(to places: UInt64) -> Bool {
      let scaled = number.scaled(byPowerOfTwo: Int(places))
      // Nothing is rounded: that is the float itself, which is accepted.
      if scaled == scaled.rounded(.down) { return true }
      for rounded in [scaled.rounded(.down), scaled.rounded(.up)] where rounded < limit {
        let simpler =
          rounded == 0
          ? 0 : order.magnitude(significand: UInt64(rounded), exponent: -Int(places))
        if setRank(order.rank(of: simpler | sign), at: positions, constraint) { return true }
      }
      return false
    }
    for places in first..<min(first + 4, last) where round(to: places) { return }
    _ = leastAccepted(from: min(first + 4, last), below: last) { round(to: $0) }
  }

  /// Keeps the numerator of a fraction and looks for the least denominator.
  private mutating func coarsenDenominator(_ positions: [Int], _ constraint: FloatConstraint) {
    let order = constraint.order
    let signed = rank(at: positions, order)
    let sign = signed & order.signBit
    guard let k = order.denominatorExponent(at: signed & ~order.signBit) else { return }
    let place = signed & ~order.signBit - order.firstRank(ofDenominatorExponent: k)
    _ = leastAccepted(from: 1, below: UInt64(k)) {
      let first = order.firstRank(ofDenominatorExponent: Int($0))
      return setRank((first + place) | sign, at: positions, constraint)
    }
  }

  /// The rank of the float at some positions, which all hold the same.
  private func rank(at positions: [Int], _ order: FloatOrder) -> UInt64 {
    guard isInPlace(positions), case .float(order.format, let bits) = values[positions[0]] else {
      return 0
    }
    return order.rank(of: bits)
  }

  private mutating func setRank(
    _ rank: UInt64, at positions: [Int], _ constraint: FloatConstraint
  ) -> Bool {
    let order = constraint.order
    guard rank < self.rank(at: positions, order) else { return false }
    let bits = order.bits(at: rank)
    guard constraint.permits(bits) else { return false }
    return set(.float(constraint.format, bits: bits), at: positions)
  }
}

extension FloatOrder {
  /// The first rank of the group of a magnitude's rank: of the integers, of one denominator, of the
  /// large, of the NaNs.
  func firstRankOfGroup(holding rank: UInt64) -> UInt64 {
    if rank < integerCount { return 0 }
    if let k = denominatorExponent(at: rank) { return firstRank(ofDenominatorExponent: k) }
    return rank < firstFineRank ? firstLargeRank : infinity
  }
}
