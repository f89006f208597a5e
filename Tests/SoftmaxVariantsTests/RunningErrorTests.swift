import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import SoftmaxVariants

/// Numbers whose rounding errors are being bounded, against the same operations in 2600 bits.
@Suite("Running errors")
struct RunningErrorTests {
  /// A number as a format computes it, with its error, and as it is.
  private struct Triple<C: BinaryFloat> {
    var computed: Rounded<C>
    var tracked: RunningError<C>
    var exact: Exact

    init(given value: C) {
      computed = Rounded(value)
      tracked = RunningError(given: value.exactDouble)
      exact = Exact { $0.assign(value.exactDouble, .toNearestOrEven) }
    }

    init(_ computed: Rounded<C>, _ tracked: RunningError<C>, _ exact: Exact) {
      self.computed = computed
      self.tracked = tracked
      self.exact = exact
    }
  }

  /// A number of 2600 bits, by reference.
  private final class Exact {
    let value: BigFloat

    init(_ compute: (inout BigFloat) -> Void) {
      var number = BigFloat(precision: 2600)
      compute(&number)
      value = number
    }

    /// |value - x|, rounded up.
    func distance(from x: Double) -> Double {
      var distance = BigFloat(precision: 2600)
      distance.setDifference(value, BigFloat(x), .toNearestOrEven)
      distance.formAbsoluteValue()
      return distance.double(.up)
    }
  }

  private func step<C: BinaryFloat>(
    _ kind: Int, _ a: Triple<C>, _ b: Triple<C>
  ) -> Triple<C>? {
    let (x, y) = (a.exact, b.exact)
    switch kind {
    case 0:
      return Triple(
        a.computed + b.computed, a.tracked + b.tracked,
        Exact { $0.setSum(x.value, y.value, .toNearestOrEven) })
    case 1:
      return Triple(
        a.computed - b.computed, a.tracked - b.tracked,
        Exact { $0.setDifference(x.value, y.value, .toNearestOrEven) })
    case 2:
      return Triple(
        a.computed * b.computed, a.tracked * b.tracked,
        Exact { $0.setProduct(x.value, y.value, .toNearestOrEven) })
    case 3:
      guard !y.value.isZero else { return nil }
      return Triple(
        a.computed / b.computed, a.tracked / b.tracked,
        Exact { $0.setQuotient(x.value, y.value, .toNearestOrEven) })
    case 4:
      guard x.value.compare(0) <= 0 else { return nil }
      return Triple(
        .exp(a.computed), .exp(a.tracked),
        Exact { $0.setExponential(x.value, .toNearestOrEven) })
    default:
      guard x.value.compare(0) > 0 else { return nil }
      return Triple(
        .log(a.computed), .log(a.tracked), Exact { $0.setLogarithm(x.value, .toNearestOrEven) })
    }
  }

  private func checkPrograms<C: BinaryFloat>(_ format: C.Type, count: Int) {
    var random = SplitMix64(seed: 0xE44)
    var (sound, largest) = (0, 0.0)
    for _ in 0..<count {
      var numbers = (0..<3).map { _ in
        // Products just above the least normal number have errors far below it.
        let least = C.format.minimumExponent
        let scales = [0, -C.format.precision, 2 * least / 3, least / 2 + 10]
        let scale = scales[Int(random.next() % 4)]
        return Triple(
          given: C(rounding: random.uniform(-4, 4).scaled(byPowerOfTwo: scale)))
      }
      for _ in 0..<8 {
        func any() -> Triple<C> { numbers[Int(random.next() % UInt64(numbers.count))] }
        guard let next = step(Int(random.next() % 6), any(), any()), next.tracked.isSound else {
          continue
        }
        // What binary64 loses of an error is in no error.
        let slack = 1 + 0x1p-40
        let error = next.tracked.error * slack
        let off = next.exact.distance(from: next.computed.value.exactDouble)
        #expect(off <= error, "\(C.format)")
        #expect(next.exact.distance(from: next.tracked.value) <= error, "\(C.format)")
        sound += 1
        if error > 0 { largest = max(largest, off / error) }
        numbers.append(next)
      }
    }
    #expect(sound > 3 * count && largest > 0.9, "\(C.format): \(sound), \(largest)")
  }

  @Test("Neither the computed number nor that of binary64 is farther off than the error says")
  func programs() {
    checkPrograms(Float.self, count: 1500)
    checkPrograms(Double.self, count: 1500)
    checkPrograms(BFloat16.self, count: 500)
  }

  @Test("A compensated sum has the error of its last rounding, whatever cancels on the way")
  func compensatedSums() {
    var random = SplitMix64(seed: 0xC0)
    for length in [2, 9, 100] {
      var terms = (0..<length).map { _ in Float(1000 * random.uniform(-1, 1)) }
      terms.append(-terms.reduce(0, +))
      func sum<Number: DerivedNumber>(_ type: Number.Type, _ order: Summation) -> Number {
        order.sum(count: terms.count) { Unscaled(Number(given: Double(terms[$0]))) }.number
      }
      let exact = Exact { total in
        total.assign(0, .toNearestOrEven)
        for term in terms { total.formSum(BigFloat(Double(term)), .toNearestOrEven) }
      }
      for order in Summation.allCases {
        let tracked = sum(RunningError<Float>.self, order)
        let computed = sum(Rounded<Float>.self, order)
        #expect(
          tracked.isSound && exact.distance(from: Double(computed.value)) <= tracked.error)
      }
      let plain = sum(RunningError<Float>.self, .sequential).error
      let compensated = sum(RunningError<Float>.self, .compensated).error
      #expect(length == 2 || compensated < plain / 100)
    }
  }

  @Test("Results that are exact have no error, and what may overflow or vanish is no bound")
  func edges() {
    typealias Number = RunningError<Float>
    let third = Number(given: 1) / Number(given: 3)
    #expect(third.error > 0x1p-27 && third.error < 0x1p-24)
    #expect((Number(given: 3) - Number(given: 0.5)).error == 0)
    #expect((Number(given: 0.75) * Number(given: 3)).error == 0)
    #expect((Number(given: 1) / Number(given: 8)).error == 0)
    #expect((third * .one).error == third.error && (third * .zero).error == 0)
    #expect(Number.exp(.zero).error == 0 && Number.exp(Number(given: -.infinity)).error == 0)
    #expect(Number.log(.one).error == 0)
    // e^-800 is no number of binary64, and not 0.
    #expect(RunningError<BFloat16>.exp(RunningError(given: -800)).error > 0)
    #expect(!(Number(given: 0x1p127) + Number(given: 0x1p127)).isSound)
    #expect(!(Number(given: 0x1p100) * Number(given: 0x1p100)).isSound)
    #expect(!(third / (third - third)).isSound)
    #expect(!Number.log(third - third).isSound)
    #expect(Number.zero.scaling(Number(given: .infinity)) == nil)
    let tiny = Number(given: 0x1p-140) * Number(given: 0x1p-20)
    #expect(tiny.scaling(.one)?.isSound == false)
    #expect(Number(given: 0.1).stored(in: .float16).error > 0)
    #expect(Number(given: 0.5).stored(in: .float16).error == 0)
    #expect(!Number(given: 1e6).stored(in: .float16).isSound)
  }
}
