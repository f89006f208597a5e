import FloatFormats
import Foundation
import MultiPrecision
import TestSupport
import Testing

/// The promise is measured on the C library at hand: the bounds of every audit stand on it.
@Suite("ElementaryAccuracy holds on this platform")
struct ElementaryAccuracyTests {
  enum Function: String, CaseIterable, Sendable {
    case exp, exp2, log, log1p

    func value<F: BinaryFloat>(_ x: F) -> F {
      switch self {
      case .exp: F.exp(x)
      case .exp2: F.exp2(x)
      case .log: F.log(x)
      case .log1p: F.log(onePlus: x)
      }
    }

    /// The promise: for log1p, of numbers from 0.
    func accuracy(of format: FloatFormat) -> ElementaryAccuracy {
      self == .log1p ? .ofLogarithmOnePlus(format) : ElementaryAccuracy(of: format)
    }

    func setExact(_ result: inout BigFloat, _ x: borrowing BigFloat) {
      switch self {
      case .exp: result.setExponential(x, .toNearestOrEven)
      case .exp2: result.setExponentialTwo(x, .toNearestOrEven)
      case .log: result.setLogarithm(x, .toNearestOrEven)
      case .log1p: result.setLogarithmOnePlus(x, .toNearestOrEven)
      }
    }
  }

  /// Measures a function on arguments and reports what breaks the promise.
  private struct Meter<F: BinaryFloat>: ~Copyable {
    let function: Function
    let accuracy: ElementaryAccuracy
    var complaints = Complaints()
    private var worstUlps = 0.0
    private var worstText = ""
    private var exact = BigFloat(precision: 128)
    private var error = BigFloat(precision: 128)
    private var limit = BigFloat(precision: 128)
    private var argument = BigFloat(precision: 53)

    init(_ function: Function) {
      self.function = function
      accuracy = function.accuracy(of: F.format)
    }

    mutating func measure(_ x: F) {
      if function == .log1p, x < F.zero { return }
      let y = function.value(x)
      argument.assign(x.exactDouble, .toNearestOrEven)
      function.setExact(&exact, argument)
      if exact.isNaN || exact.isInfinite || exact.isZero {
        complaints.check(
          y.isSame(as: F(rounding: exact)), "\(function) \(x.hexText) is \(y.hexText)")
        return
      }
      let format = F.format
      if y.isNaN || y.isInfinite {
        exact.formAbsoluteValue()
        complaints.check(
          (y.isInfinite || !format.hasInfinities) && exact.compare(format.greatestFinite) > 0,
          "\(function) \(x.hexText) is \(y.hexText)")
        return
      }
      let quantum = max(exact.exponent, format.minimumExponent) - (format.precision - 1)
      error.setDifference(BigFloat(exactly: y), exact, .toNearestOrEven)
      error.formAbsoluteValue()
      exact.formAbsoluteValue()
      if exact.exponent >= format.minimumExponent {
        limit.setProduct(exact, BigFloat(accuracy.relative), .toNearestOrEven)
        complaints.check(
          error.compare(limit) <= 0, "relative: \(function) \(x.hexText) is \(y.hexText)")
      }
      if accuracy.roundsFromWider {
        // Below half of the least subnormal, but for the error of the wider function.
        let half = format.leastSubnormal / 2 * (1 - 0x1p-20)
        complaints.check(
          exact.compare(half) > 0 || y.isZero, "tiny: \(function) \(x.hexText) is \(y.hexText)")
      }
      error.formProduct(withPowerOfTwo: -quantum)
      let ulps = error.double(.up)
      complaints.check(
        error.compare(accuracy.ulps) <= 0,
        "\(ulps) ulp: \(function) \(x.hexText) is \(y.hexText)")
      if ulps > worstUlps {
        worstUlps = ulps
        worstText = "\(function)(\(x.hexText)) = \(y.hexText)"
      }
    }

