import FloatFormats
import MultiPrecision
import RealModule
import TestSupport
import Testing

@testable import SoftmaxVariants

@Suite("Deviations")
struct DeviationTests {
  static let narrow: [FloatFormat] = [.float16, .bfloat16]

  @Test("Rounding errs by no more than it says, and by nearly that", arguments: narrow)
  func roundingIsBounded(format: FloatFormat) throws { try format.open(RoundingCheck()) }

  @Test("The exponential of every distance is within its deviation", arguments: narrow)
  func exponentialsAreWithinDeviations(format: FloatFormat) throws {
    try format.open(ExponentialCheck())
  }

  @Test("Quotients of deviating numbers are within their deviation", arguments: narrow)
  func quotientsAreWithinDeviations(format: FloatFormat) throws { try format.open(QuotientCheck()) }

  @Test("Products of deviating numbers are within their deviation", arguments: narrow)
  func productsAreWithinDeviations(format: FloatFormat) throws { try format.open(ProductCheck()) }

  @Test("What is exact deviates by nothing")
  func exactThingsDoNotDeviate() {
    let one = ArithmeticModel<Float>.exponential(
      distance: 0, value: 1, argumentError: 0)
    #expect(one.over == 0 && one.under == 0)
    let masked = ArithmeticModel<Float>.exponential(
      distance: .infinity, value: 0, argumentError: .infinity)
    #expect(masked.over == 0 && masked.under == 0)
  }

  @Test("A sum of what is not added at all errs by the smaller operand at most")
  func stagnationIsBounded() {
    var sum = Tracked<BFloat16>(256, .none)
    for _ in 0..<1000 { sum = sum + Tracked(1, .none) }
    #expect(sum.total == 1256)
    #expect(sum.under <= 1000 && sum.under > 990)
  }
}

/// Binary64 evaluates deviations and the exact values here; both are good to this.
private let slack = 1 + 1e-12

/// Positive finite numbers of a format up to a limit, evenly spread over the encodings.
private func sampled<F: BinaryFloat>(upTo limit: F, step: Int) -> [F] {
  stride(from: 1, through: Int(limit.bitPattern), by: step).map {
    F(bitPattern: F.BitPattern($0))
  }
}

private struct RoundingCheck: FormatGenericWork {
  func run<F: BinaryFloat>(_ format: F.Type) {
    var random = SplitMix64(seed: 16)
    var nearest = 0.0
    for number in sampled(upTo: F.one, step: 7) {
      let z = number.exactDouble + number.ulp * random.uniform(0, 1)
      let error = abs(F(rounding: z).exactDouble - z)
      let bound = ArithmeticModel<F>.rounding(from: z, to: z)
      #expect(error <= bound * slack)
      nearest = max(nearest, error / bound)
    }
    #expect(nearest > 0.95)
  }
}

private struct ExponentialCheck: FormatGenericWork {
  func run<F: BinaryFloat>(_ format: F.Type) {
    var argument = BigFloat(precision: 64)
    var exact = BigFloat(precision: 120)
    let u = F.format.unitRoundoff
    for (number, distance) in sampled(upTo: F(rounding: 1200), step: 5).enumerated() {
      let d = distance.exactDouble
      argument.assign(-d, .toNearestOrEven)
      exact.setExponential(argument, .toNearestOrEven)
      let value = exact.double(.toNearestOrEven)
      // Every third argument is moved by what it may be off.
      let moves = number % 3 == 0
      let moved = moves ? distance.nextUp : distance
      let argumentError = moves ? moved.exactDouble - d : 0
      let deviation = ArithmeticModel<F>.exponential(
        distance: d, value: max(value, 0x1p-1000), argumentError: argumentError)
      let computed = F.exp(-moved).exactDouble
      #expect(computed - value <= deviation.over * slack, "d = \(distance)")
      #expect(value - computed <= deviation.under * slack, "d = \(distance)")
      // A bound far from attainable would prove nothing.
      let relative = Double.exp(argumentError) * (1 + 3 * u) - 1
      #expect(deviation.magnitude <= value * relative + F.format.leastSubnormal)
    }
  }
}

/// Two numbers that a computation holds and the exact ones that it should hold, with their
/// deviations.
private struct DeviatingPair<F: BinaryFloat> {
  let a: F
  let b: F
  let exactA: Double
  let exactB: Double
  let aDeviation: Deviation
  let bDeviation: Deviation

  init(_ a: F, _ b: F, _ random: inout SplitMix64) {
    self.a = a
    self.b = b
    // The computed number is the exact one plus a part of the deviation, often all of it.
    func split(_ computed: F) -> (exact: Double, Deviation) {
      let z = computed.exactDouble
      let relative = random.uniform(0, 4) * F.format.unitRoundoff
      if random.next() & 1 == 0 {
        let exact = z / (1 + relative)
        return (exact, Deviation(over: (z - exact), under: 0))
      }
      let exact = z * (1 + relative)
      return (exact, Deviation(over: exact, under: (exact - z)))
    }
    (exactA, aDeviation) = split(a)
    (exactB, bDeviation) = split(b)
  }
}

private struct QuotientCheck: FormatGenericWork {
  func run<F: BinaryFloat>(_ format: F.Type) {
    var random = SplitMix64(seed: 17)
    let divisors = sampled(upTo: F(rounding: 4096), step: 97).filter { $0 >= F.one }
    for a in sampled(upTo: F.one, step: 61) {
      for b in divisors {
        let pair = DeviatingPair(a, b, &random)
        let value = pair.exactA / pair.exactB
        let deviation = ArithmeticModel<F>.quotient(
          pair.aDeviation, by: pair.exactB, pair.bDeviation, value: value)
        let computed = (a / b).exactDouble
        let isEnclosed =
          computed - value <= deviation.over * slack && value - computed <= deviation.under * slack
        if !isEnclosed { Issue.record("\(a) / \(b)") }
      }
    }
  }
}

private struct ProductCheck: FormatGenericWork {
  func run<F: BinaryFloat>(_ format: F.Type) {
    var random = SplitMix64(seed: 18)
    for a in sampled(upTo: F.one, step: 83) {
      for b in sampled(upTo: F.one, step: 89) {
        let pair = DeviatingPair(a, b, &random)
        let value = pair.exactA * pair.exactB
        let deviation = ArithmeticModel<F>.product(
          pair.exactA, pair.aDeviation, pair.exactB, pair.bDeviation)
        let computed = (a * b).exactDouble
        let isEnclosed =
          computed - value <= deviation.over * slack && value - computed <= deviation.under * slack
        if !isEnclosed { Issue.record("\(a) * \(b)") }
      }
    }
  }
}
