import MultiPrecision
import TestSupport
import Testing

@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Exact sums")
struct ExactSumTests {
  private enum Piece {
    case small(UInt64)
    case large(UInt128)
    case scaled(UInt64, Int)

    func add(to sum: inout ExactSum) {
      switch self {
      case .small(let value): sum.add(value)
      case .large(let value): sum.add(value)
      case .scaled(let significand, let exponent): sum.add(significand, timesPowerOfTwo: exponent)
      }
    }

    func add(to sum: inout BigFloat) {
      switch self {
      case .small(let value): sum.formSum(BigFloat(integer: value), .toNearestOrEven)
      case .large(let value): sum.formSum(BigFloat(value, timesPowerOfTwo: 0), .toNearestOrEven)
      case .scaled(let significand, let exponent):
        sum.formSum(BigFloat(UInt128(significand), timesPowerOfTwo: exponent), .toNearestOrEven)
      }
    }
  }

  private func pieces(_ count: Int, _ random: inout SplitMix64) -> [Piece] {
    (0..<count).map { _ in
      switch Int.random(in: 0..<6, using: &random) {
      case 0: .small(.max)
      case 1: .small(random.next())
      case 2: .large(.max)
      case 3: .large(UInt128(random.next()) << 64 | UInt128(random.next()))
      case 4: .scaled(.max, Int.random(in: 0...2100, using: &random))
      default: .scaled(random.next(), [1, 40, 2047].randomElement(using: &random) ?? 0)
      }
    }
  }

  private func sum(_ pieces: [Piece]) -> ExactSum {
    var sum = ExactSum()
    for piece in pieces { piece.add(to: &sum) }
    return sum
  }

  @Test("Sums and differences are exact and means are rounded once", arguments: 0..<20)
  func matchesMultiplePrecision(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let (first, second) = (pieces(200, &random), pieces(150, &random))
    var truth = BigFloat(precision: 6000)
    truth.assign(0, .toNearestOrEven)
    for piece in first { piece.add(to: &truth) }
    let count = UInt64.random(in: 1...1000, using: &random)
    var mean = BigFloat(precision: 20_000)
    mean.setQuotient(truth, BigFloat(integer: count), .toNearestOrEven)
    mean.formProduct(withPowerOfTwo: -1500)
    #expect(
      sum(first).mean(over: count, timesPowerOfTwo: -1500) == mean.double(.toNearestOrEven))
    #expect(sum(first).minus(ExactSum(), timesPowerOfTwo: 0).compare(truth) == 0)

    var subtrahend = BigFloat(precision: 6000)
    subtrahend.assign(0, .toNearestOrEven)
    for piece in second { piece.add(to: &subtrahend) }
    truth.formDifference(subtrahend, .toNearestOrEven)
    #expect(sum(first).minus(sum(second), timesPowerOfTwo: 0).compare(truth) == 0)
    mean.setQuotient(truth, BigFloat(integer: count), .toNearestOrEven)
    mean.formProduct(withPowerOfTwo: -1500)
    #expect(
      sum(first).mean(minus: sum(second), over: count, timesPowerOfTwo: -1500)
        == mean.double(.toNearestOrEven))
  }

  @Test("Sums that overflow every fixed word keep their integer value")
  func integerArithmetic() {
    var small = ExactSum()
    var large = ExactSum()
    for _ in 0..<1000 {
      small.add(UInt64.max)
      large.add(UInt128.max)
    }
    let expected = BigFloat(1000 * UInt128(UInt64.max), timesPowerOfTwo: 0)
    #expect(small.minus(ExactSum(), timesPowerOfTwo: 0).compare(expected) == 0)
    // 1000 (2^128 - 1)
    var product = BigFloat(precision: 300)
    product.setDifference(BigFloat(0x1p128), BigFloat(1), .toNearestOrEven)
    product.formProduct(1000, .toNearestOrEven)
    #expect(large.minus(ExactSum(), timesPowerOfTwo: 0).compare(product) == 0)
    #expect(small.mean(over: 1000, timesPowerOfTwo: -64) == 1)
    #expect(small.minus(small, timesPowerOfTwo: 0).compare(0) == 0)
  }

  @Test("Order and grouping do not matter, even to equality", arguments: 0..<10)
  func orderIndependence(seed: Int) {
    var random = SplitMix64(seed: UInt64(1000 + seed))
    let all = pieces(120, &random)
    let whole = sum(all)
    #expect(sum(all.shuffled(using: &random)) == whole)
    #expect(sum(all.reversed()) == whole)
    let cut = Int.random(in: 0...all.count, using: &random)
    var forward = sum(Array(all[..<cut]))
    forward.merge(sum(Array(all[cut...])))
    var backward = sum(Array(all[cut...]))
    backward.merge(sum(Array(all[..<cut])))
    #expect(forward == whole && backward == whole)
    var withEmpty = whole
    withEmpty.merge(ExactSum())
    #expect(withEmpty == whole)
  }

  @Test("The mean of nothing is nil, of zeros zero, and a difference may be negative")
  func edges() {
    #expect(ExactSum().mean(over: 0, timesPowerOfTwo: -40) == nil)
    #expect(ExactSum().mean(over: 3, timesPowerOfTwo: -40) == 0)
    var three = ExactSum()
    three.add(UInt64(3))
    #expect(ExactSum().mean(minus: three, over: 2, timesPowerOfTwo: 0) == -1.5)
    #expect(three.mean(over: 1, timesPowerOfTwo: -40) == 3 * 0x1p-40)
    // Beyond binary64 the rounded mean is infinite, and not nonsense.
    three.add(1, timesPowerOfTwo: 2100)
    #expect(three.mean(over: 1, timesPowerOfTwo: -40) == .infinity)
  }
}
