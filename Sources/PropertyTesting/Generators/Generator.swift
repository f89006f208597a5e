/// A recipe that makes a value out of choices.
///
/// Generators say which values there are and roughly how often; they know nothing of shrinking. The
/// shrinker edits the recorded choices and runs the recipe again, so what it finds always satisfies
/// what the recipe promises. The idea, called internal shrinking, is that of Hypothesis and
/// minithesis (D. R. MacIver and A. F. Donaldson, "Test-case reduction via test-case generation:
/// insights from the Hypothesis reducer", ECOOP 2020).
package struct Generator<Value>: Sendable {
  /// Gives the choices by which a generator makes a value, or `nil` where it does not make it.
  package typealias Inverse = @Sendable (Value) -> [ChoiceValue]?

  private let body: @Sendable (inout ChoiceSource) throws -> Value
  private let inverse: Inverse

  /// A generator from a function that draws choices, directly or through other generators.
  ///
  /// - Parameter inverse: The choices for a value, in the order in which the function draws them:
  ///   replayed, they make the same value, bit for bit. Without it no value has any.
  package init(
    inverse: @escaping Inverse = { _ in nil },
    _ body: @escaping @Sendable (inout ChoiceSource) throws -> Value
  ) {
    self.body = body
    self.inverse = inverse
  }

  /// Makes one value.
  package func generate(from source: inout ChoiceSource) throws -> Value { try body(&source) }

  /// Choices by which this generator makes a value; `nil` where it does not make it, or cannot say.
  ///
  /// Of several ways to make it, it is one, and not always the one by which the value was drawn.
  package func choices(for value: Value) -> [ChoiceValue]? { inverse(value) }
}

// MARK: - Composition

extension Generator {
  /// The generator of one value, which takes no choice.
  package static func always(_ value: Value) -> Generator where Value: Sendable {
    Generator { _ in value }
  }

  /// The values of this generator, transformed.
  ///
  /// - Parameter inverse: The value that is transformed into another; `nil` where there is none.
  package func map<Other>(
    inverse: @escaping @Sendable (Other) -> Value? = { _ in nil },
    _ transform: @escaping @Sendable (Value) -> Other
  ) -> Generator<Other> {
    Generator<Other>(inverse: { inverse($0).flatMap(choices(for:)) }) {
      try transform(self.generate(from: &$0))
    }
  }

  /// Values of a generator that depends on a value of this one.
  package func flatMap<Other>(
    _ next: @escaping @Sendable (Value) -> Generator<Other>
  ) -> Generator<Other> {
    Generator<Other> { source in
      try next(self.generate(from: &source)).generate(from: &source)
    }
  }

  /// The values that satisfy a condition; the case is discarded when none of a few attempts does.
  package func filter(
    attempts: Int = 3, _ isIncluded: @escaping @Sendable (Value) -> Bool
  ) -> Generator {
    Generator { source in
      for _ in 0..<attempts {
        let value = try source.span("attempt") { try self.generate(from: &$0) }
        if isIncluded(value) { return value }
        source.discardLastSpan()
      }
      throw Abandonment.discarded(reason: "no value passed a filter in \(attempts) attempts")
    }
  }

  /// A value of one of the generators; the earlier ones are simpler.
  package static func oneOf(_ generators: [Generator]) -> Generator {
    frequency(generators.map { (1, $0) })
  }

  /// A value of one of the generators, drawn with the given weights; the earlier ones are simpler.
  package static func frequency(_ weighted: [(weight: Int, generator: Generator)]) -> Generator {
    let draw = WeightedDraw(weighted.map(\.weight))
    let kind = ChoiceKind.integer(0...Int64(weighted.count - 1), simplest: 0)
    let edges = weighted.indices.map { ChoiceValue.integer(Int64($0)) }
    // The first alternative that makes a value is the simplest.
    let inverse: Inverse = { value in
      for (number, (weight, generator)) in weighted.enumerated() where weight > 0 {
        if let choices = generator.choices(for: value) {
          return [.integer(Int64(number))] + choices
        }
      }
      return nil
    }
    return Generator(inverse: inverse) { source in
      try source.span("alternative") { source in
        let choice = try source.choose(kind, edges: edges) { .integer(Int64(draw.next(&$0))) }
        guard case .integer(let number) = choice else { wrongType(of: choice) }
        return try weighted[Int(number)].generator.generate(from: &source)
      }
    }
  }

  /// One of the values; the earlier ones are simpler.
  package static func element(of values: [Value]) -> Generator where Value: Sendable {
    precondition(!values.isEmpty, "there is no element to draw")
    return Generator<Int>.integer(in: 0...values.count - 1).map { values[$0] }
  }

  /// Values of a recipe that refers to itself, to the given depth at most; at the end of it stands
  /// `base`.
  package static func recursive(
    depth: Int, base: Generator, _ deeper: @escaping @Sendable (Generator) -> Generator
  ) -> Generator {
    guard depth > 0 else { return base }
    return .oneOf([base, deeper(recursive(depth: depth - 1, base: base, deeper))])
  }
}

/// Pairs of independent values.
package func pairs<First, Second>(
  _ first: Generator<First>, _ second: Generator<Second>
) -> Generator<(First, Second)> {
  let inverse: Generator<(First, Second)>.Inverse = { pair in
    guard let left = first.choices(for: pair.0) else { return nil }
    return second.choices(for: pair.1).map { left + $0 }
  }
  return Generator(inverse: inverse) { source in
    let left = try first.generate(from: &source)
    return (left, try second.generate(from: &source))
  }
}
