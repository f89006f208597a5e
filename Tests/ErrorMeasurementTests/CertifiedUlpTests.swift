import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle
import TestSupport
import Testing

@testable import ErrorMeasurement

@Suite("Certified figures")
struct CertifiedUlpTests {
  @Test(
    "The figure of any output is its exact error rounded up to 30 bits, fixed point or oracle",
    arguments: FloatFormat.allCases)
  func figuresMatchIntervalArithmetic(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws -> [String] {
      let oracle = SoftmaxOracle()
      return try JudgedOutput<F>.all(seed: 2, lanes: 20).flatMap { output -> [String] in
        let error = UlpError(of: output.y, against: output.probability)
        let ulp = try output.exact.ulpExponent(F.self)
        let truth = try output.exact
          .distance(from: output.y.exactDouble, inUnitsOfPowerOfTwo: ulp).figure()
        var found: [String] = []
        if error.astronomical == nil,
          let quick = CertifiedUlp.figure(
            lower: error.lower, upper: error.upper, isExact: error.isExact), quick != truth
        {
          found.append("fixed point \(quick.hexText)")
        }
        let slot = Int(output.reference.logits.slots[output.index])
        let slow = CertifiedUlp.figure(
          of: output.y.exactDouble, slot: slot, of: output.reference.inputs, quantumExponent: ulp,
          oracle: oracle)
        if slow != truth { found.append("oracle \(slow?.hexText ?? "undecided")") }
        let cached = FigureCache(oracle: oracle).figure(
          of: error, output: output.y, at: ElementLocation(lane: 0, index: output.index),
          reference: output.reference)
        if cached != truth { found.append("cache \(cached?.hexText ?? "undecided")") }
        return found.map { "\(output.description): \($0), not \(truth.hexText)" }
      }
    }
    let found = try check(format.type)
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }

