import FloatFormats

extension Generator where Value: BinaryFloat {
  /// Floats of a format between two bounds and of given classes.
  ///
  /// The caller chooses which values there are, the generator how often each comes: edge values,
  /// readable numbers, numbers of every magnitude, numbers spread evenly. Values outside the finite
  /// range come as seldom as proptest's weights have it. Shrinks along ``FloatOrder``.
  ///
  /// - Parameters:
  ///   - lowest: the lower bound, included; with +0 there is no -0.
  ///   - highest: the upper bound, included.
  ///   - classes: the classes of values that may come.
  ///   - edges: values that matter to the caller, tried often, with their neighbours.
  package static func float(
    from lowest: Value = -Value.infinity, to highest: Value = Value.infinity,
    classes: FloatClasses = .all, edges: [Value] = []
  ) -> Generator {
    let constraint = FloatConstraint(from: lowest, to: highest, classes: classes)
    let sampler = FloatSampler<Value>(constraint, extraEdges: edges)
    let inverse: Inverse = { value in
      let bits = UInt64(value.bitPattern)
      return constraint.permits(bits) ? [.float(Value.format, bits: bits)] : nil
    }
    return Generator(inverse: inverse) { try sampler.draw(from: &$0) }
  }
}

/// Draws the floats of a constraint from a mixture of distributions.
struct FloatSampler<F: BinaryFloat>: Sendable {
  private let constraint: FloatConstraint
  private let edges: [ChoiceValue]
  private let intervals: [FloatInterval]
  private let weights: WeightedDraw
  /// The bounds of the even distribution.
  private let low: Double
  private let high: Double

  init(_ constraint: FloatConstraint, extraEdges: [F]) {
    self.constraint = constraint
    edges = FloatPool.edges(constraint, extra: extraEdges)
    intervals = constraint.intervals
    weights = WeightedDraw(
      intervals.map { interval in
        switch interval.floatClass {
        case .normal: 20
        case .subnormal: 3
        case .zero: 4
        case .infinite: 2
        default: 1
        }
      })
    low = F(orderedIndex: max(constraint.lowestPlace, (-F.greatestFinite).orderedIndex)).exactDouble
    high = F(orderedIndex: min(constraint.highestPlace, F.greatestFinite.orderedIndex)).exactDouble
  }

  func draw(from source: inout ChoiceSource) throws -> F {
    let value = try source.choose(.float(constraint), edges: edges) { sample(&$0) }
    guard case .float(_, let bits) = value else { wrongType(of: value) }
    return F(bitPattern: F.BitPattern(truncatingIfNeeded: bits))
  }

  private func sample(_ random: inout CounterGenerator) -> ChoiceValue {
    let mixture = random.integer(0...15)
    if mixture < 3, !edges.isEmpty { return edges[random.integer(0...edges.count - 1)] }
    if mixture < 10 {
      let number = mixture < 6 ? readable(&random) : even(&random)
      let bits = UInt64(F(rounding: number).bitPattern)
      if constraint.permits(bits) { return .float(F.format, bits: bits) }
    }
    return .float(F.format, bits: anyMagnitude(&random))
  }

  /// A small integer, or one divided by a small power of two.
  private func readable(_ random: inout CounterGenerator) -> Double {
    let numerator = Double(random.integer(0...(1 << random.integer(0...10))))
    let number = numerator.scaled(byPowerOfTwo: -random.integer(0...3))
    return random.next() & 1 == 0 ? number : -number
  }

  /// A number between the bounds, in a random neighbourhood of 0 where they reach it.
  private func even(_ random: inout CounterGenerator) -> Double {
    let reach = 1.0.scaled(byPowerOfTwo: random.integer(0...10))
    let (near, far) = (max(low, -reach), min(high, reach))
    if near < far { return random.uniform(near, far) }
    // Halves, because the difference of the bounds may overflow.
    return 2 * (low / 2 + (high / 2 - low / 2) * random.uniform())
  }

  /// A value of a class drawn by weight, all encodings of it alike, so that all magnitudes come.
  private func anyMagnitude(_ random: inout CounterGenerator) -> UInt64 {
    intervals[weights.next(&random)].randomBits(&random, constraint.order)
  }
}
