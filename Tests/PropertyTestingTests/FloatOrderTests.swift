import FloatFormats
import PropertyTesting
import Testing

@Suite("FloatOrder")
struct FloatOrderTests {
  @Test(arguments: [FloatFormat.float16, .bfloat16])
  func `ranks and encodings of a 16-bit format correspond one to one`(format: FloatFormat) {
    let order = FloatOrder(format)
    #expect(order.lastRank == 0xFFFF)
    var seen = [Bool](repeating: false, count: 0x1_0000)
    var mistakes = 0
    for bits in UInt64(0)...0xFFFF {
      let rank = order.rank(of: bits)
      guard rank <= 0xFFFF, !seen[Int(rank)], order.bits(at: rank) == bits else {
        mistakes += 1
        continue
      }
      seen[Int(rank)] = true
    }
    #expect(mistakes == 0)
  }

  @Test(arguments: [FloatFormat.float32, .float64])
  func `ranks and encodings of a wide format correspond at random and at the seams`(
    format: FloatFormat
  ) {
    let order = FloatOrder(format)
    var random = CounterGenerator(seed: 1, stream: "float order")
    var words = (0..<20_000).map { _ in random.next() >> UInt64(random.integer(0...63)) }
    for exponent in 0..<64 { words += [1 << UInt64(exponent), (1 << UInt64(exponent)) - 1] }
    words = words.filter { $0 <= order.lastRank } + [0, order.lastRank]
    #expect(words.allSatisfy { order.bits(at: order.rank(of: $0)) == $0 })
    #expect(words.allSatisfy { order.rank(of: order.bits(at: $0)) == $0 })
  }

  struct Promises: FormatGenericWork {
    let format: FloatFormat

    func run<F: BinaryFloat>(_ type: F.Type) -> [Bool] {
      let order = FloatOrder(format)
      func ranks(_ values: [F]) -> [UInt64] { values.map { order.rank(of: UInt64($0.bitPattern)) } }
      func number(_ value: Double) -> F { F(rounding: value) }
      let last = F.one.scaled(byPowerOfTwo: F.format.precision) - F.one
      let walk: [F] = [
        .zero, .one, number(2), number(3), number(100), last,
        number(0.5), number(1.5), number(10.5), number(0.25), number(0.75), number(1.25),
        number(0.125), number(1).nextUp, last + .one, F.greatestFinite,
        number(0.1), F.leastNormal, F.leastSubnormal, .infinity, .nan, -F.zero, -F.one, -number(2),
        -number(0.5), -F.greatestFinite, -F.leastSubnormal, -F.infinity,
      ]
      let found = ranks(walk)
      return [
        found == found.sorted(), Set(found).count == found.count,
        ranks([.zero, .one, number(2)]) == [0, 1, 2],
      ]
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `integers come before halves, quarters, the large, the tiny, infinity, NaN and negatives`(
    format: FloatFormat
  ) throws {
    #expect(try format.open(Promises(format: format)) == [true, true, true])
  }

  @Test(arguments: [FloatFormat.float16, .bfloat16])
  func `what the groups promise holds for every pair of neighbours of a 16-bit format`(
    format: FloatFormat
  ) throws {
    struct Neighbours: FormatGenericWork {
      func run<F: BinaryFloat>(_ type: F.Type) -> Int {
        let order = FloatOrder(F.format)
        func group(_ x: F) -> Int {
          if x.isNaN { return 6 }
          if x.isInfinite { return 5 }
          let value = x.exactDouble
          let limit = Double(1 << F.format.precision)
          if value == value.rounded() { return value < limit ? 1 : 3 }
          let coarse = (value * limit / 2)
          return coarse == coarse.rounded() ? 2 : 4
        }
        var mistakes = 0
        for rank in UInt64(1)..<0x8000 {
          let before = F(bitPattern: F.BitPattern(order.bits(at: rank - 1)))
          let after = F(bitPattern: F.BitPattern(order.bits(at: rank)))
          let (first, second) = (group(before), group(after))
          var isRight = first <= second
          if first == second, first == 1 || first == 3 { isRight = before < after }
          let mirrored = F(bitPattern: F.BitPattern(order.bits(at: rank + 0x8000)))
          if after.isNaN {
            isRight = isRight && mirrored.isNaN && mirrored.isNegative
          } else {
            isRight = isRight && mirrored == -after
          }
          if !isRight { mistakes += 1 }
        }
        return mistakes
      }
    }
    #expect(try format.open(Neighbours()) == 0)
  }

  @Test func `the simplest float between two bounds is the one a reader would name`() {
    func simplest(_ low: Double, _ high: Double) -> Double {
      Double(bitPattern: FloatConstraint(from: low, to: high).simplest)
    }
    #expect(simplest(1.1, 1.6) == 1.5)
    #expect(simplest(0.3, 0.4) == 0.375)
    #expect(simplest(-5, 7) == 0)
    #expect(simplest(2.5, 7) == 3)
    #expect(simplest(-7, -2.5) == -3)
    #expect(simplest(1e300, 1e301) == 1e300)
    #expect(simplest(0x1p-1074, 0x1p-1070) == 0x1p-1070)
    #expect(simplest(.infinity, .infinity) == .infinity)
  }

  @Test(arguments: [FloatFormat.float16, .bfloat16])
  func `the simplest float of an interval is the least of all its ranks`(format: FloatFormat) throws
  {
    struct Intervals: FormatGenericWork {
      func run<F: BinaryFloat>(_ type: F.Type) -> Int {
        let order = FloatOrder(F.format)
        var random = CounterGenerator(seed: 7, stream: "intervals")
        var mistakes = 0
        let infinity = F.infinity.orderedIndex
        for trial in 0..<60 {
          let start = Int64(random.integer(Int(-1 - infinity)...Int(infinity)))
          let width = Int64(random.integer(0...(trial % 2 == 0 ? 40 : 4000)))
          let end = min(start + width, infinity)
          let constraint = FloatConstraint(
            from: F(orderedIndex: start), to: F(orderedIndex: end),
            classes: [.finite, .infinite])
          let least = (start...end).map {
            order.rank(of: UInt64(F(orderedIndex: $0).bitPattern))
          }.min()
          if order.rank(of: constraint.simplest) != least { mistakes += 1 }
        }
        return mistakes
      }
    }
    #expect(try format.open(Intervals()) == 0)
  }
}
