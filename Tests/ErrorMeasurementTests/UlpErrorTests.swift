import FloatFormats
import MultiPrecision
import Oracle
import TestSupport
import Testing

@testable import ErrorMeasurement

/// An output beside its exact value, and what the code under test is given.
struct JudgedOutput<F: BinaryFloat> {
  let lane: [F]
  let index: Int
  let y: F
  let exact: ExactReal
  let reference: LaneReference

  var probability: ExactValue { reference.value(at: index) }
  var description: String {
    "\(F.format) \(lane.hexText)[\(index)], y = \(y.hexText)"
  }

  /// Outputs around every distinct exact value of planned and random lanes.
  static func all(seed: UInt64, lanes count: Int) throws -> [JudgedOutput] {
    var random = SplitMix64(seed: seed)
    let oracle = SoftmaxOracle()
    let lanes = TestLanes.planned(F.self) + TestLanes.random(F.self, count: count, &random)
    return try lanes.flatMap { lane -> [JudgedOutput] in
      let reference = oracle.softmax(of: lane, in: F.format)
      let exact = ExactSoftmax.probabilities(of: lane)
      let indices = lane.indices.filter {
        lane[..<$0].allSatisfy { [other = lane[$0]] in $0 != other }
      }
      return try indices.filter { !exact[$0].isZero }.flatMap { index in
        try TestLanes.outputs(around: exact[index], F.self, &random).map {
          JudgedOutput(lane: lane, index: index, y: $0, exact: exact[index], reference: reference)
        }
      }
    }
  }
}

@Suite("ULP errors")
struct UlpErrorTests {
  @Test(
    "The error of any output is enclosed, signed and judged as MPFR says",
    arguments: FloatFormat.allCases)
  func errorsMatchIntervalArithmetic(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws -> [String] {
      try JudgedOutput<F>.all(seed: 1, lanes: 40).flatMap { output in
        try Self.disagreements(output).map { "\(output.description): \($0)" }
      }
    }
    let found = try check(format.type)
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }

  private static func disagreements<F: BinaryFloat>(_ output: JudgedOutput<F>) throws -> [String] {
    var found: [String] = []
    let (y, exact) = (output.y, output.exact)
    let error = UlpError(of: y, against: output.probability)
    let ulp = try exact.ulpExponent(F.self)
    if Int(output.probability.quantumExponent) != ulp { found.append("ulp") }
    let truth = try exact.distance(from: y.exactDouble, inUnitsOfPowerOfTwo: ulp)
    let side = try exact.compare(y.exactDouble)
    if error.isNegative != (side > 0) { found.append("sign") }

    if let astronomical = error.astronomical {
      if truth.lower.compare(0x1p61) < 0 { found.append("astronomical without need") }
      if truth.lower.compare(Double.greatestFiniteMagnitude) > 0 {
        if astronomical != .infinity { found.append("not infinite") }
      } else if abs(astronomical / truth.double - 1) > 0x1p-50 {
        found.append("astronomical \(astronomical.hexText)")
      }
      if error.isExact { found.append("an astronomical error counts as exact") }
    } else {
      let low = BigFloat(error.lower, timesPowerOfTwo: -64)
      let high = BigFloat(error.upper, timesPowerOfTwo: -64)
      if truth.lower.compare(low) < 0 || truth.upper.compare(high) > 0 { found.append("enclosure") }
      if error.isExact {
        if !(truth.isExact && truth.lower.compare(low) == 0) { found.append("not exact") }
      } else {
        // Strictly between: what rounding up relies on.
        if truth.isExact, truth.lower.compare(low) == 0 || truth.lower.compare(high) == 0 {
          found.append("an end is the error itself")
        }
      }
      if abs(error.magnitude - truth.double) > max(0x1p-40, truth.double * 0x1p-40) {
        found.append("magnitude \(error.magnitude.hexText)")
      }
    }
    if truth.upper.compare(error.magnitudeUpperBound) > 0 {
      found.append("upper bound \(error.magnitudeUpperBound.hexText)")
    }
    if error.astronomical == nil,
      error.magnitudeUpperBound > truth.double * (1 + 0x1p-39) + 0x1p-39
    {
      found.append("upper bound is loose: \(error.magnitudeUpperBound.hexText)")
    }

    if let grid = error.gridMagnitude {
      let nearest = truth.double * 0x1p40
      if abs(Double(grid) - nearest) > 0.5 + 0x1p-5 + nearest * 0x1p-50 {
        found.append("grid \(grid)")
      }
    } else if truth.double < 0x1p24 - 1 {
      found.append("no grid")
    }

    let (below, above) = (try exact.floor(F.self), try exact.ceiling(F.self))
    if error.isFaithful != (y == below || y == above) { found.append("faithful") }
    if error.isCorrectlyRounded != (y == (try exact.nearest(F.self))) {
      found.append("correctly rounded")
    }
    return found
  }

