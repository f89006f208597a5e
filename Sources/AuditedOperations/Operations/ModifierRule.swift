import FloatFormats

/// A rule by which the modifiers of logits follow from a lane, in a few integers.
///
/// Laws draw it. What depends on the lane, masks and sinks, is a function of its elements and of
/// the rule alone, as ``AccompanyingInputs`` has it for gradients and losses.
package struct ModifierRule: Sendable, Hashable {
  /// The ways in which masks are made.
  package enum Mask: Int, Sendable, CaseIterable {
    case none
    /// 0 or -inf, so that a number is left.
    case hides
    /// Distances from the last element times a slope, as ALiBi has them.
    case slope
    /// Quarters from -4 to 4.
    case scattered
    /// 0 or a large negative number, as masks in use have them instead of -inf.
    case large
  }

  /// The ways in which sinks are made.
  package enum Sink: Int, Sendable, CaseIterable {
    case none
    /// -inf: a plain softmax.
    case absent
    case zero
    /// About the largest logit, as it is modified.
    case near
    /// Some units above it.
    case above
    /// Some units below it.
    case below
    /// So far above it that its exponential relative to the largest logit overflows.
    case far
  }

  /// The number of ``scales`` that is in force; 0 for none.
  package var scale: Int
  /// The number of ``softcaps`` that is in force; 0 for none.
  package var softcap: Int
  package var mask: Mask
  package var sink: Sink
  /// The number that chance depends on beside the lane.
  package var seed: Int
  /// The modifiers that a person asked for, in the place of what the rule would have; no part of
  /// ``integers``.
  package var given = Given()
  /// The alignment of a causal mask of a tensor; `nil` for none.
  package var causal: CausalAlignment?
  /// The elements that chance depends on, where they are not the lane's own: those of a lane
  /// before a law changed it.
  package var origin: [Double]?

  /// Modifiers that a person asked for.
  package struct Given: Sendable, Hashable {
    package var scale: Double?
    package var softcap: Double?
    package var sink: Double?

    package init(scale: Double? = nil, softcap: Double? = nil, sink: Double? = nil) {
      self.scale = scale
      self.softcap = softcap
      self.sink = sink
    }
  }

  /// Factors: powers of two, 1 / sqrt(head size), and others that are in use.
  package static let scales: [Double] = [
    1, 0.125, 0.5, 2, 0.08838834764831845, 0.0625, 0.2, -0.5, 0.1, 1.25,
  ]
  /// Caps: those of Gemma 2 and Grok, and others.
  package static let softcaps: [Double] = [0, 30, 50, 2, 5, 20, 1]

  package init(
    scale: Int = 0, softcap: Int = 0, mask: Mask = .none, sink: Sink = .none, seed: Int = 0
  ) {
    self.scale = scale
    self.softcap = softcap
    self.mask = mask
    self.sink = sink
    self.seed = seed
  }

  /// The ranges of ``integers``.
  package static let ranges: [ClosedRange<Int>] = [
    0...scales.count - 1, 0...softcaps.count - 1, 0...Mask.allCases.count - 1,
    0...Sink.allCases.count - 1, 0...0xFFFF, 0...CausalAlignment.allCases.count,
  ]

  /// The rule as integers, each in its range.
  package var integers: [Int] {
    let alignment = causal.flatMap { CausalAlignment.allCases.firstIndex(of: $0) }
    return [scale, softcap, mask.rawValue, sink.rawValue, seed, alignment.map { $0 + 1 } ?? 0]
  }

  /// The rule of integers; `nil` where they are none.
  package init?(integers: [Int]) {
    guard integers.count == Self.ranges.count,
      zip(integers, Self.ranges).allSatisfy({ $1.contains($0) }),
      let mask = Mask(rawValue: integers[2]), let sink = Sink(rawValue: integers[3])
    else { return nil }
    self.init(
      scale: integers[0], softcap: integers[1], mask: mask, sink: sink, seed: integers[4])
    causal = integers[5] > 0 ? CausalAlignment.allCases[integers[5] - 1] : nil
  }

  /// The kinds of modifiers that it gives.
  package var kinds: Set<ModifierKind> {
    var kinds: Set<ModifierKind> = []
    if factor != nil { kinds.insert(.scale) }
    if cap != nil { kinds.insert(.softcap) }
    if mask != .none { kinds.insert(.mask) }
    if causal != nil { kinds.insert(.causal) }
    if sink != .none || given.sink != nil { kinds.insert(.sink) }
    return kinds
  }

  /// The rule with nothing but modifiers of some kinds.
  package func keeping(_ kinds: Set<ModifierKind>) -> ModifierRule {
    var kept = self
    if !kinds.contains(.scale) { (kept.scale, kept.given.scale) = (0, nil) }
    if !kinds.contains(.softcap) { (kept.softcap, kept.given.softcap) = (0, nil) }
    if !kinds.contains(.mask) { kept.mask = .none }
    if !kinds.contains(.causal) { kept.causal = nil }
    if !kinds.contains(.sink) { (kept.sink, kept.given.sink) = (.none, nil) }
    return kept
  }
}

