import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Judged by default")
struct DefaultJudgingTests {
  /// A softmax that declares nothing, of the logits times a factor, every output changed.
  private static func undeclared(
    _ name: String, factor: Double = 1, change: @escaping @Sendable (Int, Double) -> Double = { $1 }
  ) -> LaneFunction<Float> {
    LaneFunction(name) { (logits: [Float]) in
      let top = logits.max() ?? 0
      let weights = logits.map { Double.exp(factor * (Double($0) - Double(top))) }
      let sum = weights.reduce(0, +)
      return weights.enumerated().map { Float(change($0, $1 / sum)) }
    }
  }

  private func rows(
    _ implementation: any SoftmaxImplementation, lengths: [Int] = [2, 17, 300],
    families: [LogitFamily] = LogitFamily.all, format: FloatFormat = .float32, samples: Int = 4,
    _ change: (inout AuditPlan) -> Void = { _ in }
  ) async throws -> [AccuracyRow] {
    let cells = AuditPlan.cells(
      families: families, formats: [format], lengths: lengths, samples: samples)
    var plan = AuditPlan(implementations: [implementation], cells: cells, threads: 2)
    change(&plan)
    return try await Audit(plan).run().map {
      var row = $0
      row.nsPerElement = nil
      return row
    }
  }

  @Test("What declares nothing is judged by the default tolerance")
  func undeclaredModel() async throws {
    for row in try await rows(Self.undeclared("good")) {
      #expect(row.bound?.model == MeasurementJudging.undeclared)
      #expect(!row.isFailure, "\(row.family) \(row.length)")
    }
    let family = [try LogitFamily.named("normal-1")]
    for factor in [0.01, 0.5] {
      let wrong = try await rows(Self.undeclared("wrong", factor: factor), families: family)
      #expect(wrong.allSatisfy { $0.exceedsBound })
      #expect(wrong.allSatisfy { $0.isFailure && ($0.bound?.maxRatio?.value ?? 0) > 1e3 })
    }
    let silent = try await rows(Self.undeclared("wrong", factor: 0.5), families: family) {
      $0.settings.judgesNothing = true
    }
    #expect(silent.allSatisfy { $0.bound == nil && !$0.isFailure })
    let none = try await rows(
      BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick"))), families: family
    ) { $0.settings.ignoresOwnModel = true }
    #expect(none.allSatisfy { $0.bound?.model == MeasurementJudging.undeclared && !$0.isFailure })
  }

  @Test(
    "Evaluating every bound, and no filter, gives the same largest part of it at the same place",
    arguments: FloatFormat.allCases)
  func lazyBounds(format: FloatFormat) async throws {
    let implementation = BuiltInImplementation(
      try #require(SoftmaxVariant(named: "logsumexp/pairwise")))
    func rows(_ change: (inout AuditPlan) -> Void) async throws -> [AccuracyRow] {
      try await self.rows(
        implementation, lengths: [0, 1, 2, 17, 300], format: format, samples: 2
      ) {
        $0.settings.ignoresOwnModel = true
        change(&$0)
      }
    }
    for underflow in UnderflowPolicy.allCases {
      let lazy = try await rows { $0.settings.underflow = underflow }
      let eager = try await rows {
        $0.settings.underflow = underflow
        $0.evaluatesAllBounds = true
      }
      let arbiter = try await rows {
        $0.settings.underflow = underflow
        $0.oracleTier = .mpfr
      }
      #expect(lazy.count == eager.count)
      for (a, b) in zip(lazy, eager) {
        // Short lanes are measured in runs where bounds are not looked at one by one: sums of
        // errors are added up in another order, other elements are left to MPFR, and certified
        // figures are the same.
        var b = b
        b.oracleFallbacks = a.oracleFallbacks
        for figure in FigureDescriptor.all where figure.evidence == .statistical {
          let (first, second) = (a.figures[figure]?.value, b.figures[figure]?.value)
          #expect((first == nil) == (second == nil), "\(a.family) \(a.length)")
          let difference = abs((first ?? 0) - (second ?? 0))
          let size = max(abs(second ?? 0), b.meanUlp?.value ?? 0)
          #expect(difference <= 1e-6 * size, "\(figure.key) \(a.family) \(a.length)")
          b.figures[figure] = a.figures[figure]
        }
        #expect(a == b, "\(a.family) \(a.length)")
      }
      for (a, b) in zip(lazy, arbiter) {
        #expect(a.bound == b.bound, "\(a.family) \(a.length)")
      }
      #expect(lazy.contains { $0.bound?.worst != nil })
    }
  }

  @Test(
    "No tolerance is below the floor of its length, nor below that of its lane",
    arguments: FloatFormat.allCases)
  func floors(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ type: F.Type) throws {
      var lanes = 0
      for underflow in UnderflowPolicy.allCases {
        let tolerance = DefaultTolerance(output: F.format, underflow: underflow)
        for family in LogitFamily.all where family.applies(to: F.format) {
          for length in [1, 2, 10, 300, 5000] {
            let lane = family.lane(seed: 5, length: length, sample: 0, as: F.self)
            guard let profile = LaneProfile(lane),
              let floor = tolerance.floor(ofLanesOfLength: length)
            else { continue }
            let bounds = try #require(tolerance.tolerance(of: profile)?.bounds)
            lanes += 1
            let ties = profile.distances.count { $0 == 0 }
            let raised = floor.raised(
              maximum: profile.maximum, rest: 1 - Double(ties) / profile.sum)
            #expect(raised.relative >= floor.relative)
            for index in lane.indices where lane[index] != -F.infinity {
              let probability = profile.probability(index)
              // A probability that is 0 in binary64 can have an infinite distance.
              let relative =
                probability > 0 ? raised.relative + raised.slope * profile.distances[index] : 0
              let least = relative * probability + raised.absolute
              #expect(bounds[index] >= least * (1 - 0x1p-36), "\(family.name) \(length) \(index)")
            }
          }
        }
      }
      #expect(lanes > 100)
    }
    try check(format.type)
  }

