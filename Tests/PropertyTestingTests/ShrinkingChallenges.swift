import PropertyTesting
import Testing

/// The problems of the public collection "shrinking-challenge", with the minimal failures known for
/// them.
///
/// J. Link and others collected them, and compare a number of libraries by them.
@Suite("Shrinking challenges")
struct ShrinkingChallenges {
  private static let integers = Generator<Int>.integer(in: -32768...32767)

  @Test(arguments: seeds)
  func `bound 5: five lists, of which two elements remain`(seed: UInt64) throws {
    let list = Generator.array(of: Self.integers, count: 0...10)
    let property = Property("bound 5", for: .array(of: list, count: 5...5)) { lists, _ in
      func sum(_ list: [Int]) -> Int16 { list.reduce(0) { $0 &+ Int16($1) } }
      guard lists.allSatisfy({ sum($0) < 256 }) else { return .discarded(reason: "sums") }
      return .require(sum(lists.flatMap(\.self)) < 5 * 256, "the sum is large")
    }
    let simplest = try #require(minimal(property, seed: seed, cases: 20_000))
    #expect(simplest.flatMap(\.self).sorted() == [-32768, -1], "\(simplest)")
  }

  @Test(arguments: seeds)
  func `large union list: the elements end in one list, and are the simplest`(seed: UInt64) throws {
    let property = Property(
      "large union list",
      for: .array(of: .array(of: .integer(in: -1_000_000...1_000_000)))
    ) { lists, _ in
      .require(Set(lists.flatMap(\.self)).count <= 4, "more than four distinct elements")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [[0, 1, -1, 2, -2]])
  }

  @Test(arguments: seeds)
  func `reverse: the simplest list that is no palindrome`(seed: UInt64) throws {
    let property = Property("reverse", for: .array(of: Self.integers)) { list, _ in
      .require(list == list.reversed(), "not a palindrome")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [0, 1])
  }

  indirect enum Expression: Sendable, CustomStringConvertible {
    case number(Int)
    case sum(Expression, Expression)
    case quotient(Expression, Expression)

    var description: String {
      switch self {
      case .number(let value): "\(value)"
      case .sum(let a, let b): "(\(a) + \(b))"
      case .quotient(let a, let b): "(\(a) / \(b))"
      }
    }

    /// Whether no quotient has the number 0 itself as divisor.
    var hasNoLiteralZeroDivisor: Bool {
      switch self {
      case .number: true
      case .sum(let a, let b): a.hasNoLiteralZeroDivisor && b.hasNoLiteralZeroDivisor
      case .quotient(_, .number(0)): false
      case .quotient(let a, let b): a.hasNoLiteralZeroDivisor && b.hasNoLiteralZeroDivisor
      }
    }

    var value: Int? {
      switch self {
      case .number(let value): return value
      case .sum(let a, let b):
        guard let left = a.value, let right = b.value else { return nil }
        return left + right
      case .quotient(let a, let b):
        guard let left = a.value, let right = b.value, right != 0 else { return nil }
        return left / right
      }
    }
  }

  @Test(arguments: seeds)
  func `calculator: a division by a sum that is 0`(seed: UInt64) throws {
    let numbers = Generator<Int>.integer(in: -10...10).map { Expression.number($0) }
    let expressions = Generator<Expression>.recursive(depth: 5, base: numbers) { deeper in
      .oneOf([
        pairs(deeper, deeper).map { .sum($0, $1) },
        pairs(deeper, deeper).map { .quotient($0, $1) },
      ])
    }
    let property = Property("calculator", for: expressions) { expression, _ in
      guard expression.hasNoLiteralZeroDivisor else { return .discarded(reason: "literal 0") }
      return .require(expression.value != nil, "division by 0")
    }
    let simplest = try #require(minimal(property, seed: seed, cases: 5000))
    #expect("\(simplest)" == "(0 / (0 + 0))")
  }

  @Test(arguments: seeds)
  func `length list: a length drawn ahead of the elements`(seed: UInt64) throws {
    let element = Generator<Int>.integer(in: 0...1000)
    let lists = Generator<Int>.integer(in: 1...100).flatMap { length in
      Generator { source in
        try (0..<length).map { _ in try element.generate(from: &source) }
      }
    }
    let property = Property("length list", for: lists) { list, _ in
      .require(list.allSatisfy { $0 < 900 }, "an element is large")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [900])
  }

  private static func difference(
    _ name: String, isForbidden: @escaping @Sendable (Int) -> Bool
  ) -> Property<[Int]> {
    let numbers = Generator<Int>.integer(in: 0...200)
    let couples = Generator { source in
      [try numbers.generate(from: &source), try numbers.generate(from: &source)]
    }
    return Property(name, for: couples) { pair, _ in
      .require(pair[0] < 10 || !isForbidden(abs(pair[0] - pair[1])), "difference")
    }
  }

