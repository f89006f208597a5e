import AuditedOperations
import FloatFormats
import PropertyTesting

/// Cases of logits with modifiers.
///
/// No logit is larger than 200, so that products with a scale overflow in no format, and none is
/// -inf, which a cap makes a number.
enum ModifiedCases {
  private static let largest = 200.0

  /// Cases of one lane with a rule for some kinds of modifiers.
  ///
  /// - Parameters:
  ///   - always: The kinds that each has.
  ///   - sometimes: The kinds that some have.
  static func lanes(
    _ format: FloatFormat, count: ClosedRange<Int> = 1...60, always: Set<ModifierKind> = [],
    sometimes: Set<ModifierKind> = []
  ) -> Generator<LawCase> {
    let readable = LaneCases.readable(format, count: count)
    return Generator { source in
      let lane = try readable.generate(from: &source)
      // A soft cap shows where logits are large.
      let reach = [1.0, 6, 24][try source.integer(in: 0...2)]
      var made = LawCase(
        lane: lane.map { format.rounded(max(-largest, min(largest, $0 * reach))) })
      var rule = AccompanyingInputs()
      rule.modifiers = try ModifierRule(always: always, sometimes: sometimes, from: &source)
      made.accompanying = rule
      return made
    }
  }
}

extension Generator<LawCase> {
  /// The same lanes, some of them in batches of up to three that differ.
  func inBatches(_ format: FloatFormat) -> Generator<LawCase> {
    Generator { source in
      let single = try generate(from: &source)
      let count = try source.integer(in: 1...3)
      guard count > 1 else { return single }
      let lane = single.lane(0)
      var batch = LawCase(
        lanes: (0..<count).map { number in
          lane.indices.map { format.rounded(lane[($0 + number) % lane.count] + Double(number)) }
        }, arguments: single.arguments)
      batch.accompanying = single.accompanying
      return batch
    }
  }
}

extension ModifierRule {
  /// A rule by chance, with modifiers of some kinds alone.
  init(
    always: Set<ModifierKind>, sometimes: Set<ModifierKind>, from source: inout ChoiceSource
  ) throws {
    /// A number of a list; 0 where the kind is not drawn.
    func draw(_ kind: ModifierKind, upTo last: Int) throws -> Int {
      if always.contains(kind) { return try source.integer(in: 1...last) }
      return sometimes.contains(kind) ? try source.integer(in: 0...last) : 0
    }
    self.init(
      scale: try draw(.scale, upTo: Self.scales.count - 1),
      softcap: try draw(.softcap, upTo: Self.softcaps.count - 1),
      mask: Mask(rawValue: try draw(.mask, upTo: Mask.allCases.count - 1)) ?? .none,
      sink: Sink(rawValue: try draw(.sink, upTo: Sink.allCases.count - 1)) ?? .none,
      seed: try source.integer(in: 0...0xFFFF))
  }
}
