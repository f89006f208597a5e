import FloatFormats
import Oracle
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import ErrorMeasurement

@Suite("Scaled errors and total variation")
struct ScaledErrorsTests {
  /// The figures of outputs of an operation on one lane, by MPFR.
  private func row<F: BinaryFloat>(
    _ logits: [F], _ outputs: [F], _ operation: AuditedOperation = .softmax, upstream: [F] = []
  ) throws -> AccuracyRow {
    let exactly = DistinctLogits(exactly: logits.map(\.exactDouble))
    let lane =
      upstream.isEmpty
      ? OperationLane(operation, exactly)
      : OperationLane(operation, logits: exactly, upstream: upstream.map(\.exactDouble))
    let oracle = SoftmaxOracle()
    let reference = oracle.reference(of: lane, in: F.format)
    var measurement = LaneMeasurement(oracle: oracle)
    var statistics = AccuracyStatistics()
    measurement.measure(
      outputs, lane: 0, reference: reference, policy: .nanSomewhere, promise: .none,
      into: &statistics)
    if operation == .softmax {
      ConsequenceMeasurement(LazyLanes([reference]), oracle: oracle)
        .measure(EncodedLanes([outputs]), into: &statistics)
    }
    return try AccuracyRow(
      implementation: "i", operation: operation, inputFormat: F.format, outputFormat: F.format,
      family: "f", geometry: LaneGeometry(shape: [logits.count], axis: 0), statistics: statistics,
      bound: nil, nsPerElement: nil, worst: nil)
  }

  @Test("Of a rational probability they are rational")
  func thirds() throws {
    // fl(1/3) = (1 + 2^-25) / 3, so that |3 y - 1| = 2^-25, which is half of u = 2^-24. The next
    // number is 2^-25 larger: 3 times that is 3 u / 2, and 2 u in all.
    let third: Float = 1 / 3
    let good = try row([0, 0, 0] as [Float], [third, third, third])
    #expect(good.maxScaled == 0.5 && good.maxScaledOfNormal == 0.5 && good.meanScaled == 0.5)
    #expect(good.maxTotalVariation == Figure(0x1p-26))
    let off = try row([0, 0, 0] as [Float], [third, third, third.nextUp])
    #expect(off.maxScaled == 2.0 && off.meanScaled == 1.0)
    // (2^-25 + 2^-25 + 2^-23) / 6 = 2^-23 1.5 / 6
    #expect(off.maxTotalVariation == Figure(0x1p-25))
  }

  @Test("Next to the reciprocal of a count, the sign of the vanishing rest decides")
  func farTails() throws {
    // p = 1 / (3 + t) with t < 2^-(10^30), so that the scaled error of fl(1/3) is 1/2 and next to
    // nothing.
    let third: Float = 1 / 3
    let lane: [Float] = [0, -1e30, 0, 0]
    let above = try row(lane, [third, 0, third, third])
    #expect(above.maxScaled == Figure(0.5 + 0x1p-30) && above.undecided == 0)
    // 3 y - 1 = -2^-24 for the next number below: 1, less next to nothing.
    let less: Float = 0x1.555554p-2
    let below = try row(lane, [less, 0, less, less])
    #expect(below.maxScaled == 1.0 && below.undecided == 0)
    // A half is p, but for a rest that no figure tells from the least one.
    let half = try row([0, -1e30, 0] as [Float], [0.5, 0, 0.5])
    #expect(half.maxScaled == Figure(0x1p-1022) && half.undecided == 0)
  }

  @Test("A gradient is measured beside the terms that it is the difference of")
  func gradient() throws {
    // p = 1/3 and p (g - sum p g) = 2/3, -1/3, -1/3 beside yardsticks of 4/3, 1/3, 1/3. fl(2/3) is
    // off by 2^-24 / 3, a fourth of u 4/3, and fl(1/3) by 2^-25 / 3, a half of u / 3: rational
    // figures.
    let third: Float = 1 / 3
    let found = try row(
      [0, 0, 0] as [Float], [2 * third, -third, -third], .softmaxVJP, upstream: [3, 0, 0])
    #expect(found.maxScaled == 0.5 && found.undecided == 0)
    #expect(found.meanScaled == Figure(1.25 / 3))
    // Equal upstreams cancel: 2^-24 beside 2 p g = 2/3 is 3/2 of u.
    let cancelled = try row(
      [0, 0, 0] as [Float], [0, 0, 0x1p-24], .softmaxVJP, upstream: [1, 1, 1])
    #expect(cancelled.maxScaled == 1.5 && cancelled.undecided == 0)
    #expect(cancelled.meanScaled == 0.5)
  }

  @Test("Below the normal range half the smallest subnormal number is the unit")
  func subnormal() throws {
    // p = e^-100 is about 26.5 times 2^-149.
    let found = try row([0, -100] as [Float], [1, 0])
    let p = 3.720075976020836e-44
    let scaled = try #require(found.maxScaled?.value)
    #expect(abs(scaled - p * 0x1p150) <= 1e-6 * scaled)
    // That of the 1 is 2^24 e^-100.
    #expect((found.maxScaledOfNormal?.value ?? 1) < 1e-30)
    // Both outputs are off by e^-100, to 43 digits.
    #expect(abs((found.maxTotalVariation?.value ?? 0) - p) <= 1e-6 * p)
  }

  @Test("A masked lane: an exact 0 has no error and counts in the mean")
  func masked() throws {
    let found = try row([-.infinity, 0, 0] as [Float], [0, 0.5, 0.75])
    // 1/4 of p = 1/2 is 2^23 times u p.
    #expect(found.maxScaled == Figure(0x1p23))
    #expect(found.meanScaled == Figure(0x1p23 / 3))
    #expect(found.maxTotalVariation == 0.125)
  }

  @Test("Where all outputs are on one side the variation is half the defect of the sum, exactly")
  func oneSided() throws {
    // Both are below p, which is 0.73105 and 0.26894.
    let found = try row([1, 0] as [Float], [0x1.764ap-1, 0x1.136p-2])
    #expect(found.maxTotalVariation == Figure(0x1p-1 * abs(0x1.764ap-1 + 0x1.136p-2 - 1)))
  }

  @Test("The yardstick of a log-probability is at least 1, and that of a logsumexp at least ln s")
  func yardsticks() throws {
    // l = -e^-20 / (1 + e^-20) is -2.06e-9: beside 1 an output of 0 is good.
    let log = try row([0, -20] as [Float], [0, -20], .logSoftmax)
    let error = 2.0611536181902037e-9
    #expect(abs((log.maxScaled?.value ?? 0) - error * 0x1p24) <= 1e-6 * error * 0x1p24)
    // L = -8 + ln(1 + e^-1 ... ) with 3000 equal logits: -8 + ln 3000 = 0.00637, and ln s =
    // 8.00637.
    let lane = [Float](repeating: -8, count: 3000)
    let sum = try row(lane, [0], .logSumExp)
    let value = 0.0063675676501175
    #expect(
      abs((sum.maxScaled?.value ?? 0) - value / (8 + value) * 0x1p24) <= 1e-3)
    #expect(sum.maxTotalVariation == nil && log.maxTotalVariation == nil)
  }
}