  @Test(
    "An output of 1 for a value just below 1 errs by next to nothing and is correctly rounded",
    arguments: FloatFormat.allCases)
  func oneAboveAlmostOne(format: FloatFormat) {
    func check<F: BinaryFloat>(_ format: F.Type) {
      let lane: [F] = [.zero, F(rounding: -1000)]
      let exact = SoftmaxOracle().softmax(of: lane, in: F.format).value(at: 0)
      let one = UlpError(of: F.one, against: exact)
      #expect(one.isCorrectlyRounded && one.isFaithful && !one.isNegative && !one.isExact)
      #expect(one.magnitudeUpperBound < 0x1p-40)
      let below = UlpError(of: F.one.nextDown, against: exact)
      #expect(below.isFaithful && !below.isCorrectlyRounded && below.isNegative)
      #expect(abs(below.magnitude - 1) < 0x1p-40)
      // The ulp is that of the binade below 1, so the next number above 1 is two of them away.
      let above = UlpError(of: F.one.nextUp, against: exact)
      #expect(!above.isFaithful && abs(above.magnitude - 2) < 0x1p-40)
    }
    check(format.type)
  }

  @Test(
    "A power of two as exact value has the ulp of the binade above it",
    arguments: FloatFormat.allCases)
  func powerOfTwo(format: FloatFormat) {
    func check<F: BinaryFloat>(_ format: F.Type) {
      for count in [1, 2, 4, 16] {
        let lane = Array(repeating: F(rounding: 3.5), count: count)
        let exact = SoftmaxOracle().softmax(of: lane, in: F.format).value(at: 0)
        let p = F(rounding: 1 / Double(count))
        let cases: [(F, Double)] = [
          (p, 0), (p.nextUp, 1), (p.nextDown, 0.5), (p.nextDown.nextDown, 1), (p.moved(by: 3), 3),
        ]
        for (y, ulps) in cases {
          let error = UlpError(of: y, against: exact)
          #expect(error.isExact && error.magnitude == ulps, "\(y.hexText)")
          #expect(error.isNegative == (y < p))
          #expect(error.isFaithful == (ulps == 0) && error.isCorrectlyRounded == (ulps == 0))
        }
      }
    }
    check(format.type)
  }

  @Test(
    "Zero and the least subnormal number are faithful to a value between them",
    arguments: FloatFormat.allCases)
  func belowTheLeastSubnormal(format: FloatFormat) {
    func check<F: BinaryFloat>(_ format: F.Type) {
      let eta = F.format.leastSubnormal
      // log(2^-q) for q = 1/4, 3/4 and far below.
      for (share, roundsUp) in [(0.25, false), (0.75, true), (0x1p-90, false)] {
        // Every format has a logit near the logarithm, so that the share is about right.
        let logit = F(
          rounding: Double(F.format.quantumExponent) * 0.693_147_180_559_945_3 + log2(share))
        let lane: [F] = [.zero, logit]
        let exact = SoftmaxOracle().softmax(of: lane, in: F.format).value(at: 1)
        guard let p = ExactSoftmax.probabilities(of: lane).last, p.double < eta else { continue }
        let zero = UlpError(of: F.zero, against: exact)
        let least = UlpError(of: F.leastSubnormal, against: exact)
        #expect(zero.isFaithful && least.isFaithful)
        #expect(zero.isCorrectlyRounded != least.isCorrectlyRounded)
        if F.format != .bfloat16 { #expect(least.isCorrectlyRounded == roundsUp) }
        #expect(zero.isNegative && !least.isNegative)
        #expect(zero.magnitudeUpperBound <= 1 && least.magnitudeUpperBound <= 1 + 0x1p-50)
        #expect(UlpError(of: -F.zero, against: exact).isFaithful)
        #expect(!UlpError(of: F.leastSubnormal.nextUp, against: exact).isFaithful)
      }
    }
    check(format.type)
  }

  /// ln 2 times the binary logarithm of the few shares used above.
  private func log2(_ share: Double) -> Double {
    switch share {
    case 0.25: -1.386_294_361_119_890_6
    case 0.75: -0.287_682_072_451_780_9
    default: -90 * 0.693_147_180_559_945_3
    }
  }
}
