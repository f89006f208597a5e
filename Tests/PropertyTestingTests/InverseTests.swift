import FloatFormats
import PropertyTesting
import Testing

@Suite("The inverse of a generator")
struct InverseTests {
  /// What a generator makes of choices, which it must use up.
  private func replay<Value: Sendable>(
    _ choices: [ChoiceValue], of generator: Generator<Value>
  ) throws -> Value {
    let property = Property<Value>("any", for: generator) { _, _ in .passed }
    return try PropertyRunner().replay(choices, of: property).value
  }

  /// Values are drawn, inverted and made again; the encodings have to be the same.
  private struct RoundTrip: FormatGenericWork {
    let tests: InverseTests
    let count: ClosedRange<Int>
    let hasOffset: Bool

    func run<F: BinaryFloat>(_ type: F.Type) throws -> (made: Int, impossible: Int) {
      let lanes = Generator<[F]>.lane(
        of: .float(from: -F.infinity, to: F.greatestFinite, classes: [.finite, .infinite]),
        count: count,
        offset: hasOffset ? .float(classes: .finite) : nil)
      var counts = (made: 0, impossible: 0)
      for lane in lanes.samples(60, seed: 5) {
        guard let choices = lanes.choices(for: lane) else {
          // A sum with an offset may have left the range of the elements.
          #expect(hasOffset && lane.contains { $0 == F.infinity || $0.isNaN })
          counts.impossible += 1
          continue
        }
        let again = try tests.replay(choices, of: lanes)
        #expect(again.map(\.bitPattern) == lane.map(\.bitPattern))
        counts.made += 1
      }
      return counts
    }
  }

  @Test(
    arguments: FloatFormat.allCases,
    [0...0, 0...3, 1...1, 2...40, 1...300] as [ClosedRange<Int>])
  func `lanes come back from their choices, bit for bit`(
    format: FloatFormat, count: ClosedRange<Int>
  ) throws {
    for hasOffset in [false, true] {
      let work = RoundTrip(tests: self, count: count, hasOffset: hasOffset)
      let counts = try format.open(work)
      #expect(counts.made > 40)
      #expect(hasOffset || counts.impossible == 0)
    }
  }

  @Test func `a lane is its length, its most frequent value and those that differ, zeros by sign`()
  {
    func float(_ value: Float) -> ChoiceValue { .float(.float32, bits: UInt64(value.bitPattern)) }
    let lanes = Generator<[Float]>.lane(of: .float(classes: .finite), count: 1...4)
    #expect(
      lanes.choices(for: [3, -2.5, 3, 100]) == [
        .integer(4), float(3), .boolean(true), .integer(1), float(-2.5), .boolean(true),
        .integer(3), float(100), .boolean(false),
      ])
    #expect(
      lanes.choices(for: [0, -0.0]) == [
        .integer(2), float(0), .boolean(true), .integer(1), float(-0.0), .boolean(false),
      ])
    #expect(lanes.choices(for: []) == nil)
    #expect(lanes.choices(for: [1, 2, 3, 4, 5]) == nil)
    #expect(lanes.choices(for: [1, .infinity]) == nil)
  }

  @Test func `what is composed of generators comes back, and what they do not make has no choices`()
    throws
  {
    let numbers = Generator<Int>.integer(in: -5...5)
    let words = Generator<UInt64>.bits(width: 3)
    let truths = Generator<Bool>.boolean()
    let lists = Generator.array(of: pairs(numbers, pairs(words, truths)), count: 1...4)
    for list in lists.samples(40, seed: 3) {
      let choices = try #require(lists.choices(for: list))
      let again = try replay(choices, of: lists)
      #expect(again.map(\.0) == list.map(\.0))
      #expect(again.map(\.1.0) == list.map(\.1.0))
      #expect(again.map(\.1.1) == list.map(\.1.1))
    }
    #expect(lists.choices(for: []) == nil)
    #expect(lists.choices(for: [(6, (0, true))]) == nil)
    #expect(lists.choices(for: [(0, (8, true))]) == nil)
    #expect(Generator<Bool>.boolean(probability: 1).choices(for: false) == nil)
  }

  @Test func `of alternatives the first that makes a value is taken, and never one of weight 0`() {
    let small = Generator<Int>.integer(in: 0...9)
    let large = Generator<Int>.integer(in: 0...99)
    let either = Generator<Int>.frequency([(0, small), (1, small), (3, large)])
    #expect(either.choices(for: 7) == [.integer(1), .integer(7)])
    #expect(either.choices(for: 70) == [.integer(2), .integer(70)])
    #expect(either.choices(for: 700) == nil)
  }

  @Test func `a transformed value comes back where the transformation has an inverse`() {
    let even = Generator<Int>.integer(in: 0...9).map(inverse: { $0 % 2 == 0 ? $0 / 2 : nil }) {
      2 * $0
    }
    #expect(even.choices(for: 8) == [.integer(4)])
    #expect(even.choices(for: 7) == nil)
    #expect(even.choices(for: 20) == nil)
    #expect(Generator<Int>.integer(in: 0...9).map { $0 + 1 }.choices(for: 1) == nil)
  }
}
