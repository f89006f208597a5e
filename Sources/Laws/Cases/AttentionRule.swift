import AuditedOperations
import FloatFormats

/// A rule for the modifiers of an attention, in a few integers.
package struct AttentionRule: Sendable, Hashable {
  /// The ways in which masks are made.
  package enum Mask: Int, Sendable, CaseIterable {
    case none
    /// 0 or -inf for each query and key.
    case hides
    /// -inf for the last keys of every query, as padding has it.
    case padding
    /// Quarters from -4 to 4.
    case scattered
  }

  /// The ways in which sinks are made.
  package enum Sink: Int, Sendable, CaseIterable {
    case none
    case zero
    /// Quarters from -4 to 4, another one for each head.
    case scattered
    /// 12 and more for each head.
    case large
    /// -inf: no sink.
    case absent
  }

  /// The number of ``scales`` that is in force; 0 for 1 / sqrt(dimension).
  package var scale = 0
  /// The number of ``softcaps`` that is in force; 0 for none.
  package var softcap = 0
  package var causal: CausalAlignment?
  package var mask = Mask.none
  package var sink = Sink.none
  /// The number that chance depends on.
  package var seed = 0
  /// The modifiers that a person asked for, in the place of those of the rule; no part of
  /// ``integers``.
  package var given = ModifierRule.Given()

  package static let scales: [Double] = [0, 1, 0.125, 0.5, 0.0625, 0.3, -0.5]
  package static let softcaps: [Double] = [0, 30, 50, 2, 5, 20, 1]

  package init() {}

  /// The ranges of ``integers``.
  package static let ranges: [ClosedRange<Int>] = [
    0...scales.count - 1, 0...softcaps.count - 1, 0...CausalAlignment.allCases.count,
    0...Mask.allCases.count - 1, 0...Sink.allCases.count - 1, 0...0xFFFF,
  ]

  /// The rule as integers, each in its range.
  package var integers: [Int] {
    let alignment = causal.flatMap { CausalAlignment.allCases.firstIndex(of: $0) }
    return [scale, softcap, alignment.map { $0 + 1 } ?? 0, mask.rawValue, sink.rawValue, seed]
  }

  /// The rule of integers; `nil` where they are none.
  package init?(integers: [Int]) {
    guard integers.count == Self.ranges.count,
      zip(integers, Self.ranges).allSatisfy({ $1.contains($0) }),
      let mask = Mask(rawValue: integers[3]), let sink = Sink(rawValue: integers[4])
    else { return nil }
    (scale, softcap, seed) = (integers[0], integers[1], integers[5])
    causal = integers[2] > 0 ? CausalAlignment.allCases[integers[2] - 1] : nil
    self.mask = mask
    self.sink = sink
  }

  /// The kinds of modifiers that it gives.
  package var kinds: Set<ModifierKind> {
    var kinds: Set<ModifierKind> = []
    if scale != 0 || given.scale != nil { kinds.insert(.scale) }
    if softcap != 0 || given.softcap != nil { kinds.insert(.softcap) }
    if causal != nil { kinds.insert(.causal) }
    if mask != .none { kinds.insert(.mask) }
    if sink != .none || given.sink != nil { kinds.insert(.sink) }
    return kinds
  }

  /// The rule with nothing but modifiers of some kinds.
  package func keeping(_ kinds: Set<ModifierKind>) -> AttentionRule {
    var kept = self
    if !kinds.contains(.scale) { (kept.scale, kept.given.scale) = (0, nil) }
    if !kinds.contains(.softcap) { (kept.softcap, kept.given.softcap) = (0, nil) }
    if !kinds.contains(.causal) { kept.causal = nil }
    if !kinds.contains(.mask) { kept.mask = .none }
    if !kinds.contains(.sink) { (kept.sink, kept.given.sink) = (.none, nil) }
    return kept
  }

  /// The modifiers of an attention, masks and sinks numbers of a format.
  package func modifiers(of shape: AttentionShape, in format: FloatFormat) -> AttentionModifiers {
    var modifiers = AttentionModifiers(
      scale: given.scale ?? (scale == 0 ? nil : Self.scales[scale]),
      softcap: given.softcap ?? (softcap == 0 ? nil : Self.softcaps[softcap]), causal: causal)
    if let addends = addends(shape) {
      // The same for all batches and heads.
      modifiers.mask = try? RepeatedNumbers(
        addends, of: [shape.queries, shape.keys], to: shape.scores, name: "the mask")
    }
    modifiers.sinks =
      given.sink.map { Array(repeating: format.rounded($0), count: shape.heads) }
      ?? sinks(shape.heads)
    return modifiers
  }

  /// A number of a place that follows from the seed, from 0 to count - 1.
  private func number(_ place: Int, below count: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: place &* 0x10001 &+ seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
    hash &*= 0xBF58_476D_1CE4_E5B9
    return Int(hash >> 40) % count
  }

  private func addends(_ shape: AttentionShape) -> [Double]? {
    let count = shape.queries * shape.keys
    switch mask {
    case .none: return nil
    case .hides: return (0..<count).map { number($0, below: 3) == 0 ? -.infinity : 0 }
    case .padding:
      let seen = shape.keys - number(0, below: max(1, (shape.keys + 1) / 2))
      return (0..<count).map { $0 % max(1, shape.keys) < seen ? 0 : -.infinity }
    case .scattered: return (0..<count).map { Double(number($0, below: 33) - 16) / 4 }
    }
  }

  private func sinks(_ heads: Int) -> [Double]? {
    switch sink {
    case .none: nil
    case .zero: Array(repeating: 0, count: heads)
    case .scattered: (0..<heads).map { Double(number(-1 - $0, below: 33) - 16) / 4 }
    case .large: (0..<heads).map { Double(12 + number(-1 - $0, below: 8)) }
    case .absent: Array(repeating: -.infinity, count: heads)
    }
  }
}