extension ModifierRule {
  /// The factor; `nil` for none.
  private var factor: Double? { given.scale ?? (scale == 0 ? nil : Self.scales[scale]) }
  /// The cap; `nil` for none.
  private var cap: Double? { given.softcap ?? (softcap == 0 ? nil : Self.softcaps[softcap]) }

  /// The modifiers of a lane, masks and sinks numbers of a format.
  package func lane(of lane: [Double], in format: FloatFormat) -> LaneModifiers {
    var modifiers = LaneModifiers(scale: factor, softcap: cap)
    var scatter = LaneScatter(origin ?? lane, seed)
    modifiers.mask = addends(lane, format, &scatter)
    modifiers.sink =
      given.sink.map { format.rounded($0) } ?? sink(lane, modifiers, format, &scatter)
    return modifiers
  }

  private func addends(
    _ lane: [Double], _ format: FloatFormat, _ scatter: inout LaneScatter
  ) -> [Double]? {
    guard !lane.isEmpty else { return mask == .none ? nil : [] }
    switch mask {
    case .none: return nil
    case .hides, .large:
      let hidden =
        mask == .hides
        ? -Double.infinity : -format.largestNumber(upTo: min(1e9, format.greatestFinite / 2))
      let kept = scatter.below(lane.count)
      return lane.indices.map { $0 == kept || scatter.below(3) != 0 ? 0 : hidden }
    case .slope:
      let slope = Double(1 + scatter.below(4)) / 64
      return lane.indices.map { format.rounded(-slope * Double(lane.count - 1 - $0)) }
    case .scattered: return lane.map { _ in Double(scatter.below(33) - 16) / 4 }
    }
  }

  private func sink(
    _ lane: [Double], _ modifiers: LaneModifiers, _ format: FloatFormat,
    _ scatter: inout LaneScatter
  ) -> Double? {
    let step = Double(scatter.below(17)) / 8
    // An order of magnitude is enough, and independent of functions of the system.
    let largest =
      lane.indices.reduce(-Double.infinity) { largest, index in
        let scaled = (modifiers.scale ?? 1) * lane[index]
        let capped = modifiers.softcap.map { max(-$0, min($0, scaled)) } ?? scaled
        let sum = capped + modifiers.addend(index)
        return sum > largest ? sum : largest
      }
    let top = largest.isFinite ? max(-1000, min(1000, largest)) : 0
    switch sink {
    case .none: return nil
    case .absent: return -.infinity
    case .zero: return 0
    case .near: return format.rounded(top + step - 1)
    case .above: return format.rounded(top + 2 + 2 * step)
    case .below: return format.rounded(top - 2 - 2 * step)
    case .far: return format.rounded(top + 800)
    }
  }

  /// The modifiers of a tensor of logits.
  package func modifiers<F: BinaryFloat>(of tensor: Tensor<F>) -> LogitModifiers {
    let geometry = tensor.geometry
    var modifiers = LogitModifiers(scale: factor, softcap: cap, causal: causal)
    var addends = [Double](repeating: 0, count: geometry.elementCount)
    var sinks: [Double] = []
    for number in 0..<geometry.laneCount {
      let own = lane(of: tensor.lane(number).exactDoubles, in: F.format)
      if let mask = own.mask { geometry.place(mask, asLane: number, in: &addends) }
      if let sink = own.sink { sinks.append(sink) }
    }
    if mask != .none { modifiers.mask = addends }
    if sink != .none || given.sink != nil { modifiers.sink = sinks }
    return modifiers
  }
}
