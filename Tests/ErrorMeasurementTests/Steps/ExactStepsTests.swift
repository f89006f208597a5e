import MultiPrecision
import Oracle
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

/// Exact values in steps: against plain sums of exponentials by MPFR at two precisions, and against
/// rational numbers.
@Suite("Exact values in steps")
struct ExactStepsTests {
  /// The whole part of v / scale in units of 2^-32, v by a plain sum of exponentials; `nil` where
  /// two precisions do not agree.
  static func plainUnits(
    _ index: Int, of logits: [Int], times scale: Double, in steps: Double, logarithm: Bool
  ) -> Int64? {
    func units(_ precision: Int) -> Int64 {
      var sum = BigFloat(precision: precision)
      sum.assign(0, .toNearestOrEven)
      var own = BigFloat(precision: precision)
      for (place, logit) in logits.enumerated() {
        var z = BigFloat(precision: precision)
        z.setProduct(BigFloat(Double(logit)), BigFloat(scale), .toNearestOrEven)
        if place == index, logarithm { own.assign(z, .toNearestOrEven) }
        var term = BigFloat(precision: precision)
        term.setExponential(z, .toNearestOrEven)
        sum.formSum(term, .toNearestOrEven)
        if place == index, !logarithm { own.assign(term, .toNearestOrEven) }
      }
      if logarithm {
        var total = BigFloat(precision: precision)
        total.setLogarithm(sum, .toNearestOrEven)
        own.formDifference(total, .toNearestOrEven)
      } else {
        own.formQuotient(sum, .toNearestOrEven)
      }
      own.formQuotient(BigFloat(steps), .toNearestOrEven)
      own.formProduct(withPowerOfTwo: 32)
      return Int64(own.double(.down).rounded(.down))
    }
    let (coarse, fine) = (units(800), units(1600))
    return coarse == fine ? fine : nil
  }

  private static func lane(
    _ operation: AuditedOperation, _ logits: [Int], times scale: Double
  ) -> OperationLane {
    OperationLane(
      operation, ModifiedLogits(logits.map { Double($0) }, LaneModifiers(scale: scale)))
  }

