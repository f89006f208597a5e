import AuditedOperations
import FloatFormats
import LogitFamilies
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import ErrorMeasurement

@Suite("The measurement of short lanes in runs")
struct FilteredRunsTests {
  /// Measures lanes of every kind, good and bad outputs among them, in runs, one by one, and by
  /// MPFR.
  private struct Comparison: FormatGenericWork {
    let length: Int

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      var random = SplitMix64(seed: UInt64(length))
      let oracle = SoftmaxOracle()
      let families = LogitFamily.all.filter { $0.applies(to: F.format) }
      let count = max(9, 600 / length)
      let logits = (0..<count).map { number -> [F] in
        families[number % families.count].lane(seed: 7, length: length, sample: number)
      }
      for isBad in [false, true] {
        let outputs = logits.map { lane -> [F] in
          let exact = FilteredLane(EncodedLane(lane), in: F.format, oracle: oracle)
          let isMismatched = isBad && Int.random(in: 0..<6, using: &random) == 0
          return lane.indices.map { index in
            guard exact.special == nil else { return F.nan }
            let nearest = exact.value(at: index).correctlyRounded(F.self)
            if isMismatched, Int.random(in: 0..<3, using: &random) == 0 {
              return [F.nan, F.infinity, -F.one, F.one][Int.random(in: 0..<4, using: &random)]
            }
            let steps: Int64 = isBad ? 1000 : 1
            let moved = nearest.moved(by: Int64.random(in: -steps...steps, using: &random))
            return nearest.isZero ? nearest : moved.isNegative ? F.zero : moved
          }
        }
        try compare(logits, outputs, oracle, "length \(length), \(isBad ? "bad" : "good")")
      }
    }

    private func compare<F: BinaryFloat>(
      _ logits: [[F]], _ outputs: [[F]], _ oracle: SoftmaxOracle, _ name: String
    ) throws {
      let (row, all) = (EncodedLanes(logits), EncodedLanes(outputs))
      let lanes = LazyLanes(count: row.count) {
        FilteredLane(row[$0], in: F.format, oracle: oracle)
      }
      let inRuns = FilteredLanes(
        lanes, logits: row, in: F.format, oracle: oracle, level: .best)
      let oneByOne = FilteredLanes(lanes)
      let judge = LaneJudge(
        nil, of: .softmax, input: F.format, output: F.format, settings: MeasurementSettings())
      func measured(_ lanes: FilteredLanes, evaluatesAll: Bool) throws -> AccuracyStatistics {
        var measurement = FilteredMeasurement(lanes: lanes, oracle: oracle)
        return measurement.measure(
          all, policy: .nanSomewhere,
          promises: try judge.promises(
            lanes: logits.count, ofLength: length, evaluatesAll: evaluatesAll
          ) { LaneProfile(logits[$0]) })
      }
      let own = try measured(inRuns, evaluatesAll: false)
      // The squares of errors are rounded before they are added up, lane by lane or together.
      let byLanes = try measured(oneByOne, evaluatesAll: true)
      #expect(own.squares.approximate.isClose(to: byLanes.squares.approximate), "\(name)")
      // Lanes in runs can leave other elements open, whose errors are those of the next filter.
      #expect(own.positive.approximate.isClose(to: byLanes.positive.approximate), "\(name)")
      #expect(own.negative.approximate.isClose(to: byLanes.negative.approximate), "\(name)")
      #expect(own.figures == byLanes.figures, "\(name)")
      #expect(own.ratios == byLanes.ratios, "\(name)")
      #expect(own.mismatches == byLanes.mismatches, "\(name)")
      #expect(own.maxSumError == byLanes.maxSumError, "\(name)")
      let arbiter = MeasuredLanes(byArbiter: oracle, logits: logits, outputs: outputs)
      let filtered = MeasuredLanes(logits: row, outputs: all, format: F.format, oracle: oracle)
      #expect(filtered.certified == arbiter.certified, "\(name)")
      #expect(filtered.elements == arbiter.elements)
    }
  }

  @Test(
    "Figures are those of lanes one by one, and certified ones those of MPFR",
    arguments: FloatFormat.everyOne, [1, 2, 3, 8, 33, 100, 300])
  func figures(format: FloatFormat, length: Int) throws {
    try format.open(Comparison(length: length))
  }

  @Test("Lanes that a run decides are not made one by one")
  func lanesMade() throws {
    let family = try #require(LogitFamily.all.first { $0.name == "normal-4" })
    let variant = try #require(SoftmaxVariant(named: "max-trick/compensated"))
    let oracle = SoftmaxOracle()
    let (count, length) = (2000, 10)
    let logits = (0..<count).map { sample -> [Float] in
      family.lane(seed: 5, length: length, sample: sample)
    }
    let outputs = logits.map { lane in
      var lane = lane
      lane.withUnsafeMutableBufferPointer { variant.evaluate($0) }
      return lane
    }
    var made = 0
    let row = EncodedLanes(logits)
    let lanes = LazyLanes(count: count) { lane in
      made += 1
      return FilteredLane(row[lane], in: .float32, oracle: oracle)
    }
    var measurement = FilteredMeasurement(
      lanes: FilteredLanes(lanes, logits: row, in: .float32, oracle: oracle, level: .best),
      oracle: oracle)
    let judge = LaneJudge(
      nil, of: .softmax, input: .float32, output: .float32, settings: MeasurementSettings())
    let statistics = measurement.measure(
      EncodedLanes(outputs), policy: .nanSomewhere,
      promises: try judge.promises(lanes: count, ofLength: length) { LaneProfile(logits[$0]) })
    #expect(statistics.elements == UInt64(count * length))
    #expect(statistics.maxRatio.figure != nil)
    #expect(made < count / 10)
  }
}

extension AccuracyStatistics {
  /// The figures of the statistics that do not depend on how the lanes are divided.
  fileprivate var figures: [String: Double] {
    [
      "lanes": Double(lanes), "elements": Double(elements), "finitePairs": Double(finitePairs),
      "correctlyRounded": Double(correctlyRounded), "faithful": Double(faithful),
      "zeros": Double(zeros), "negativeZeros": Double(negativeZeros),
      "agreedSpecial": Double(agreedSpecial), "undecided": Double(undecided),
      "outsideDomain": Double(outsideDomain), "mismatchedLanes": Double(mismatchedLanes),
      "normalCount": Double(normalCount), "maxUlp": maxUlp.figure ?? -1,
      "maxUlpSubnormal": maxUlpSubnormal.figure ?? -1,
      "maxUlpFlushToZero": maxUlpFlushToZero.figure ?? -1, "maxNormUlp": maxNormUlp.figure ?? -1,
      "median": histogram.percentile(0.5) ?? -1, "p99": histogram.percentile(0.99) ?? -1,
    ]
  }
}

extension Double {
  fileprivate func isClose(to other: Double) -> Bool {
    self == other || abs(self - other) <= 0x1p-30 * max(abs(self), abs(other))
  }
}
