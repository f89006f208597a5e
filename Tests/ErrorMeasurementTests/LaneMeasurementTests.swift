import FloatFormats
import Oracle
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import ErrorMeasurement

/// Lanes and outputs to measure, with a promise for each.
struct MeasuredCell<F: BinaryFloat> {
  var lanes: [(logits: [F], outputs: [F], promise: LanePromise)] = []
  var policy: SpecialLanePolicy = .nanSomewhere
  var precisionCap = 1 << 15

  init(_ lanes: [(logits: [F], outputs: [F])] = [], policy: SpecialLanePolicy = .nanSomewhere) {
    self.lanes = lanes.map { ($0.logits, $0.outputs, .none) }
    self.policy = policy
  }

  /// The statistics of some of the lanes, in the order given, each under its own number.
  func statistics(
    of numbers: some Sequence<Int>, withConsequences: Bool = false
  ) -> AccuracyStatistics {
    let oracle = SoftmaxOracle(precisionCap: precisionCap)
    var measurement = LaneMeasurement(oracle: oracle)
    var statistics = AccuracyStatistics()
    for number in numbers {
      let lane = lanes[number]
      let reference = oracle.softmax(of: lane.logits, in: F.format)
      measurement.measure(
        lane.outputs, lane: number, reference: reference, policy: policy, promise: lane.promise,
        into: &statistics)
      if withConsequences {
        var part = AccuracyStatistics()
        ConsequenceMeasurement(LazyLanes([reference]), oracle: oracle)
          .measure(EncodedLanes([lane.outputs]), into: &part)
        statistics.merge(part.movedLanes(by: number))
      }
    }
    return statistics
  }

  var statistics: AccuracyStatistics { statistics(of: lanes.indices) }

  /// A cell of random lanes whose outputs are good, bad, in another binade, zero, or no numbers.
  static func random(seed: UInt64, lanes count: Int, mismatches: Bool) throws -> MeasuredCell {
    var random = SplitMix64(seed: seed)
    var cell = MeasuredCell()
    for logits in TestLanes.random(F.self, count: count, &random) + TestLanes.planned(F.self) {
      let kind = Int.random(in: 0..<4, using: &random)
      var masked = logits
      if kind == 3, logits.dropFirst().contains(where: \.isFinite) { masked[0] = -F.infinity }
      let outputs = try ExactSoftmax.probabilities(of: masked).map { exact -> F in
        let below = try exact.floor(F.self)
        if exact.isZero {
          return Int.random(in: 0..<4, using: &random) == 0 ? -F.zero : .zero
        }
        switch (kind, Int.random(in: 0..<8, using: &random)) {
        case (0, _): return try exact.nearest()
        case (2, 0): return .zero
        case (2, 1): return -F.zero
        case (2, 2): return F(rounding: below.exactDouble / 3)
        case (2, 3): return F.randomNonnegative(&random)
        case (2, 4) where mismatches:
          return [.nan, .infinity, -F.leastSubnormal, -F.one].randomElement(using: &random) ?? .nan
        default: return below.moved(by: Int64.random(in: -3...4, using: &random))
        }
      }
      cell.lanes.append((masked, outputs, .none))
    }
    return cell
  }
}

