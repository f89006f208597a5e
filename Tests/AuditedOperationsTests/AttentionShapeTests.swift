import AuditedOperations
import Basics
import Testing

/// The sizes of attention, its rows, and what hides keys.
@Suite("Shapes of attention")
struct AttentionShapeTests {
  @Test("Grouped heads read the head of keys that their group shares")
  func groupedHeads() throws {
    let shape = try AttentionShape(query: [2, 4, 3, 8], key: [2, 2, 5, 8], value: [2, 2, 5, 6])
    #expect(shape.rowCount == 24 && shape.keyHeadCount == 4)
    #expect(shape.output == [2, 4, 3, 6] && shape.logSumExp == [2, 4, 3])
    #expect(shape.scores == [2, 4, 3, 5])
    let places = (0..<24).map { shape.place(ofRow: $0) }
    #expect(places[17].batch == 1 && places[17].head == 1 && places[17].query == 2)
    let heads = (0..<4).flatMap { [Int](repeating: $0, count: 6) }
    #expect((0..<24).map { shape.keyHead(ofRow: $0) } == heads)
  }

  @Test("Tensors may lack the batch, or batch and heads")
  func fewerDimensions() throws {
    let heads = try AttentionShape(query: [4, 3, 8], key: [1, 5, 8], value: [1, 5, 6])
    #expect(heads.batch == 1 && heads.heads == 4 && heads.output == [4, 3, 6])
    let plain = try AttentionShape(query: [3, 8], key: [0, 8], value: [0, 6])
    #expect(plain.keys == 0 && plain.output == [3, 6] && plain.logSumExp == [3])
  }

  @Test(
    "Shapes that do not fit are told in one sentence",
    arguments: [
      ([3, 8], [1, 5, 8], [5, 8], "each is (batch"),
      ([2, 4, 3, 8], [1, 4, 5, 8], [2, 4, 5, 8], "batches differ"),
      ([4, 3, 8], [2, 5, 8], [4, 5, 8], "key and value differ in heads"),
      ([4, 3, 8], [3, 5, 8], [3, 5, 8], "no multiple"),
      ([3, 8], [5, 8], [6, 8], "key and value differ in length"),
      ([3, 8], [5, 7], [5, 8], "query and key differ in the last"),
      ([3, 0], [5, 0], [5, 8], "queries have no number"),
      ([3], [3], [3], "each is (batch"),
    ])
  func refusals(_ query: [Int], _ key: [Int], _ value: [Int], _ reason: String) throws {
    let error = #expect(throws: UserError.self) {
      _ = try AttentionShape(query: query, key: key, value: value)
    }
    #expect(error?.kind == .malformedInput && error?.message.contains(reason) == true)
  }

  @Test("A causal mask hides the keys behind a query, in either alignment")
  func causalRows() throws {
    let shape = try AttentionShape(query: [2, 2, 1], key: [1, 3, 1], value: [1, 3, 1])
    var modifiers = AttentionModifiers(causal: .bottomRight, sinks: [0.5, -.infinity])
    let hidden = -Double.infinity
    #expect(modifiers.row(0, of: shape).mask == [0, 0, hidden])
    #expect(modifiers.row(3, of: shape).mask == [0, 0, 0])
    #expect(modifiers.row(1, of: shape).sink == 0.5 && modifiers.row(2, of: shape).sink == hidden)
    modifiers.causal = .topLeft
    #expect(modifiers.row(2, of: shape).mask == [0, hidden, hidden])
  }

  @Test("A mask of queries and keys repeats for every head, and is stored once")
  func masksRepeat() throws {
    let shape = try AttentionShape(query: [2, 2, 1], key: [1, 3, 1], value: [1, 3, 1])
    let mask = try RepeatedNumbers(
      [1, 2, 3, 4, 5, 6], of: [2, 3], to: shape.scores, name: "the mask")
    let modifiers = AttentionModifiers(mask: mask)
    let (first, second) = ([1.0, 2, 3], [4.0, 5, 6])
    #expect(
      (0..<4).map { modifiers.row($0, of: shape).mask } == [first, second, first, second])
    let perHead = try RepeatedNumbers([7, 8], of: [2, 1, 1], to: shape.scores, name: "the mask")
    #expect(perHead.run(at: 3, count: 6) == [7, 7, 7, 8, 8, 8])
    #expect(throws: UserError.self) {
      _ = try RepeatedNumbers([1, 2], of: [2], to: shape.scores, name: "the mask")
    }
  }

  @Test("Sinks are as many as heads, and no NaN")
  func sinksAreChecked() throws {
    let shape = try AttentionShape(query: [2, 2, 1], key: [1, 3, 1], value: [1, 3, 1])
    #expect(throws: UserError.self) { try AttentionModifiers(sinks: [1]).check(shape) }
    #expect(throws: UserError.self) { try AttentionModifiers(sinks: [1, .nan]).check(shape) }
    try AttentionModifiers(sinks: [1, 2]).check(shape)
  }
}
