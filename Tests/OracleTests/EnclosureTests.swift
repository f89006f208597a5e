import AuditedOperations
import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import Oracle

@Suite("Enclosure: softmax, log-softmax, logsumexp")
struct EnclosureTests {
  let oracle = SoftmaxOracle()

  private func text(
    _ operation: AuditedOperation, _ lane: [Double], _ index: Int = 0, digits: Int
  ) -> String? {
    let logits = DistinctLogits(of: lane)
    return oracle.decimalText(
      operation, slot: Int(logits.slots[index]), logits: logits, digits: digits)
  }

  // MARK: Known digits

  @Test func `the digits of the softmax of 0, 1, 2 are the known ones`() {
    let lane = [0.0, 1, 2]
    #expect(
      text(.softmax, lane, 0, digits: 40) == "9.003057317038045799802210148449179786793e-2")
    #expect(
      text(.softmax, lane, 1, digits: 40) == "2.447284710547976524729596183407627971993e-1")
    #expect(
      text(.softmax, lane, 2, digits: 40) == "6.652409557748218895290182801747454049328e-1")
    #expect(
      text(.logSumExp, lane, digits: 40) == "2.407605964444380304482919904545070451473e0")
    #expect(
      text(.logSoftmax, lane, 0, digits: 40) == "-2.407605964444380304482919904545070451473e0")
  }

  @Test func `the log-softmax of a dominant maximum keeps its relative accuracy`() {
    // -log1p(e^-50)
    #expect(text(.logSoftmax, [0, -50], 0, digits: 30) == "-1.92874984796391778301715681273e-22")
    #expect(text(.logSumExp, [0, -50], digits: 30) == "1.92874984796391778301715681273e-22")
  }

  @Test func `a constant lane has the digits of 1 over n`() {
    #expect(text(.softmax, [5, 5, 5], digits: 12) == "3.33333333333e-1")
    #expect(text(.softmax, [5, 5, 5, 5], digits: 12) == "2.50000000000e-1")
    #expect(
      text(.logSoftmax, [5, 5], digits: 30) == "-6.93147180559945309417232121458e-1")
    #expect(text(.logSumExp, [-1e300, -1e300], digits: 5) == "-1.0000e300")
  }

  @Test func `a probability far below every format has its digits`() {
    // e^-10000 and, within 2^-14000 of it, its quotient by 1 + e^-10000.
    #expect(text(.softmax, [0, -10000], 1, digits: 21) == "1.13548386531473609854e-4343")
    // e^(-10^8), near the end of the exponents.
    #expect(text(.softmax, [0, -1e8], 1, digits: 12) == "6.45170969282e-43429449")
    #expect(text(.logSumExp, [0, -1e8], digits: 12) == "6.45170969282e-43429449")
    #expect(text(.logSoftmax, [0, -1e8], 0, digits: 12) == "-6.45170969282e-43429449")
  }

  // MARK: Lanes of one

  @Test func `of a lane of one everything is exact`() {
    for logit in [0, 1.5, -1e300, 0x1p-1074, 0.1] {
      let logits = DistinctLogits(of: [logit])
      for (operation, expected) in [
        (AuditedOperation.softmax, 1), (.logSoftmax, 0), (.logSumExp, logit),
      ] {
        guard
          let enclosure = oracle.enclosure(of: operation, logits: logits, relativeBits: 200)
        else {
          Issue.record("no enclosure of \(operation) of \(logit)")
          continue
        }
        let isExact = enclosure.isExact
        #expect(isExact, "\(operation) of \(logit)")
        #expect(enclosure.lower.compare(expected) == 0, "\(operation) of \(logit)")
        #expect(
          oracle.rounded(operation, logits: logits, as: Double.self)?.bitPattern
            == expected.bitPattern, "\(operation) of \(logit)")
      }
      #expect(oracle.decimalText(.logSoftmax, logits: logits, digits: 5) == "0")
      #expect(oracle.decimalText(.softmax, logits: logits, digits: 3) == "1.00e0")
    }
    #expect(text(.logSumExp, [0.1], digits: 17) == "1.0000000000000001e-1")
  }

  // MARK: Dominance beyond any precision

  @Test(arguments: FloatFormat.allCases)
  func `values that no precision separates from a float are rounded all the same`(
    format: FloatFormat
  ) {
    for lower in [-1e19, -1e300, -1.7e308] {
      let logits = DistinctLogits(of: [0, lower])
      func value(_ operation: AuditedOperation, _ slot: Int) -> Double? {
        rounded(operation, slot: slot, logits: logits, in: format, by: oracle)
      }
      #expect(value(.softmax, 0) == 1)
      #expect(value(.softmax, 1)?.bitPattern == 0)
      #expect(value(.logSumExp, 0)?.bitPattern == 0)
      // log p is negative, however near to 0.
      #expect(value(.logSoftmax, 0)?.bitPattern == (-0.0).bitPattern)
      #expect(value(.logSoftmax, 1) == rounded(BigFloat(lower), in: format))
      let shifted = DistinctLogits(of: [1.5, 1.5, lower])
      #expect(rounded(.softmax, slot: 0, logits: shifted, in: format, by: oracle) == 0.5)
    }
  }

  @Test func `a positive number is never enclosed by zeros`() {
    for distance in [1e6, 1e9, 1e12, 1e18, 1e19, 1e300] {
      let logits = DistinctLogits(of: [0, -distance])
      if let enclosure = oracle.enclosure(of: .softmax, slot: 1, logits: logits, relativeBits: 60) {
        #expect(enclosure.lower.compare(0) > 0, "\(distance)")
      }
      if let enclosure = oracle.enclosure(of: .logSumExp, logits: logits, relativeBits: 60) {
        #expect(enclosure.lower.compare(0) > 0, "\(distance)")
      }
      if let enclosure = oracle.enclosure(of: .logSoftmax, logits: logits, relativeBits: 60) {
        #expect(enclosure.upper.compare(0) < 0, "\(distance)")
      }
    }
  }

  // MARK: Against the definition

  private func check(_ lane: [Double], relativeBits: Int, precision: Int = 2600) {
    let logits = DistinctLogits(of: lane)
    for index in lane.indices {
      let slot = Int(logits.slots[index])
      let p = referenceProbability(lane, index, precision: precision)
      let logP = referenceLogProbability(lane, index, precision: precision)
      var sum = BigFloat(precision: precision)
      sum.setDifference(BigFloat(lane[index]), logP, .toNearestOrEven)
      let label: Comment = "element \(index) of \(lane.map(\.hexText)), \(relativeBits) bits"
      func check(_ operation: AuditedOperation, _ exact: borrowing BigFloat) {
        guard
          let enclosure = oracle.enclosure(
            of: operation, slot: slot, logits: logits, relativeBits: relativeBits)
        else {
          Issue.record("no enclosure of \(operation), \(label)")
          return
        }
        let encloses = enclosure.holds(exact)
        #expect(encloses, "\(operation), \(label)")
        // The width, independently of `isTight`.
        var width = BigFloat(precision: precision)
        width.setDifference(enclosure.upper, enclosure.lower, .up)
        width.formQuotient(exact, .toNearestOrEven)
        width.formAbsoluteValue()
        let limit = Double(sign: .plus, exponent: -relativeBits, significand: 1.001)
        #expect(width.compare(limit) <= 0, "\(operation), \(label)")
      }
      check(.softmax, p)
      check(.logSoftmax, logP)
      check(.logSumExp, sum)
    }
  }

  @Test(arguments: [1, 10, 30, 47, 48, 64, 100, 400, 1000])
  func `random lanes are enclosed, as tightly as asked`(relativeBits: Int) {
    var generator = SplitMix64(seed: UInt64(relativeBits))
    for k in 0..<12 {
      let spread = [1e-300, 1e-6, 1, 10, 100, 1000][k % 6]
      var lane = (0..<5).map { _ in Double.random(in: -spread...spread, using: &generator) }
      lane.append(lane[k % 5])
      check(lane, relativeBits: relativeBits)
    }
  }

  @Test(arguments: [1, 8, 16, 24])
  func `a distance that the first precision cannot hold is enclosed as well`(relativeBits: Int) {
    // Rounding such a distance to 64 bits moves it by almost half a unit, and the exponential by
    // the first-order bound of its error and a little more.
    for exponent in [1, 10, 20, 25, 28] {
      let unit = Double(sign: .plus, exponent: exponent - 64, significand: 1)
      let far = -Double(sign: .plus, exponent: exponent, significand: 1)
      for logit in [unit * (1 + 0x1p-46), unit * (1 - 0x1p-46), unit * 3 * (1 - 0x1p-46)] {
        check([logit, far], relativeBits: relativeBits, precision: 400)
        check([logit, far, far], relativeBits: relativeBits, precision: 400)
      }
    }
  }

  @Test func `the softmax is the exponential of the log-softmax`() {
    var generator = SplitMix64(seed: 0xE1)
    for _ in 0..<30 {
      let lane = (0..<7).map { _ in Double.random(in: -40...40, using: &generator) }
      let logits = DistinctLogits(of: lane)
      for slot in logits.values.indices {
        guard
          let p = oracle.enclosure(of: .softmax, slot: slot, logits: logits, relativeBits: 200),
          let logP = oracle.enclosure(
            of: .logSoftmax, slot: slot, logits: logits, relativeBits: 200),
          let sum = oracle.enclosure(of: .logSumExp, logits: logits, relativeBits: 200)
        else {
          Issue.record("no enclosure")
          continue
        }
        // Both enclose one number, so they overlap.
        var low = BigFloat(precision: 400)
        var high = BigFloat(precision: 400)
        low.setExponential(logP.lower, .down)
        high.setExponential(logP.upper, .up)
        #expect(low.compare(p.upper) <= 0 && high.compare(p.lower) >= 0)
        // log p = x - logsumexp.
        let logit = BigFloat(logits.values[slot])
        low.setDifference(logit, sum.upper, .down)
        high.setDifference(logit, sum.lower, .up)
        #expect(low.compare(logP.upper) <= 0 && high.compare(logP.lower) >= 0)
      }
    }
  }

  @Test func `logsumexp moves with its lane`() {
    // A shift by a power of two that leaves every logit exact.
    let lane = [0.5, -1.25, 2]
    for (shift, digits) in [(1024.0, 30), (-4096, 30)] {
      let shifted = lane.map { $0 + shift }
      var difference = BigFloat(precision: 300)
      guard
        let one = oracle.enclosure(
          of: .logSumExp, logits: DistinctLogits(of: lane), relativeBits: 200),
        let other = oracle.enclosure(
          of: .logSumExp, logits: DistinctLogits(of: shifted), relativeBits: 200)
      else {
        Issue.record("no enclosure")
        continue
      }
      difference.setDifference(other.lower, one.lower, .toNearestOrEven)
      #expect(difference.decimalText(digits: digits) == BigFloat(shift).decimalText(digits: digits))
    }
  }

  // MARK: Distance from a computed value

  private func checkDistance(_ lane: [Double], _ index: Int, from y: Double) {
    let logits = DistinctLogits(of: lane)
    var exact = BigFloat(precision: 2600)
    exact.setDifference(BigFloat(y), referenceProbability(lane, index), .toNearestOrEven)
    exact.formAbsoluteValue()
    let label: Comment = "element \(index) of \(lane.map(\.hexText)), \(y.hexText)"
    guard
      let distance = oracle.distance(
        from: y, slot: Int(logits.slots[index]), logits: logits, relativeBits: 40)
    else {
      Issue.record("no distance of \(label)")
      return
    }
    let encloses = distance.holds(exact)
    #expect(encloses, label)
    let isTight = distance.isTight(relativeBits: 40)
    #expect(isTight, label)
  }

  @Test func `the distance of a computed value from the exact one is enclosed`() {
    var generator = SplitMix64(seed: 0xD1)
    for k in 0..<24 {
      let spread = [1e-100, 1, 20, 700][k % 4]
      let lane = (0..<4).map { _ in Double.random(in: -spread...spread, using: &generator) }
      for index in lane.indices {
        let nearest = Double(rounding: referenceProbability(lane, index))
        let single = Float(nearest).exactDouble
        for y in [nearest, single, nearest * 1.5, 0, 1, 2, 0x1p-1074] {
          checkDistance(lane, index, from: y)
        }
      }
    }
  }

  @Test func `the distance of 1 over k from tied maxima keeps its relative accuracy`() {
    for lower in [-1.0, -40, -1000] {
      checkDistance([0, lower], 0, from: 1)
      checkDistance([0, 0, lower], 1, from: 0.5)
      checkDistance([0, 0, 0, lower], 1, from: 1 / 3)
      checkDistance([0, 0, 0, 0, lower, lower - 1], 1, from: 0.25)
    }
    // A constant lane has it exactly.
    let constant = DistinctLogits(of: [7.0, 7])
    guard let zero = oracle.distance(from: 0.5, slot: 0, logits: constant, relativeBits: 40),
      let quarter = oracle.distance(from: 0.75, slot: 0, logits: constant, relativeBits: 40)
    else {
      Issue.record("no distance")
      return
    }
    #expect(zero.lower.compare(0) == 0 && zero.upper.compare(0) == 0)
    #expect(quarter.lower.compare(0.25) == 0 && quarter.upper.compare(0.25) == 0)
  }

  // MARK: Tightness and the cap

  @Test func `tightness is judged by the width relative to the smaller end`() {
    func isTight(_ lower: Double, _ upper: Double, _ bits: Int) -> Bool {
      Enclosure(lower: BigFloat(lower), upper: BigFloat(upper)).isTight(relativeBits: bits)
    }
    #expect(isTight(1, 1, 1000))
    #expect(isTight(1, 1 + 0x1p-20, 20))
    #expect(!isTight(1, 1 + 0x1p-20, 21))
    #expect(isTight(-1 - 0x1p-20, -1, 20))
    #expect(!isTight(-1 - 0x1p-20, -1, 21))
    #expect(!isTight(0, 0x1p-1074, 1))
    #expect(!isTight(-0x1p-1074, 0x1p-1074, 1))
    #expect(isTight(0, 0, 1))
  }

  @Test func `the precision cap gives nil`() {
    let capped = SoftmaxOracle(precisionCap: 64)
    let logits = DistinctLogits(of: [0, 0x1p-1074])
    #expect(capped.rounded(.softmax, logits: logits, as: Double.self) == nil)
    #expect(capped.decimalText(.softmax, logits: logits, digits: 10) == nil)
    let far = DistinctLogits(of: [0, -1e300])
    let missing = oracle.enclosure(of: .softmax, slot: 1, logits: far, relativeBits: 60)
    if case .some = consume missing { Issue.record("an enclosure of what lies beyond the range") }
    #expect(oracle.decimalText(.softmax, slot: 1, logits: far, digits: 5) == nil)
  }
}