  @Test("They are those of a plain sum of exponentials, within the range of the type")
  func plain() throws {
    var random = SplitMix64(seed: 0x57E5)
    let oracle = SoftmaxOracle()
    var (inside, saturated) = (0, 0)
    for trial in 0..<300 {
      let scale = [0.1, 0x1.99999ap-4, 0.003, 1.75, 0x1p-5][trial % 5]
      let outputs = try [
        Quantization(scale: 0x1p-8, zeroPoint: -128, type: .int8),
        Quantization(scale: 1.0 / 255, zeroPoint: 3, type: .uint8),
        Quantization(scale: 0x1p-15, zeroPoint: 0, type: .int16),
        Quantization(scale: 16.0 / 256, zeroPoint: 127, type: .int8),
      ][trial % 4]
      let operation: AuditedOperation = trial % 4 == 3 ? .logSoftmax : .softmax
      let logits = (0..<(2 + trial % 7)).map { _ in
        Int(truncatingIfNeeded: random.next() % 256) - 128
      }
      guard Set(logits).count > 1 else { continue }
      let lane = Self.lane(operation, logits, times: scale)
      let limits = outputs.differences
      for index in logits.indices {
        let found = try #require(
          ExactSteps(slot: Int(lane.slots[index]), of: lane, outputs, oracle: oracle))
        let plain = try #require(
          Self.plainUnits(
            index, of: logits, times: scale, in: outputs.scale,
            logarithm: operation == .logSoftmax))
        let least = Int64(limits.lowerBound) << 32
        let most = Int64(limits.upperBound) << 32
        if plain >= most || plain < least {
          saturated += 1
          #expect(found == ExactSteps(plain >= most ? .max : .min, within: limits))
        } else {
          inside += 1
          #expect(found.units == plain && !found.isExact)
        }
      }
    }
    #expect(inside > 500 && saturated > 50, "\(inside), \(saturated)")
  }

  @Test("Of equal logits they are 1 / (n scale): exact where that is a multiple of 2^-32")
  func equalLogits() throws {
    let oracle = SoftmaxOracle()
    for count in [1, 2, 3, 7, 256, 512, 1000] {
      for scale in [0x1p-8, 1.0 / 255, 0x1p-15, 3 * 0x1p-9] {
        let outputs = try Quantization(scale: scale, zeroPoint: 0, type: .int16)
        let lane = Self.lane(.softmax, Array(repeating: 5, count: count), times: 0.1)
        let found = try #require(ExactSteps(slot: 0, of: lane, outputs, oracle: oracle))
        // scale = significand 2^exponent, so that 2^32 / (n scale) is a quotient of integers.
        let exponent = Int(scale.exponent) - 52
        let significand = Int128(scale.significand * 0x1p52)
        let numerator = Int128(1) << Int128(32 - exponent)
        let (quotient, rest) = numerator.quotientAndRemainder(
          dividingBy: Int128(count) * significand)
        let most = Int128(32767) << 32
        #expect(Int128(found.units) == min(quotient, most))
        #expect(found.isExact == (rest == 0 || quotient >= most), "\(count), \(scale)")
      }
    }
  }

  @Test("Codes are as far off as the number lies from them, rounded up to 2^-32")
  func distances() throws {
    let outputs = try Quantization(scale: 0x1p-8, zeroPoint: -128, type: .int8)
    let oracle = SoftmaxOracle()
    // 256 / 512 = 1/2, a tie: -127.5 is rounded to the even -128.
    let tie = try #require(
      ExactSteps(
        slot: 0, of: Self.lane(.softmax, Array(repeating: 0, count: 512), times: 1), outputs,
        oracle: oracle))
    #expect(tie.nearest(zeroPoint: -128) == 0 && tie.nearest(zeroPoint: -127) == 1)
    #expect(tie.distance(from: 0) == 1 << 31 && tie.distance(from: 1) == 1 << 31)
    #expect(tie.isFaithful(0) && tie.isFaithful(1) && !tie.isFaithful(2) && !tie.isFaithful(-1))
    #expect(tie.exceeds(0) && !tie.exceeds(1))
    // e^-20 / (1 + e^-20) is 2.06e-9, of 256 steps 5.3e-7: 2266 units of 2^-32 and some.
    let small = try #require(
      ExactSteps(
        slot: 1, of: Self.lane(.softmax, [0, -20], times: 1), outputs, oracle: oracle))
    #expect(small.distance(from: 0) == 2267 && small.nearest(zeroPoint: -128) == 0)
    #expect(small.distance(from: 1) == 1 << 32 - 2266)
    #expect(small.isFaithful(1) && small.isFaithful(0) && !small.isFaithful(-1))
    // Beyond the largest integer there is no error but that of other integers.
    let large = try #require(
      ExactSteps(
        slot: 0, of: Self.lane(.softmax, [0, -20], times: 1), outputs, oracle: oracle))
    #expect(large.distance(from: 255) == 0 && large.distance(from: 0) == 255 << 32)
    #expect(large.nearest(zeroPoint: -128) == 255)
  }

  @Test("A probability next to 1/2 is below a tie that lies there, however near")
  func besideTie() throws {
    // In steps of 1 the tie is 1/2: p = 1/2 - e^-d / 4 or so.
    let outputs = try Quantization(scale: 1, zeroPoint: 0, type: .uint8)
    let oracle = SoftmaxOracle()
    for distance in [1.0, 40, 2000, 100_000] {
      let lane = OperationLane(.softmax, exactly: [0, 0, -distance])
      let found = try #require(ExactSteps(slot: 0, of: lane, outputs, oracle: oracle))
      #expect(found.nearest(zeroPoint: 0) == 0)
      #expect(!found.isExact && found.units < 1 << 31)
    }
  }
}
