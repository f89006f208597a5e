import AuditedOperations
import FloatFormats
import PropertyTesting

/// The cases that laws of attention are checked on.
///
/// A case is small, and then drawn number by number, or larger, and then its numbers follow from a
/// seed. Shrinking makes either smaller.
enum AttentionCases {
  /// The sizes of a case; heads beside them.
  struct Sizes {
    var queries = 1...5
    /// Beyond the usual lengths of a block.
    var keys = 1...150
    /// The heads of queries, and the queries that share a head of keys.
    var hasHeads = true
  }

  /// Cases with a rule for some kinds of modifiers.
  ///
  /// - Parameters:
  ///   - always: The kinds that each has.
  ///   - sometimes: The kinds that some have.
  static func cases(
    _ format: FloatFormat, _ sizes: Sizes = Sizes(), always: Set<ModifierKind> = [],
    sometimes: Set<ModifierKind> = [.scale, .softcap, .causal, .mask, .sink]
  ) -> Generator<AttentionCase> {
    Generator { source in
      let isSeeded = try source.boolean(probability: 0.7)
      let keys = try LaneCases.lengths(
        isSeeded ? sizes.keys : sizes.keys.lowerBound...max(sizes.keys.lowerBound, 8)
      ).generate(from: &source)
      let queries = try source.integer(
        in: isSeeded
          ? sizes.queries : sizes.queries.lowerBound...max(sizes.queries.lowerBound, 3))
      let dimension =
        isSeeded
        ? dimensions[try source.integer(in: 0...dimensions.count - 1)]
        : try source.integer(in: 1...4)
      let width = try source.integer(in: 1...(isSeeded ? 9 : 2))
      let heads = sizes.hasHeads ? try source.integer(in: 1...4) : 1
      let divisors = (1...heads).filter { heads % $0 == 0 }
      let keyHeads = divisors[
        try source.integer(in: 0...divisors.count - 1, simplest: divisors.count - 1)]
      let batch = sizes.hasHeads ? try source.integer(in: 1...2) : 1
      var made = AttentionCase(
        batch: batch, heads: heads, keyHeads: keyHeads, queries: queries, keys: keys,
        dimension: dimension, valueDimension: width,
        rule: try AttentionRule(always: always, sometimes: sometimes, from: &source))
      if isSeeded {
        try fill(&made, format, from: &source)
      } else {
        func draw(_ count: Int) throws -> [Double] {
          try (0..<count).map { _ in Double(try source.integer(in: -12...12)) / 4 }
        }
        made.query = try draw(made.query.count)
        made.key = try draw(made.key.count)
        made.value = try draw(made.value.count)
      }
      return made
    }
  }

  /// Head sizes in use, and such as are no multiple of anything.
  private static let dimensions = [1, 3, 8, 16, 20, 64]

  /// Numbers that follow from a few choices: the spread of the scores, and the kind of the values.
  private static func fill(
    _ made: inout AttentionCase, _ format: FloatFormat, from source: inout ChoiceSource
  ) throws {
    let spread = [1.0, 0.25, 3, 8][try source.integer(in: 0...3)]
    let order = try source.integer(in: 0...2)
    let kind = try source.integer(in: 0...4)
    let distance = try source.integer(in: 0...4)
    let seed = try source.bits(width: 24)
    var random = CounterGenerator(seed: seed, stream: "attention")
    func number(_ size: Double) -> Double { format.rounded(size * random.normal()) }
    // Scores are of the size of the spread where the scale is 1 / sqrt(dimension).
    let size = spread.squareRoot()
    made.query = made.query.map { _ in number(size) }
    made.key = made.key.map { _ in number(size) }
    if order > 0 {
      // Scores that grow towards the last key, or towards the first, along one direction.
      for place in made.key.indices {
        let key = place / made.dimension % max(1, made.keys)
        let rank = order == 1 ? key + 1 : made.keys - key
        let share = Double(rank) / Double(max(1, made.keys))
        made.key[place] = format.rounded(made.key[place] * share * share)
      }
    }
    if distance >= 3 {
      // All scores around 192 or -192, whose exponentials overflow or vanish in float32.
      let size = format.rounded(8 * Double(made.dimension).squareRoot())
      for place in stride(from: 0, to: made.query.count, by: made.dimension) {
        made.query[place] = distance == 3 ? 24 : -24
      }
      for place in stride(from: 0, to: made.key.count, by: made.dimension) {
        made.key[place] = size
      }
    }
    let width = made.valueDimension
    made.value = made.value.indices.map { place in
      switch kind {
      case 0: number(1)
      case 1: format.rounded(abs(random.normal()) + 1)
      // Values that cancel.
      case 2: place / width % 2 == 0 ? number(0.01) + 16 : number(0.01) - 16
      // One that is far larger than the others.
      case 3: place / width % 7 == 3 ? number(100) : number(0.1)
      default: Double(place % 5 - 2)
      }
    }.map { format.rounded($0) }
  }
}

extension AttentionRule {
  /// A rule by chance, with modifiers of some kinds alone.
  init(
    always: Set<ModifierKind>, sometimes: Set<ModifierKind>, from source: inout ChoiceSource
  ) throws {
    /// A number of a list; 0 where the kind is not drawn.
    func draw(_ kind: ModifierKind, upTo last: Int) throws -> Int {
      if always.contains(kind) { return try source.integer(in: 1...last) }
      guard sometimes.contains(kind), try source.boolean(probability: 0.3) else { return 0 }
      return try source.integer(in: 1...last)
    }
    let integers = [
      try draw(.scale, upTo: Self.scales.count - 1),
      try draw(.softcap, upTo: Self.softcaps.count - 1),
      try draw(.causal, upTo: CausalAlignment.allCases.count),
      try draw(.mask, upTo: Mask.allCases.count - 1),
      try draw(.sink, upTo: Sink.allCases.count - 1),
      try source.integer(in: 0...0xFFFF),
    ]
    self = AttentionRule(integers: integers) ?? AttentionRule()
  }
}

extension Generator<AttentionCase> {
  /// The cases as the engine knows them.
  var lawCases: Generator<LawCase> { map(\.lawCase) }
}
