import FloatFormats
import PropertyTesting
import Testing

/// What a person would want to see is what shrinking must reach.
@Suite("Shrinking of floats and arrays")
struct FloatShrinkingTests {
  /// The simplest value of a format for which a condition on its number holds.
  struct Simplest: FormatGenericWork {
    let seed: UInt64
    let condition: @Sendable (Double) -> Bool

    func run<F: BinaryFloat>(_ type: F.Type) -> Double? {
      let property = Property("condition", for: Generator<F>.float()) { [condition] value, _ in
        .require(!condition(value.exactDouble), "holds")
      }
      return minimal(property, seed: seed, cases: 5000)?.exactDouble
    }
  }

  func simplest(
    _ format: FloatFormat, _ condition: @escaping @Sendable (Double) -> Bool
  ) throws -> [Double] {
    try seeds.compactMap { try format.open(Simplest(seed: $0, condition: condition)) }
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure above 1 shrinks to 2`(format: FloatFormat) throws {
    #expect(try simplest(format) { $0 > 1 } == [2, 2, 2, 2, 2])
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure below -1 shrinks to -2`(format: FloatFormat) throws {
    #expect(try simplest(format) { $0 < -1 } == [-2, -2, -2, -2, -2])
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure of all finite numbers shrinks to 0`(format: FloatFormat) throws {
    #expect(try simplest(format) { $0.isFinite } == [0, 0, 0, 0, 0])
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure between 0 and 1 shrinks to a half`(format: FloatFormat) throws {
    #expect(try simplest(format) { 0 < $0 && $0 < 1 } == [0.5, 0.5, 0.5, 0.5, 0.5])
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure below a thousandth shrinks to a power of two`(format: FloatFormat) throws {
    let expected = 0x1p-10
    #expect(
      try simplest(format) { 0 < $0 && $0 < 0.001 }
        == [expected, expected, expected, expected, expected])
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure of subnormals shrinks to a power of two`(format: FloatFormat) throws {
    let limit = format.leastNormal
    let found = try simplest(format) { 0 < $0 && $0 < limit }
    #expect(found == [Double](repeating: limit / 2, count: 5))
  }

  @Test(arguments: FloatFormat.allCases)
  func `a failure of NaN shrinks to NaN, and one of infinity to infinity`(format: FloatFormat)
    throws
  {
    let nans = try simplest(format) { $0.isNaN }
    #expect(nans.count == 5 && nans.allSatisfy(\.isNaN))
    let infinities = try simplest(format) { $0.isInfinite }
    #expect(infinities == [Double](repeating: .infinity, count: 5))
  }

  @Test func `a failure that needs no whole number keeps few binary places`() throws {
    #expect(try simplest(.float32) { $0 > 2.3 && $0 < 2.9 } == [2.5, 2.5, 2.5, 2.5, 2.5])
    #expect(
      try simplest(.float64) { $0 > 2.3 && $0 < 2.45 } == [Double](repeating: 2.375, count: 5))
  }

  @Test(arguments: seeds)
  func `a bounded float shrinks as well as an unbounded one`(seed: UInt64) throws {
    let property = Property("fails", for: Generator<Double>.float(from: 1.1, to: 1.6)) { _, _ in
      .failed(reason: "always")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == 1.5)
  }

  @Test(arguments: seeds)
  func `an array with an element above 100 shrinks to that element`(seed: UInt64) throws {
    let property = Property("below 100", for: .array(of: Generator<Float>.float())) { array, _ in
      .require(!array.contains { $0 > 100 }, "an element is large")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [101])
  }

  @Test(arguments: seeds)
  func `a list with a sum above 1000 shrinks to one number`(seed: UInt64) throws {
    let property = Property("sum", for: .array(of: .integer(in: 0...10_000))) { list, _ in
      .require(list.reduce(0, +) <= 1000, "the sum is large")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [1001])
  }

  @Test(arguments: seeds)
  func `where one number cannot carry the sum, the later one carries most`(seed: UInt64) throws {
    let property = Property("sum", for: .array(of: .integer(in: 0...1000))) { list, _ in
      .require(list.reduce(0, +) <= 1000, "the sum is large")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [1, 1000])
  }

  @Test(arguments: seeds)
  func `a lane that fails because it is long shrinks to equal values of the least length`(
    seed: UInt64
  ) throws {
    let property = Property(
      "long", for: .lane(of: Generator<Float>.float(), count: 1...300)
    ) { lane, _ in .require(lane.count < 50, "long") }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [Float](repeating: 0, count: 50))
  }

  @Test(arguments: seeds)
  func `a lane that fails for one element shrinks to that element`(seed: UInt64) throws {
    let property = Property(
      "large", for: .lane(of: Generator<BFloat16>.float(), count: 1...300)
    ) { lane, _ in .require(!lane.contains { $0.exactDouble > 88 }, "large") }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest.map(\.exactDouble) == [89])
  }

  @Test(arguments: seeds)
  func `a lane that fails for an element that differs from the others keeps two`(
    seed: UInt64
  ) throws {
    let property = Property(
      "spread", for: .lane(of: Generator<Double>.float(classes: .finite), count: 1...100)
    ) { lane, _ in
      .require((lane.max() ?? 0) - (lane.min() ?? 0) <= 10, "spread")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [11, 0])
  }

  @Test(arguments: seeds)
  func `equal floats are lowered together`(seed: UInt64) throws {
    let property = Property(
      "twins", for: .array(of: Generator<Float16>.float(from: 0, to: 20), count: 0...12)
    ) { array, _ in
      let twins = Dictionary(grouping: array, by: \.self).contains {
        $0.key > 4 && $0.value.count > 1
      }
      return .require(!twins, "twins above 4")
    }
    let simplest = try #require(minimal(property, seed: seed))
    #expect(simplest == [5, 5])
  }
}