  @Test(
    "The figure of an output of 1 or 0 is the least one where the next logit is far away",
    arguments: [2000.0, 2399, 2401, 5000, 1e5, 1e300], FloatFormat.allCases)
  func farApartLogits(distance: Double, format: FloatFormat) {
    func check<F: BinaryFloat>(_ format: F.Type) {
      let far = F(rounding: -distance)
      guard far.isFinite else { return }
      for tied in [1, 2, 4] {
        let lane = Array(repeating: F.zero, count: tied) + [far]
        let reference = SoftmaxOracle().softmax(of: lane, in: F.format)
        func figure(_ y: F, _ index: Int) -> Double? {
          FigureCache(oracle: SoftmaxOracle()).figure(
            of: UlpError(of: y, against: reference.value(at: index)), output: y,
            at: ElementLocation(lane: 0, index: index), reference: reference)
        }
        let top = F(rounding: 1 / Double(tied))
        #expect(figure(top, 0) == 0x1p-1022)
        #expect(figure(.zero, tied) == 0x1p-1022)
        // An eta and a vanishing part less: rounded up, one.
        #expect(figure(.leastSubnormal, tied) == 1)
        #expect(figure(top.nextDown, 0) == 1)
        // Two units of the binade below, and a vanishing part more: the next figure.
        #expect(figure(top.nextUp, 0) == 2 + 0x1p-28)
        #expect(
          figure(.zero, 0) == Double(sign: .plus, exponent: F.format.precision, significand: 1))
      }
    }
    check(format.type)
  }

  @Test("Three tied maxima leave an irrational-looking error that is decided all the same")
  func threeTiedMaxima() {
    let logits = [0, 0, 0, -1e4]
    let reference = SoftmaxOracle().softmax(of: logits, in: .float64)
    let y = 1.0 / 3
    let figure = FigureCache(oracle: SoftmaxOracle()).figure(
      of: UlpError(of: y, against: reference.value(at: 0)), output: y,
      at: ElementLocation(lane: 0, index: 0), reference: reference)
    // 1/3 - fl(1/3) is a third of an ulp.
    var third = BigFloat(precision: 30)
    third.setQuotient(BigFloat(1), BigFloat(3), .up)
    #expect(figure == third.double(.up))
  }

  @Test("The figures of subnormal and of huge multiple-precision numbers are upper bounds")
  func extremes() {
    var number = BigFloat(precision: 100)
    number.assign(5, timesPowerOfTwo: -4000, .up)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 0) == 0x1p-1022)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 4000) == 5)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 5020) == 5 * 0x1p1020)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 5022) == .infinity)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 9000) == .infinity)
    #expect(CertifiedUlp.roundedUp(number, timesPowerOfTwo: 4000 - 1022) == 5 * 0x1p-1022)
    #expect(CertifiedUlp.roundedUp(BigFloat(0), timesPowerOfTwo: 7) == 0)
    let wide = BigFloat((1 << 100) + 1, timesPowerOfTwo: 0)
    #expect(CertifiedUlp.roundedUp(wide, timesPowerOfTwo: -100) == 1 + 0x1p-29)
  }

  @Test("A binary64 number rounds up to 30 bits, by integers")
  func roundingUpDoubles() {
    var random = SplitMix64(seed: 4)
    let special: [Double] = [
      1, 1.5, 1 + 0x1p-29, 1 + 0x1p-30, (1.0).moved(by: 1), (2.0).moved(by: -1), 0x1p-1022,
      (0x1p-1022).moved(by: 1), .greatestFiniteMagnitude, 0x1.fffffffcp1023,
      (0x1.fffffffcp1023).moved(by: 1), (1 + 0x1p-29).moved(by: -1),
    ]
    for value in special + (0..<2000).map({ _ in Double.randomNonnegative(&random) }) {
      guard value >= 0x1p-1022 else { continue }
      let (significand, exponent) = value.decomposed
      let kept = (significand + (1 << 23) - 1) >> 23
      let expected = Double(sign: .plus, exponent: exponent + 23, significand: Double(kept))
      let figure = CertifiedUlp.roundedUp(value)
      #expect(figure == expected, "\(value.hexText)")
      #expect(CertifiedUlp.roundedUp(figure) == figure)
    }
    #expect(CertifiedUlp.roundedUp(0) == 0)
    #expect(CertifiedUlp.roundedUp(0x1p-1074) == 0x1p-1022)
    #expect(CertifiedUlp.roundedUp((0x1p-1022).moved(by: -1)) == 0x1p-1022)
    #expect(CertifiedUlp.roundedUp(.infinity) == .infinity)
  }

  @Test("Fixed point decides a figure only where every number of the enclosure has the same one")
  func fixedPointIsStrict() {
    var random = SplitMix64(seed: 5)
    var decided = 0
    for _ in 0..<4000 {
      let bits = Int.random(in: 1...120, using: &random)
      let lower =
        UInt128(random.next()) << 64 | UInt128(random.next()) & ((UInt128(1) << UInt128(bits)) - 1)
      let trimmed = lower & ((UInt128(1) << UInt128(bits)) - 1)
      let width = UInt128.random(in: 0...8, using: &random)
      let isExact = width == 0
      let (low, high) = (trimmed, trimmed + width)
      func figure(_ units: UInt128, _ nudge: Int) -> Double {
        // The real number a little above or below the units: 2^-200 of them.
        var number = BigFloat(precision: 400)
        number.setSum(BigFloat(units, timesPowerOfTwo: -64), BigFloat(0), .up)
        var change = BigFloat(precision: 64)
        change.assign(1, timesPowerOfTwo: -264, .up)
        if nudge > 0 { number.formSum(change, .up) }
        if nudge < 0 { number.formDifference(change, .down) }
        var rounded = BigFloat(precision: 30)
        rounded.assign(number, .up)
        return rounded.double(.up)
      }
      let answer = CertifiedUlp.figure(lower: low, upper: high, isExact: isExact)
      if isExact {
        #expect(answer == figure(low, 0))
      } else if let answer {
        decided += 1
        #expect(answer == figure(low, 1) && answer == figure(high, -1))
      } else {
        #expect(low >> 30 == 0 || figure(low, 1) != figure(high, -1))
      }
    }
    #expect(decided > 1000)
  }

  @Test("The error of a float on the other side of 0 from a value that no precision tells from it")
  func besideZero() {
    // v = -ln(1 + e^-d) is just below 0: |y - v| is just above y, and the next figure above that.
    for distance in [1e4, 1e9] {
      let lane = OperationLane(.logSoftmax, exactly: [0, -distance])
      let figure = CertifiedUlp.figure(
        of: 0x1p-20, slot: 0, of: lane, quantumExponent: 0, oracle: SoftmaxOracle())
      #expect(figure == 0x1p-20 * (1 + 0x1p-29))
      let other = CertifiedUlp.figure(
        of: -0x1p-20, slot: 0, of: lane, quantumExponent: 0, oracle: SoftmaxOracle())
      #expect(other == 0x1p-20)
    }
  }
}