  @Test(arguments: seeds)
  func `difference: two numbers that must be equal`(seed: UInt64) throws {
    let property = Self.difference("must not be zero") { $0 == 0 }
    let simplest = try #require(minimal(property, seed: seed, cases: 5000))
    #expect(simplest == [10, 10])
  }

  @Test(arguments: seeds)
  func `difference: two numbers that must be close`(seed: UInt64) throws {
    let property = Self.difference("must not be small") { (1...4).contains($0) }
    let simplest = try #require(minimal(property, seed: seed, cases: 5000))
    #expect(simplest == [10, 6])
  }

  @Test(arguments: seeds)
  func `difference: two numbers that must be neighbours`(seed: UInt64) throws {
    let property = Self.difference("must not be one") { $0 == 1 }
    let simplest = try #require(minimal(property, seed: seed, cases: 5000))
    #expect(simplest == [10, 9])
  }

  @Test(arguments: seeds)
  func `coupling: two elements that point at each other`(seed: UInt64) throws {
    let property = Property(
      "coupling", for: .array(of: .integer(in: 0...10), count: 0...11)
    ) { list, _ in
      guard list.allSatisfy({ $0 < list.count }) else { return .discarded(reason: "outside") }
      let points = list.indices.contains { list[$0] != $0 && list[list[$0]] == $0 }
      return .require(!points, "a cycle of two")
    }
    let simplest = try #require(minimal(property, seed: seed, cases: 5000))
    #expect(simplest == [1, 0])
  }

  @Test(arguments: seeds)
  func `distinct: three different elements`(seed: UInt64) throws {
    let property = Property("distinct", for: .array(of: Self.integers)) { list, _ in
      .require(Set(list).count < 3, "three distinct elements")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [0, 1, -1])
  }

  @Test(arguments: seeds)
  func `nested lists: the lengths add up to eleven, in one list of zeros`(seed: UInt64) throws {
    let property = Property(
      "nested lists", for: .array(of: .array(of: Self.integers))
    ) { lists, _ in
      .require(lists.reduce(0) { $0 + $1.count } <= 10, "more than ten elements")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [[Int](repeating: 0, count: 11)])
  }

  @Test(arguments: seeds)
  func `deletion: an element that is still there after its removal`(seed: UInt64) throws {
    struct Removal: Sendable, Equatable {
      let list: [Int]
      let index: Int
    }
    let removals = Generator.array(of: .integer(in: 0...20), count: 1...20).flatMap { list in
      Generator<Int>.integer(in: 0...list.count - 1).map { Removal(list: list, index: $0) }
    }
    let property = Property("deletion", for: removals) { removal, _ in
      var rest = removal.list
      let element = rest.remove(at: removal.index)
      return .require(!rest.contains(element), "still there")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == Removal(list: [0, 0], index: 0))
  }

  /// A heap as a tree; the tester knows how to make one that is in order.
  indirect enum Heap: Sendable, CustomStringConvertible {
    case empty
    case node(Int, Heap, Heap)

    var description: String {
      switch self {
      case .empty: "-"
      case .node(let value, let left, let right): "(\(value) \(left) \(right))"
      }
    }

    var elements: [Int] {
      if case .node(let value, let left, let right) = self {
        [value] + left.elements + right.elements
      } else {
        []
      }
    }

    static func merge(_ a: Heap, _ b: Heap) -> Heap {
      switch (a, b) {
      case (.empty, _): b
      case (_, .empty): a
      case (.node(let x, let left, let right), .node(let y, let otherLeft, let otherRight)):
        x <= y
          ? .node(x, merge(right, b), left) : .node(y, merge(otherRight, a), otherLeft)
      }
    }

    /// Wrong on purpose: the elements of the merged heap are to be taken off one by one.
    var brokenSorted: [Int] {
      guard case .node(let value, let left, let right) = self else { return [] }
      return [value] + Heap.merge(left, right).elements
    }
  }

  @Test(arguments: seeds)
  func `binary heap: three or four nodes with two values`(seed: UInt64) throws {
    @Sendable func heap(
      _ source: inout ChoiceSource, from least: Int, depth: Int
    ) throws -> Heap {
      try source.span("heap") { source in
        guard try source.boolean(probability: depth > 0 ? 0.6 : 0) else { return .empty }
        let value = try source.integer(in: least...20)
        let left = try heap(&source, from: value, depth: depth - 1)
        return .node(value, left, try heap(&source, from: value, depth: depth - 1))
      }
    }
    let heaps = Generator { try heap(&$0, from: 0, depth: 5) }
    let property = Property("binary heap", for: heaps) { heap, _ in
      .require(heap.brokenSorted == heap.elements.sorted(), "not sorted")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(3...4 ~= simplest.elements.count, "\(simplest)")
    #expect(Set(simplest.elements) == [0, 1])
  }
}
