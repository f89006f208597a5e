import FloatFormats

/// The reason why a generator stopped before it had a value.
package enum Abandonment: Error, Hashable, Sendable {
  /// The generator, or the property, has no use for what was drawn.
  case discarded(reason: String)
  /// The choices to replay were used up, or the limit on their number was reached.
  case overrun
}

/// The source that generators draw their decisions from, and the record of these.
///
/// A source first replays the values it was given; what it does after them makes the phases differ:
/// draw at random, take edge values, take the simplest values, or stop.
package struct ChoiceSource {
  /// The rule for the choices after the replayed values.
  enum Continuation {
    case random(CounterGenerator)
    /// Every choice takes the edge value of this number, counted round.
    case edges(Int)
    case simplest
    case stop
  }

  private let replayed: [ChoiceValue]
  private var continuation: Continuation
  private let limit: Int
  private(set) var choices: [RecordedChoice] = []
  private(set) var spans: [Span] = []
  private var openSpan: Int?

  init(replaying values: [ChoiceValue] = [], then continuation: Continuation, limit: Int) {
    replayed = values
    self.continuation = continuation
    self.limit = limit
    choices.reserveCapacity(min(max(values.count, 16), limit))
  }

  /// Makes one decision.
  ///
  /// - Parameters:
  ///   - kind: what may come out.
  ///   - edges: values worth trying each; those that the kind does not permit are passed over.
  ///   - sample: draws a permitted value at random.
  package mutating func choose(
    _ kind: ChoiceKind, edges: [ChoiceValue] = [],
    sample: (inout CounterGenerator) -> ChoiceValue
  ) throws -> ChoiceValue {
    guard choices.count < limit else { throw Abandonment.overrun }
    let value: ChoiceValue
    if choices.count < replayed.count {
      value = kind.repaired(replayed[choices.count])
    } else {
      switch continuation {
      case .random(var random):
        value = kind.repaired(sample(&random))
        continuation = .random(random)
      case .edges(let number):
        let edge = edges.isEmpty ? kind.simplest : edges[number % edges.count]
        value = kind.repaired(edge)
      case .simplest: value = kind.simplest
      case .stop: throw Abandonment.overrun
      }
    }
    choices.append(RecordedChoice(kind: kind, value: value))
    return value
  }

  /// Groups the choices that the body makes.
  package mutating func span<Value>(
    _ label: String, _ body: (inout ChoiceSource) throws -> Value
  ) rethrows -> Value {
    let number = spans.count
    let parent = openSpan
    spans.append(Span(label: label, start: choices.count, end: choices.count, parent: parent))
    openSpan = number
    defer {
      spans[number].end = choices.count
      openSpan = parent
    }
    return try body(&self)
  }

  /// Marks the last span that was closed inside the open one as made in vain; the shrinker drops
  /// such spans first.
  mutating func discardLastSpan() {
    if let last = lastClosedSpan { spans[last].isDiscarded = true }
  }

  /// Names the last span that was closed inside the open one anew, when what it is shows only at
  /// its end.
  mutating func relabelLastSpan(_ label: String) {
    if let last = lastClosedSpan { spans[last].label = label }
  }

  private var lastClosedSpan: Int? { spans.lastIndex { $0.parent == openSpan } }
}

// MARK: - Decisions by type

extension ChoiceSource {
  /// An integer of a range, uniformly; the shrinker moves it towards `simplest`.
  ///
  /// Without `simplest`, that is the integer of the range nearest to 0.
  package mutating func integer(in range: ClosedRange<Int>, simplest: Int? = nil) throws -> Int {
    let bounds = Int64(range.lowerBound)...Int64(range.upperBound)
    let origin = Int64(simplest ?? min(max(0, range.lowerBound), range.upperBound))
    let kind = ChoiceKind.integer(bounds, simplest: origin)
    // The array is made where it is used alone: this is the innermost loop of most generators.
    var edges: [ChoiceValue] = []
    if case .edges = continuation {
      edges = [.integer(origin), .integer(bounds.upperBound), .integer(bounds.lowerBound)]
    }
    let value = try choose(kind, edges: edges) { kind.randomValue(&$0) }
    guard case .integer(let number) = value else { wrongType(of: value) }
    return Int(number)
  }

  /// True with the given probability; false is simpler.
  package mutating func boolean(probability: Double = 0.5) throws -> Bool {
    var edges: [ChoiceValue] = []
    if case .edges = continuation { edges = [.boolean(false), .boolean(true)] }
    let value = try choose(.boolean(probability: probability), edges: edges) { random in
      .boolean(random.uniform() < probability)
    }
    return value == .boolean(true)
  }

  /// An unsigned integer of the given number of bits, uniformly.
  package mutating func bits(width: Int = 64) throws -> UInt64 {
    precondition((1...64).contains(width), "a word of bits has 1 to 64 of them")
    let kind = ChoiceKind.bits(width: width)
    var edges: [ChoiceValue] = []
    if case .edges = continuation {
      edges = [.bits(0), .bits(UInt64.max >> UInt64(64 - width)), .bits(1)]
    }
    let value = try choose(kind, edges: edges) { kind.randomValue(&$0) }
    guard case .bits(let word) = value else { wrongType(of: value) }
    return word
  }
}