@Suite("Measurement of lanes")
struct LaneMeasurementTests {
  @Test(
    "Counts and maxima of random cells follow from the definitions",
    arguments: FloatFormat.allCases,
    [true, false])
  func matchesDefinitions(format: FloatFormat, mismatches: Bool) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      let cell = try MeasuredCell<F>.random(seed: 17, lanes: 40, mismatches: mismatches)
      // Lane by lane, so that a difference names its lane, and then as a whole.
      for number in cell.lanes.indices {
        var expected = NaiveStatistics()
        try expected.add(cell.lanes[number].logits, cell.lanes[number].outputs, lane: number)
        let found = NaiveStatistics(cell.statistics(of: [number], withConsequences: true))
        #expect(
          found == expected,
          "\(cell.lanes[number].logits.hexText) -> \(cell.lanes[number].outputs.hexText)")
      }
      var expected = NaiveStatistics()
      for (number, lane) in cell.lanes.enumerated() {
        try expected.add(lane.logits, lane.outputs, lane: number)
      }
      let statistics = cell.statistics(of: cell.lanes.indices, withConsequences: true)
      #expect(NaiveStatistics(statistics) == expected)
      #expect(statistics.undecided == 0)
    }
    try check(format.type)
  }

  @Test(
    "Means are those of the exact errors, to the grid of 2^-40", arguments: FloatFormat.allCases)
  func meansMatchExactErrors(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      let cell = try MeasuredCell<F>.random(seed: 18, lanes: 30, mismatches: false)
      for number in cell.lanes.indices {
        let (logits, outputs, _) = cell.lanes[number]
        let exact = ExactSoftmax.probabilities(of: logits)
        var errors: [Double] = []
        for (p, y) in zip(exact, outputs) where !p.isZero {
          guard try p.compare(F.format.leastNormal) >= 0 else { continue }
          let ulp = try p.ulpExponent(F.self)
          let error = try p.distance(from: y.exactDouble, inUnitsOfPowerOfTwo: ulp).double
          errors.append(try p.compare(y.exactDouble) > 0 ? -error : error)
        }
        let statistics = cell.statistics(of: [number])
        #expect(statistics.normalCount == UInt64(errors.count))
        guard !errors.isEmpty else { continue }
        let count = Double(errors.count)
        let total = errors.reduce(0) { $0 + $1.magnitude }
        guard total < .infinity else { continue }
        let slack = 0x1p-40 + total * 0x1p-40
        let signed = statistics.positive
          .mean(minus: statistics.negative, over: statistics.normalCount, timesPowerOfTwo: -40)
        #expect(abs((signed ?? .nan) - errors.reduce(0, +) / count) <= slack, "\(outputs.hexText)")
        var absolute = statistics.positive
        absolute.merge(statistics.negative)
        let mean = absolute.mean(over: statistics.normalCount, timesPowerOfTwo: -40)
        #expect(abs((mean ?? .nan) - total / count) <= slack, "\(outputs.hexText)")
        let squares = statistics.squares.mean(over: statistics.normalCount, timesPowerOfTwo: -80)
        let expected = errors.reduce(0) { $0 + $1 * $1 } / count
        #expect(
          squares == expected
            || abs((squares ?? .nan) - expected) <= 0x1p-38 * (1 + total) + expected * 0x1p-38,
          "\(outputs.hexText)")
      }
    }
    try check(format.type)
  }

  // MARK: - Masked logits

  @Test("For an exact 0 both zeros are right, -0 is tallied, and anything else is a mismatch")
  func exactZero() {
    func statistics(_ y: Float) -> AccuracyStatistics {
      MeasuredCell<Float>([([-.infinity, 1, 1], [y, 0.5, 0.5])]).statistics
    }
    for y in [Float(0), -0.0] {
      let right = statistics(y)
      #expect(right.mismatches == 0 && right.finitePairs == 3)
      #expect(right.correctlyRounded == 3 && right.faithful == 3)
      #expect(right.negativeZeros == (y.sign == .minus ? 1 : 0))
      #expect(right.maxUlp.figure == 0 && right.maxUlpSubnormal.figure == nil)
      #expect(right.normalCount == 2 && right.maxNormUlp.figure == 0)
    }
    for y: Float in [0x1p-149, -0x1p-149, 0.5, .nan, .infinity, -.infinity] {
      let wrong = statistics(y)
      #expect(wrong.mismatches == 1 && wrong.mismatchedLanes == 1 && wrong.mismatchesInDomain == 1)
      #expect(wrong.finitePairs == 2 && wrong.correctlyRounded == 2)
      #expect(wrong.maxNormUlp.figure == nil && wrong.maxSumError.figure == nil)
    }
  }

  // MARK: - Mismatches

  @Test(
    "A negative, infinite or missing number is a mismatch and keeps its lane out of norm and sum",
    arguments: [-0x1p-1074, -1, .nan, .infinity, -.infinity] as [Double])
  func mismatches(y: Double) {
    let cell = MeasuredCell<Double>([
      ([0, 0], [y, 0.75]), ([0, 0], [0.5, 0.5]), ([0, 0, 0, 0], [y, y, 0.25, 1]),
    ])
    let statistics = cell.statistics
    #expect(statistics.lanes == 3 && statistics.elements == 8)
    #expect(statistics.mismatches == 3 && statistics.mismatchedLanes == 2)
    #expect(statistics.mismatchesInDomain == 3)
    #expect(statistics.finitePairs == 5 && statistics.correctlyRounded == 3)
    // Errors beside a mismatch count into the element figures, not into those of the lane.
    #expect(statistics.maxUlp.figure == 0.75 / 0x1p-54)
    #expect(statistics.maxUlp.location == ElementLocation(lane: 2, index: 3))
    #expect(statistics.maxNormUlp.figure == 0)
    #expect(statistics.maxNormUlp.location == ElementLocation(lane: 1, index: 0))
    #expect(statistics.maxSumError.figure == 0)
  }

  @Test("Every mismatch is of one kind")
  func mismatchKinds() {
    func kinds<F: BinaryFloat>(
      _ logits: [F], _ outputs: [F], policy: SpecialLanePolicy = .nanSomewhere
    ) -> MismatchKinds {
      MeasuredCell<F>([(logits, outputs)], policy: policy).statistics.mismatchKinds
    }
    func expected(_ change: (inout MismatchKinds) -> Void) -> MismatchKinds {
      var kinds = MismatchKinds()
      change(&kinds)
      return kinds
    }
    let ordinary = kinds(
      [0, 0, 0, -.infinity] as [Float], [.nan, -.infinity, -0x1p-149, 0x1p-149])
    #expect(
      ordinary
        == expected {
          $0.nan = 1
          $0.infinite = 1
          $0.negative = 1
          $0.masked = 1
        })
    // Under a mask what is no number stays what it is.
    let masked = kinds(
      [0, -.infinity, -.infinity, -.infinity] as [Float], [1, .nan, .infinity, -1])
    #expect(
      masked
        == expected {
          $0.nan = 1
          $0.infinite = 1
          $0.negative = 1
        })
    #expect(
      kinds([0, 0] as [Float16], [.outputFill, 0.5])
        == expected { $0.unwritten = 1 })
    #expect(
      kinds(
        [.zero, .zero] as [BFloat16],
        [.outputFill, BFloat16(bitPattern: BFloat16.outputFill.bitPattern | 0x40)])
        == expected {
          $0.unwritten = 1
          $0.nan = 1
        })
    #expect(
      kinds([0, 0] as [Double], [.outputFill, Double(bitPattern: .max)])
        == expected {
          $0.unwritten = 1
          $0.nan = 1
        })
    let fully = [-.infinity, -.infinity, -.infinity] as [Float]
    #expect(
      kinds(fully, [0, 0.5, .outputFill], policy: .maskedZero)
        == expected {
          $0.special = 1
          $0.unwritten = 1
        })
    #expect(kinds(fully, [0, 0.5, 0.5]) == expected { $0.special = 3 })
  }

  @Test("Zeros of positive probabilities are counted, and no others", arguments: [0.0, -0.0])
  func zeros(zero: Double) {
    let cell = MeasuredCell<Double>([
      ([0, -1000, -.infinity], [1, zero, zero]), ([0, 0], [zero, 1]), ([0, -1e300], [1, zero]),
    ])
    #expect(cell.statistics.zeros == 3)
  }

  @Test("Mismatches outside the declared domain are counted, but not against the declaration")
  func mismatchesOutsideDomain() {
    var cell = MeasuredCell<Float>([
      ([0, 0], [.nan, 0.5]), ([0, 0], [0.5, 0.25]), ([0, 0], [.infinity, .nan]),
      ([0, 0], [-1, 0.5]),
    ])
    cell.lanes[0].promise = .outsideDomain
    cell.lanes[1].promise = .outsideDomain
    cell.lanes[2].promise = .bounded([1, 1])
    let statistics = cell.statistics
    #expect(statistics.mismatches == 4 && statistics.mismatchedLanes == 3)
    #expect(statistics.mismatchesInDomain == 3)
    #expect(statistics.outsideDomain == 4)
    #expect(statistics.maxRatio.figure == nil)
    // The errors of a lane outside the domain are measured all the same.
    #expect(statistics.maxUlp.figure == 0.25 / 0x1p-24)
    #expect(statistics.maxSumError.figure == 0.25)
  }

  @Test("An output above 1 is measured like any other")
  func aboveOne() {
    let statistics = MeasuredCell<Float>([([0, 0], [3, 0.5]), ([5], [1.5])]).statistics
    #expect(statistics.mismatches == 0)
    #expect(statistics.maxUlp.figure == 2.5 / 0x1p-24)
    #expect(statistics.maxSumError.figure == 2.5)
  }

  @Test("Outputs however large are measured without a trap", arguments: FloatFormat.allCases)
  func hugeOutputs(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      // Just above and just below the least normal number.
      let least = Double(F.format.minimumExponent) * 0.6931
      let cell = MeasuredCell<F>([
        ([.zero, F(rounding: 0.99 * least)], [.greatestFinite, .greatestFinite]),
        ([.zero, F(rounding: 1.01 * least)], [.greatestFinite, .greatestFinite]),
        (
          [.zero, F(rounding: 0.99 * least)],
          [.one, F(rounding: F.greatestFinite.exactDouble / 0x1p70)]
        ),
      ])
      for numbers in [[0], [1], [2], [0, 1, 2], [2, 1, 0]] {
        var expected = NaiveStatistics()
        for number in numbers {
          try expected.add(cell.lanes[number].logits, cell.lanes[number].outputs, lane: number)
        }
        let statistics = cell.statistics(of: numbers, withConsequences: true)
        #expect(NaiveStatistics(statistics) == expected, "\(numbers)")
        #expect(statistics.histogram.count == statistics.normalCount)
        #expect(
          (statistics.histogram.percentile(1) ?? 0) >= (statistics.maxUlp.figure ?? 0)
            * (1 - 0x1p-20))
      }
    }
    try check(format.type)
  }

  @Test("The mean of errors beyond binary64 is the true one where binary64 holds it")
  func meanOfErrorsBeyondBinary64() throws {
    // p = e^-705, about 2^-1017, has the ulp 2^-1070: 1 is 2^1070 of them away.
    let alone = MeasuredCell<Double>([([0, -705], [1, 1])]).statistics
    #expect(alone.maxUlp.figure == .infinity && alone.normalCount == 2)
    #expect(alone.positive.mean(over: alone.normalCount, timesPowerOfTwo: -40) == .infinity)
    // Over 2^60 of them it is 2^1010.
    let mean = try #require(alone.positive.mean(over: 1 << 60, timesPowerOfTwo: -40))
    let exact = ExactSoftmax.probabilities([0, -705])[1]
    let ulp = try exact.ulpExponent(Double.self)
    let truth = try exact.distance(from: 1, inUnitsOfPowerOfTwo: ulp + 60).double
    #expect(abs(mean / truth - 1) < 0x1p-45)
  }

  // MARK: - Regimes

  @Test(
    "Errors of normal and of subnormal values go to their own figures",
    arguments: FloatFormat.allCases)
  func regimes(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      let logits: [F] = [.zero, F(rounding: Double(F.format.minimumExponent - 3) * 0.6931)]
      let exact = ExactSoftmax.probabilities(of: logits)
      let p = try exact[1].floor(F.self)
      #expect(p < F.leastNormal && !p.isZero)
      let y: [F] = [F.one.nextDown.nextDown, p.moved(by: 3)]
      let statistics = MeasuredCell<F>([(logits, y)]).statistics
      let eta = F.format.quantumExponent
      let errors = try [
        exact[0].distance(
          from: y[0].exactDouble, inUnitsOfPowerOfTwo: exact[0].ulpExponent(F.self)
        ).figure(),
        exact[1].distance(from: y[1].exactDouble, inUnitsOfPowerOfTwo: eta).figure(),
      ]
      #expect(errors[0] < 3 && errors[1] > 2 && errors[1] <= 3)
      #expect(statistics.maxUlp.figure == errors[0])
      #expect(statistics.maxUlpSubnormal.figure == errors[1])
      #expect(statistics.maxUlpFlushToZero.figure == max(errors[0], errors[1]))
      #expect(statistics.maxUlpSubnormal.location == ElementLocation(lane: 0, index: 1))
      #expect(statistics.normalCount == 1 && statistics.histogram.count == 1)
    }
    try check(format.type)
  }

  @Test("Flushing a subnormal value to zero is an error only in the strict figures")
  func flushToZero() throws {
    let logits: [Float] = [0, -90]
    let exact = ExactSoftmax.probabilities(of: logits)
    let strict = try exact[1].distance(from: 0, inUnitsOfPowerOfTwo: -149).figure()
    #expect(strict > 100_000)
    for zero in [Float(0), -0.0] {
      let flushed = MeasuredCell<Float>([(logits, [1, zero])]).statistics
      #expect(flushed.maxUlpSubnormal.figure == strict)
      // 1 - p = e^-90 in ulps of 2^-24.
      let top = try exact[0].distance(from: 1, inUnitsOfPowerOfTwo: -24).figure()
      #expect(flushed.maxUlpFlushToZero.figure == top && flushed.maxUlp.figure == top)
      #expect(flushed.mismatches == 0 && flushed.faithful == 1)
      #expect(flushed.negativeZeros == (zero.sign == .minus ? 1 : 0))
    }
    // A wrong nonzero output and a normal value flushed to zero are errors in both.
    let wrong = MeasuredCell<Float>([(logits, [1, 0x1p-149])]).statistics
    #expect(wrong.maxUlpFlushToZero.figure == wrong.maxUlpSubnormal.figure)
    let normal = MeasuredCell<Float>([([0, -80], [1, 0])]).statistics
    #expect(normal.maxUlpFlushToZero.figure == normal.maxUlp.figure)
    #expect((normal.maxUlp.figure ?? 0) > 8e6)
    // Where nothing is normal but what was flushed, the figure is 0 and not missing.
    let only = MeasuredCell<Float>([([0, -90], [.nan, 0])]).statistics
    #expect(only.maxUlpFlushToZero.figure == 0 && only.maxUlp.figure == nil)
  }

  // MARK: - Norms and sums

  @Test("The norm of an error is in ulps of the largest exact value")
  func norm() throws {
    let logits: [Double] = [-3, 0, -40]
    let exact = ExactSoftmax.probabilities(logits)
    let ulp = try exact[1].ulpExponent(Double.self)
    // The largest relative error sits on the smallest value, the largest absolute one elsewhere.
    var y = try exact.map { try $0.nearest(Double.self) }
    y[0] = y[0].moved(by: 37)
    y[2] = 0
    let statistics = MeasuredCell<Double>([(logits, y)]).statistics
    #expect(statistics.maxUlp.location?.index == 2)
    #expect(statistics.maxNormUlp.location?.index == 0)
    #expect(
      statistics.maxNormUlp.figure
        == (try exact[0].distance(from: y[0], inUnitsOfPowerOfTwo: ulp).figure()))
  }

  @Test("The sum is exact, however many terms and however small")
  func sums() {
    let count = 5000
    let constant = MeasuredCell<BFloat16>([
      (
        Array(repeating: BFloat16.one, count: count),
        Array(repeating: BFloat16(rounding: 1 / Double(count)), count: count)
      )
    ]).statistics
    let y = BFloat16(rounding: 1 / Double(count)).exactDouble
    // An integer multiple of a power of two, exact in binary64 and in 30 bits.
    #expect(constant.maxSumError.figure == abs(Double(count) * y - 1))
    let tiny = MeasuredCell<Double>([([0, -800], [1, 0x1p-1074])]).statistics
    #expect(tiny.maxSumError.figure == 0x1p-1022)
  }

  // MARK: - Bounds

  @Test(
    "The ratio is the error over the bound, 0/0 is 0, an error where none is allowed is infinite"
  )
  func boundRatio() {
    func ratio(_ y: [Double], _ bounds: [Double]) -> CertifiedMaximum {
      var cell = MeasuredCell<Double>([(Array(repeating: 0, count: y.count), y)])
      cell.lanes[0].promise = .bounded(bounds)
      return cell.statistics.maxRatio
    }
    func expect(_ maximum: CertifiedMaximum, _ value: Double, at index: Int) {
      // Rounded up twice to 30 bits: of the error and of the ratio.
      let figure = maximum.figure ?? .nan
      #expect(figure >= value && figure <= value * (1 + 0x1p-27), "\(figure.hexText)")
      #expect(maximum.location?.index == index)
    }
    expect(ratio([0.5, 0.625], [0.25, 0.25]), 0.5, at: 1)
    expect(ratio([0.5, 0.625], [0.25, 0.125]), 1, at: 1)
    expect(ratio([0.375, 0.625], [0.25, 0.3]), 0.5, at: 0)
    expect(ratio([0.375, 0.625], [0.125, 0x1p-60]), 0x1p57, at: 1)
    #expect(ratio([0.5, 0.5], [0, 0]).figure == 0)
    #expect(ratio([0.5, 0.5], [1, 1]).figure == 0)
    #expect(ratio([0.5, 0.75], [0, 0]).figure == .infinity)
    #expect(ratio([0.25, 0.5], [0x1p-1074, 0]).figure == .infinity)
    #expect(ratio([.nan, 0.5], [1, 1]).figure == 0)
    #expect(ratio([.nan, .nan], [1, 1]).figure == nil)
  }

  @Test("Each range of exact values has a largest ratio of its own")
  func boundRatioInRegimes() {
    // e^-90 is below the normal range of float32; flushed to 0 it is off by itself.
    let flushed = 8.194012623990515e-40
    var cell = MeasuredCell<Float>([([0, -90], [1 + 0x1p-20, 0]), ([0, 0], [0.5, 0.75])])
    cell.lanes[0].promise = .bounded([0x1p-19, flushed / 8])
    cell.lanes[1].promise = .bounded([1, 0.125])
    func expect(_ maximum: CertifiedMaximum, _ value: Double, _ lane: Int, _ index: Int) {
      let figure = maximum.figure ?? .nan
      #expect(abs(figure / value - 1) <= 0x1p-26, "\(figure)")
      #expect(maximum.location == ElementLocation(lane: lane, index: index))
    }
    let ratios = cell.statistics.ratios
    expect(ratios.normal, 2, 1, 1)
    expect(ratios.subnormal, 8, 0, 1)
    #expect(ratios.all == ratios.subnormal && cell.statistics.maxRatio == ratios.all)
    let first = cell.statistics(of: [0]).ratios
    expect(first.normal, 0.5, 0, 0)
  }

  @Test("Ratios of errors and bounds that binary64 ulps cannot count are right and never NaN")
  func boundRatioExtremes() throws {
    func expect(_ logits: [Double], _ y: [Double], _ bounds: [Double]) throws {
      var cell = MeasuredCell<Double>([(logits, y)])
      cell.lanes[0].promise = .bounded(bounds)
      var truth = 0.0
      for (index, exact) in ExactSoftmax.probabilities(logits).enumerated() {
        let error = try exact.distance(from: y[index], inUnitsOfPowerOfTwo: 0)
        truth = max(truth, try error.divided(by: bounds[index]).figure())
      }
      let figure = try #require(cell.statistics.maxRatio.figure)
      #expect(
        figure >= truth && (figure <= truth * (1 + 0x1p-27) || figure == 0x1p-1022),
        """
        \(logits.hexText) -> \(y.hexText) within \(bounds.hexText): \(figure.hexText), \
        not \(truth.hexText)
        """
      )
    }
    try expect([0, -744], [1, 1], [1, 1])
    try expect([0, -744], [1e300, 1e300], [1e300, 1e300])
    try expect([0, -744], [1, 1e300], [1, 1e290])
    try expect([0, -705], [1, 1e300], [1, 1])
    try expect([0, -744], [1, 0], [1, 1])
    try expect([0, -744], [1, 0], [0x1p-900, 0x1p-1074])
    try expect([0, -744], [1, 0x1p-1060], [1, 0x1p-1060])
  }

  @Test("Random ratios are the largest of the exact ones", arguments: FloatFormat.allCases)
  func randomRatios(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      var random = SplitMix64(seed: 19)
      var cell = try MeasuredCell<F>.random(seed: 19, lanes: 30, mismatches: false)
      for number in cell.lanes.indices {
        let (logits, outputs, _) = cell.lanes[number]
        let exact = ExactSoftmax.probabilities(of: logits)
        let bounds = exact.map { p in
          max(p.double, F.format.leastSubnormal) * F.format.unitRoundoff
            * Double.random(in: 0.1...4, using: &random)
        }
        cell.lanes[number].promise = .bounded(bounds)
        var truth: Double?
        for (index, p) in exact.enumerated() where !p.isZero {
          let error = try p.distance(from: outputs[index].exactDouble, inUnitsOfPowerOfTwo: 0)
          truth = max(truth ?? 0, try error.divided(by: bounds[index]).figure())
        }
        let figure = cell.statistics(of: [number]).maxRatio.figure
        guard let figure, let truth else {
          #expect(figure == nil && truth == nil)
          continue
        }
        #expect(
          (figure >= truth && figure <= truth * (1 + 0x1p-27)) || figure < 0x1p-900,
          "\(logits.hexText) -> \(outputs.hexText): \(figure.hexText), not \(truth.hexText)")
      }
    }
    try check(format.type)
  }

  // MARK: - Special lanes

  private struct SpecialCase {
    var policies: [SpecialLanePolicy]
    var logits: [Float]
    var outputs: [Float]
    var agreed: UInt64
  }

  private static let specialCases: [SpecialCase] = {
    let (nan, inf) = (Float.nan, Float.infinity)
    let masked = [-inf, -inf, -inf, -inf]
    let third: Float = 0x1.555556p-2
    let visible: [SpecialLanePolicy] = [.nanSomewhere, .maskedZero, .maskedUniform]
    return [
      // At least one NaN anywhere makes all of the lane agree.
      SpecialCase(
        policies: visible + [.infinityOneHot], logits: [nan, 1, 2], outputs: [nan, nan, nan],
        agreed: 3),
      SpecialCase(
        policies: visible + [.infinityOneHot], logits: [nan, 1, 2], outputs: [0, 1, nan],
        agreed: 3),
      SpecialCase(
        policies: visible + [.infinityOneHot], logits: [nan, 1, 2], outputs: [0, 0.5, 0.5],
        agreed: 0),
      SpecialCase(policies: visible, logits: [inf, 1, 2], outputs: [nan, 0, 0], agreed: 3),
      SpecialCase(policies: visible, logits: [inf, 1, 2], outputs: [1, 0, 0], agreed: 0),
      SpecialCase(
        policies: [.nanSomewhere, .infinityOneHot], logits: masked, outputs: [0, 0, nan, 0],
        agreed: 4),
      SpecialCase(
        policies: [.nanSomewhere, .infinityOneHot], logits: masked, outputs: [0, 0, 0, 0], agreed: 0
      ),
      // A NaN does not excuse rubbish beside it.
      SpecialCase(
        policies: visible, logits: [1, nan, 3, 2], outputs: [0x1.7p+63, nan, 0x1.5p+66, 0x1.fp+64],
        agreed: 1),
      SpecialCase(policies: visible, logits: [1, nan, 3], outputs: [-0.25, nan, 0.5], agreed: 2),
      // Zeros, or what it is without the NaN: softmax of [0, -inf, 0] is [1/2, 0, 1/2].
      SpecialCase(policies: [.nanZero], logits: [0, nan, 0], outputs: [0, 0, nan], agreed: 2),
      SpecialCase(
        policies: [.nanAsMasked], logits: [0, nan, 0], outputs: [0.5, 0, 0.5], agreed: 3),
      SpecialCase(
        policies: [.nanAsMasked], logits: [0, nan, 0], outputs: [0.5, 0.1, 0.75], agreed: 1),
      SpecialCase(
        policies: [[.nanAsMasked, .maskedZero]], logits: [-inf, nan], outputs: [0, 0], agreed: 2),
      SpecialCase(
        policies: [.nanAsMasked], logits: [-inf, nan], outputs: [0, 0], agreed: 0),
      // Every NaN counts.
      SpecialCase(
        policies: [.nanEverywhere], logits: [nan, 1, 2], outputs: [nan, 0, nan], agreed: 2),
      SpecialCase(
        policies: [.nanEverywhere], logits: [1, inf, 2], outputs: [nan, nan, nan], agreed: 3),
      SpecialCase(policies: [.nanEverywhere], logits: masked, outputs: [0, 0, 0, nan], agreed: 1),
      // A declaration for masked lanes does not touch the others.
      SpecialCase(
        policies: [.maskedZero, [.maskedZero, .nanEverywhere]], logits: masked,
        outputs: [0, -0.0, 0, 0], agreed: 4),
      SpecialCase(policies: [.maskedZero], logits: masked, outputs: [0, 0.25, nan, 0], agreed: 2),
      SpecialCase(
        policies: [.maskedUniform, [.maskedUniform, .infinityOneHot]], logits: masked,
        outputs: [0.25, 0.25, 0.25, 0.25], agreed: 4),
      SpecialCase(
        policies: [.maskedUniform], logits: masked, outputs: [0.25, 0, nan, 0x1.000002p-2],
        agreed: 1),
      SpecialCase(
        policies: [.maskedUniform], logits: [-inf, -inf, -inf],
        outputs: [third, third, 0x1.555554p-2], agreed: 2),
      SpecialCase(
        policies: [[.maskedZero, .nanEverywhere]], logits: [nan, 0], outputs: [nan, 0], agreed: 1),
      // One +inf has a one-hot answer; several, or a NaN beside it, have none.
      SpecialCase(
        policies: [.infinityOneHot, [.infinityOneHot, .nanEverywhere]], logits: [1, inf, -inf],
        outputs: [0, 1, -0.0], agreed: 3),
      SpecialCase(
        policies: [.infinityOneHot], logits: [1, inf, 2], outputs: [0, 0.5, 0.5], agreed: 1),
      SpecialCase(
        policies: [.infinityOneHot], logits: [inf, inf, 2], outputs: [1, 0, 0], agreed: 0),
      SpecialCase(
        policies: [.infinityOneHot], logits: [inf, inf, 2], outputs: [nan, nan, 0], agreed: 3),
      SpecialCase(
        policies: [.infinityOneHot], logits: [inf, nan, 2], outputs: [1, 0, 0], agreed: 0),
      SpecialCase(policies: [.nanSomewhere], logits: [-inf], outputs: [1], agreed: 0),
      SpecialCase(policies: [.infinityOneHot], logits: [inf], outputs: [1], agreed: 1),
    ]
  }()

  @Test("A lane without a softmax is judged by the policy alone", arguments: specialCases.indices)
  func specialLanes(index: Int) {
    let example = Self.specialCases[index]
    for policy in example.policies {
      let cell = MeasuredCell<Float>([(example.logits, example.outputs)], policy: policy)
      let statistics = cell.statistics
      let count = UInt64(example.logits.count)
      #expect(statistics.lanes == 1 && statistics.elements == count)
      #expect(
        statistics.agreedSpecial == example.agreed,
        "\(policy.description): \(example.logits.hexText) -> \(example.outputs.hexText)")
      #expect(statistics.mismatches == count - example.agreed)
      #expect(statistics.mismatchesInDomain == count - example.agreed)
      #expect(statistics.mismatchedLanes == (example.agreed == count ? 0 : 1))
      #expect(statistics.finitePairs == 0 && statistics.normalCount == 0)
      #expect(statistics.correctlyRounded == 0 && statistics.faithful == 0)
      #expect(statistics.maxUlp.figure == nil && statistics.maxNormUlp.figure == nil)
      #expect(statistics.maxSumError.figure == nil && statistics.maxUlpFlushToZero.figure == nil)
    }
  }

  // MARK: - Empty and undecided

  @Test("Empty lanes are lanes without elements")
  func emptyLanes() {
    var cell = MeasuredCell<Float>([([], []), ([], []), ([], [])])
    cell.lanes[1].promise = .outsideDomain
    cell.lanes[2].promise = .bounded([])
    var expected = AccuracyStatistics()
    expected.lanes = 3
    #expect(cell.statistics == expected)
  }

  @Test(
    "What the precision cap leaves open is undecided, once for each element, and no figure hides it"
  )
  func undecided() {
    // 1/2 + 2^-202 and 1/2 - 2^-202 need more than 128 bits to be told from 1/2.
    var cell = MeasuredCell<Float>([([0x1p-100, 0], [0.5, 0.75])])
    cell.precisionCap = 64
    let open = cell.statistics
    #expect(open.undecided == 2 && open.finitePairs == 0 && open.mismatches == 0)
    #expect(open.maxUlp.figure == nil)
    // The sum of the outputs needs no exact value.
    #expect(open.maxSumError.figure == 0.25)

    // 1 - e^-80 is decided, but |1 - p| is not: the figure is open, the rounding known.
    cell = MeasuredCell<Float>([([0, -80], [1, 0x1.8p-116])])
    cell.precisionCap = 64
    let figure = cell.statistics
    #expect(figure.correctlyRounded >= 1 && figure.finitePairs == 2)
    #expect(figure.undecided == 1)
    cell.precisionCap = 1 << 15
    #expect(cell.statistics.undecided == 0)
  }
}