  @Test("A zero that may be flushed counts as its bound at most, exactly, and nothing else does")
  func flushed() async throws {
    // Correctly rounded, but flushed: the error of a zero is all of p.
    let flushing = Self.undeclared("flushing") { _, p in p < 0x1p-126 ? 0 : p }
    let families = ["underflow-edge", "subnormal-results"].compactMap { name in
      LogitFamily.all.first { $0.name == name }
    }
    #expect(families.count == 2)
    for tier in [OracleTier.filtered, .mpfr] {
      let forgiven = try await rows(flushing, families: families) {
        $0.settings.underflow = .flush
        $0.oracleTier = tier
      }
      #expect(forgiven.allSatisfy { !$0.isFailure })
      #expect(forgiven.contains { $0.bound?.maxRatio == 1.0 && ($0.zeros ?? 0) > 0 })
      let strict = try await rows(flushing, families: families) { $0.oracleTier = tier }
      #expect(strict.contains { $0.exceedsBound })
      // A subnormal output that is off by its own size is no flushed zero.
      let halved = Self.undeclared("halved") { _, p in p < 0x1p-128 ? p * 3 : p }
      let wrong = try await rows(halved, families: families) {
        $0.settings.underflow = .flush
        $0.oracleTier = tier
      }
      #expect(wrong.contains { $0.exceedsBound })
    }
  }

  @Test("Lanes so long that nothing bounds them are counted, and are no pass")
  func withoutBound() throws {
    var statistics = AccuracyStatistics()
    var measurement = LaneMeasurement(oracle: SoftmaxOracle())
    measurement.measure(
      [Float(0.5), 0.5], lane: 0,
      reference: SoftmaxOracle().softmax(of: [Float(0), 0], in: .float32), policy: .nanSomewhere,
      promise: .unbounded, into: &statistics)
    let row = try AccuracyRow(
      implementation: "i", operation: .softmax, inputFormat: .float32, outputFormat: .float32,
      family: "f",
      geometry: LaneGeometry(shape: [2], axis: 0), statistics: statistics,
      bound: .init(model: MeasurementJudging.undeclared, statistics) { _ in nil },
      nsPerElement: nil, worst: nil)
    #expect(row.withoutBound == 2 && row.bound?.maxRatio == nil)
    let judge = LaneJudge(nil, input: .float32, output: .float32, settings: .init())
    let tolerance = DefaultTolerance(output: .float32, underflow: .gradual)
    #expect(tolerance.floor(ofLanesOfLength: 1 << 24) == nil)
    // All of 2^24 - 1 roundings of 2^-24 come to 1: no bound.
    let lane = Array(repeating: 0.0, count: 1 << 24)
    let promise = try judge.promise(on: LaneProfile(exactly: lane))
    #expect(promise.lacksBound && !promise.isOutsideDomain)
  }

  @Test("Lanes without a bound by a declared model are not judged; by its own they are excused")
  func declaredWithoutBound() async throws {
    let families = [try LogitFamily.named("normal-1"), try LogitFamily.named("very-negative")]
    let naive = try #require(SoftmaxVariant(named: "naive"))
    let declared = try await rows(Self.undeclared("good"), lengths: [17], families: families) {
      $0.settings.declaredModel = DeclaredModel(naive)
    }
    let own = try await rows(BuiltInImplementation(naive), lengths: [17], families: families)
    for (row, builtIn) in zip(declared, own) {
      let outside = try #require(row.bound?.outsideDomain)
      // All exponentials of very negative logits vanish: no lane has a bound.
      #expect(outside == (row.family == "very-negative" ? row.elements : 0), "\(row.family)")
      #expect(row.bound?.notJudged == (outside > 0 ? outside : nil))
      #expect(row.withoutBound == outside && !row.isFailure)
      #expect(builtIn.bound?.outsideDomain == outside && builtIn.bound?.notJudged == nil)
      #expect(builtIn.withoutBound == 0)
    }
  }
}