    consuming func expectPromiseKept() {
      #expect(
        complaints.count == 0, "\(F.format): worst is \(worstText), \(worstUlps) ulp")
      complaints.expectNone()
    }
  }

  private func checkAll<F: BinaryFloat>(_ type: F.Type, _ function: Function)
  where F.BitPattern == UInt16 {
    var meter = Meter<F>(function)
    for pattern in UInt16.min...UInt16.max { meter.measure(F(bitPattern: pattern)) }
    meter.expectPromiseKept()
  }

  @Test(arguments: Function.allCases)
  func `of every float16`(function: Function) { checkAll(Float16.self, function) }

  @Test(arguments: Function.allCases)
  func `of every bfloat16`(function: Function) { checkAll(BFloat16.self, function) }

  @Test(arguments: Function.allCases)
  func `of every number of 8 bits`(function: Function) {
    func checkAll<F: BinaryFloat>(_ type: F.Type) {
      var meter = Meter<F>(function)
      for pattern in UInt8.min...UInt8.max { meter.measure(F(bitPattern: F.BitPattern(pattern))) }
      meter.expectPromiseKept()
    }
    for format in FloatFormat.float8 { checkAll(format.type) }
  }

  private func checkSeeded<F: BinaryFloat>(_ type: F.Type, _ function: Function, count: Int) {
    var meter = Meter<F>(function)
    var generator = SplitMix64(seed: 0xACC)
    let format = F.format
    // The least argument with a nonzero result and the greatest with a finite one, for the base.
    let unit = function == .exp ? 0.6931471805599453 : 1
    let range =
      (Double(format.quantumExponent - 2) * unit)...(Double(format.maximumExponent + 2) * unit)
    for k in 0..<count {
      let x: F
      switch (function, k % 4) {
      case (.log, 0), (.log, 1), (.log1p, 0), (.log1p, 1):
        x = F(bitPattern: F.random(using: &generator).bitPattern & (F.BitPattern.max >> 1))
      case (.log, _):
        // Around 1, where the logarithm is small.
        let offset = Int64.random(in: -(1 << 20)...(1 << 20), using: &generator)
        x = F(orderedIndex: F.one.orderedIndex + (k % 4 == 2 ? offset : offset >> 12))
      case (.log1p, _):
        x = F(rounding: Double.random(in: 0...(k % 4 == 2 ? 4 : 1000), using: &generator))
      case (_, 0), (_, 1):
        x = F(rounding: Double.random(in: range, using: &generator))
      case (_, 2):
        // What a softmax asks for: differences from a maximum.
        x = F(rounding: Double.random(in: -20...0, using: &generator))
      default:
        x = F.random(using: &generator)
      }
      meter.measure(x)
    }
    for edge in [
      F.zero, -F.zero, F.leastSubnormal, -F.leastSubnormal, F.leastNormal, F.one, -F.one,
      F.greatestFinite, -F.greatestFinite, F.infinity, -F.infinity, F.nan,
    ] { meter.measure(edge) }
    meter.expectPromiseKept()
  }

  @Test(arguments: Function.allCases)
  func `of seeded float32 arguments`(function: Function) {
    checkSeeded(Float.self, function, count: 100_000)
  }

  @Test(arguments: Function.allCases)
  func `of seeded float64 arguments`(function: Function) {
    checkSeeded(Double.self, function, count: 20_000)
  }

  @Test func `the exponential of float32 is the C library's where it vanishes, too`() {
    func check(_ x: Float) {
      let y = Function.exp.value(x)
      #expect(y.bitPattern == expf(x).bitPattern, "exp \(x.hexText) is \(y.hexText)")
    }
    for step in 0..<50_000 { check(-90 - Float(step) * 0x1.38p-11) }
    let edges: [Float] = [
      -104, -104 - 0x1p-17, -104 + 0x1p-17, -.infinity, -.greatestFiniteMagnitude, 0, 1, .infinity,
    ]
    for x in edges { check(x) }
    #expect(Function.exp.value(Float.nan).isNaN)
  }

  @Test func `the figures follow from the format`() {
    #expect(ElementaryAccuracy(of: .float64).ulps == 1)
    #expect(ElementaryAccuracy(of: .float32).relative == 0x1p-23)
    #expect(!ElementaryAccuracy(of: .float32).roundsFromWider)
    #expect(ElementaryAccuracy(of: .float16).ulps == 0.5 + 0x1p-13)
    #expect(ElementaryAccuracy(of: .bfloat16).ulps == 0.5 + 0x1p-16)
    #expect(ElementaryAccuracy(of: .bfloat16).relative == 0x1p-8 + 0x1p-23)
    #expect(ElementaryAccuracy(of: .float16).roundsFromWider)
    #expect(ElementaryAccuracy.ofLogarithmOnePlus(.float64).ulps == 2)
    #expect(ElementaryAccuracy.ofLogarithmOnePlus(.float16).ulps == 0.5 + 0x1p-12)
  }
}
