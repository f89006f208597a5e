import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import SoftmaxVariants

@Suite("Summation")
struct SummationTests {
  static let lengths = Array(1...40) + [1000]

  @Test("Every order is within its textbook bound of the exact sum", arguments: Summation.allCases)
  func sumsAreWithinTextbookBounds(summation: Summation) throws {
    for format in FloatFormat.allCases { try format.open(TextbookCheck(summation: summation)) }
  }

  @Test("The tracked sum encloses the computed one", arguments: Summation.allCases)
  func trackedSumsEncloseComputedOnes(summation: Summation) throws {
    for format in FloatFormat.allCases { try format.open(TrackedCheck(summation: summation)) }
  }

  @Test("Integers are summed exactly while the sum is one of the format")
  func integersAreSummedExactly() {
    for summation in Summation.allCases {
      for length in 1...63 {
        let sum = summation.sum(count: length) { Unscaled(Rounded(Float16($0))) }
        #expect(sum.number.value == Float16(length * (length - 1) / 2))
      }
    }
  }

  @Test("A compensated sum keeps what a sequential one loses")
  func compensatedBeatsSequential() {
    // Each term is less than half an ulp of one.
    func term(_ index: Int) -> Float { index == 0 ? 1 : 0x1.8p-25 }
    func sum(_ summation: Summation) -> Float {
      summation.sum(count: 4097) { Unscaled(Rounded(term($0))) }.number.value
    }
    #expect(sum(.sequential) == 1)
    #expect(sum(.compensated) == 1 + 4096 * 0x1.8p-25)
  }

  @Test("A sequential sum of ones stagnates at 2^P and a pairwise one does not")
  func sequentialSumsStagnate() {
    func sum(_ summation: Summation) -> BFloat16 {
      summation.sum(count: 1024) { _ in Unscaled(Rounded(BFloat16.one)) }.number.value
    }
    #expect(sum(.sequential).exactDouble == 256)
    #expect(sum(.pairwise).exactDouble == 1024)
    #expect(sum(.lanes8).exactDouble == 1024)
  }

  @Test("Two-sum loses nothing", arguments: 0..<500)
  func twoSumIsExact(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let a = BFloat16(rounding: random.normal() * random.uniform(0, 1000))
    let b = BFloat16(rounding: random.normal())
    let (sum, error) = Rounded.twoSum(Rounded(a), Rounded(b))
    #expect(sum.value == a + b)
    #expect(sum.value.exactDouble + error.exactDouble == a.exactDouble + b.exactDouble)
  }
}

/// Positive numbers of several magnitudes.
private func positiveTerms<F: BinaryFloat>(_ count: Int, _ random: inout SplitMix64) -> [F] {
  let scale = Int.random(in: 0...3, using: &random)
  return (0..<count).map { _ in
    let exponent = -Int.random(in: 0...4, using: &random) * scale
    return F(rounding: random.uniform(0.5, 1).scaled(byPowerOfTwo: exponent))
  }
}

private func computedSum<F: BinaryFloat>(_ terms: [F], _ summation: Summation) -> F {
  summation.sum(count: terms.count) { Unscaled(Rounded(terms[$0])) }.number.value
}

private struct TextbookCheck: FormatGenericWork {
  let summation: Summation

  func run<F: BinaryFloat>(_ format: F.Type) {
    var random = SplitMix64(seed: 40)
    let u = F.format.unitRoundoff
    for length in SummationTests.lengths {
      let n = Double(length)
      let first = (n - 1) * u
      let bound: Double
      switch summation {
      case .sequential: bound = first
      case .pairwise: bound = n.logTwoRoundedUp * u
      case .compensated:
        guard first < 1 else { continue }
        bound = u + (first / (1 - first)) * (first / (1 - first))
      case .lanes8: bound = ((n / 8).rounded(.up) + 2) * u
      }
      for _ in 0..<4 {
        let terms: [F] = positiveTerms(length, &random)
        var exact = BigFloat(precision: 400)
        exact.setSum(of: terms.map(\.exactDouble), .toNearestOrEven)
        var error = BigFloat(precision: 400)
        error.setDifference(
          BigFloat(exactly: computedSum(terms, summation)), exact, .toNearestOrEven)
        error.formQuotient(exact, .toNearestOrEven)
        #expect(
          abs(error.double(.toNearestOrEven)) <= bound,
          "\(F.format.rawValue), n = \(length)")
      }
    }
  }
}

private struct TrackedCheck: FormatGenericWork {
  let summation: Summation

  func run<F: BinaryFloat>(_ format: F.Type) {
    var random = SplitMix64(seed: 41)
    for length in SummationTests.lengths {
      let terms: [F] = positiveTerms(length, &random)
      let tracked = summation.sum(count: length) {
        Unscaled(Tracked<F>(terms[$0].exactDouble, .none))
      }.number
      var exact = BigFloat(precision: 400)
      exact.setSum(of: terms.map(\.exactDouble), .toNearestOrEven)
      var error = BigFloat(precision: 400)
      error.setDifference(
        BigFloat(exactly: computedSum(terms, summation)), exact, .toNearestOrEven)
      let deviation = error.double(.toNearestOrEven)
      #expect(deviation <= tracked.over && -deviation <= tracked.under)
      #expect(tracked.drift == 0)
    }
  }
}

extension Double {
  /// The least integer k with 2^k >= self.
  fileprivate var logTwoRoundedUp: Double {
    Double(exponent) + (significand == 1 ? 0 : 1)
  }
}
