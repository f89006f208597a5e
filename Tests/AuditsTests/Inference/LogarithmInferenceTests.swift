import FloatFormats
import Foundation
import MultiPrecision
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Inferring how a logarithm of a softmax is built")
struct LogarithmInferenceTests {
  private func findings(
    _ names: [String], of operation: AuditedOperation, _ format: FloatFormat,
    lengths: [Int] = [17, 128, 4096]
  ) async throws -> [String: InferenceFinding] {
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0, of: operation)))
    }
    let plan = InferenceTests.plan(implementations, format, lengths: lengths)
    let found = try await BoundInference(plan).run()
    #expect(found.allSatisfy { $0.operation == operation })
    return Dictionary(uniqueKeysWithValues: found.map { ($0.implementation, $0) })
  }

  @Test("The sums of built-in variants are recognized, and the variants offered")
  func sums() async throws {
    for (operation, algorithm) in [
      (AuditedOperation.logSoftmax, "logsumexp-shifted"), (.logSumExp, "max-trick"),
    ] {
      let names = ["sequential", "lanes-8", "compensated"].map { "\(algorithm)/\($0)" }
      let found = try await findings(names, of: operation, .float32)
      let (sequential, lanes, exact) = (found[names[0]], found[names[1]], found[names[2]])
      #expect(sequential?.model?.order == .sequential && sequential?.declare == names[0])
      #expect(lanes?.model?.order == .lanes(8) && lanes?.declare == names[1])
      #expect([.exact, .compensated].contains(exact?.model?.order))
      for finding in found.values {
        #expect(finding.model?.computing == .float32)
        #expect((finding.model?.exponentialUlps ?? 9) <= 1, "\(finding)")
        #expect((finding.ratio?.value ?? 2) <= 1)
      }
    }
  }

  @Test("An offset that is not subtracted fits no sound model, and neither do sums of 16 bits")
  func unsound() async throws {
    let implementation = BuiltInImplementation(
      try #require(SoftmaxVariant(named: "logsumexp/sequential", of: .logSoftmax)))
    let offset = try #require(LogitFamily.all.first { $0.name == "offset" })
    let plan = AuditPlan(
      implementations: [implementation],
      cells: [.init(format: .float32, source: .family(offset, length: 17, samples: 32))])
    let finding = try #require(try await BoundInference(plan).run().first)
    #expect(finding.model == nil && finding.budgets.isEmpty)
    #expect(finding.objection?.contains("explain offset, length 17") == true)
    let narrow = try await findings(["max-trick/sequential"], of: .logSumExp, .float16)
    #expect(narrow["max-trick/sequential"]?.model == nil)
  }

  @Test("Outputs keep to the tolerance that is offered, on lanes that were not looked at")
  func budgets() async throws {
    for (operation, name) in [
      (AuditedOperation.logSoftmax, "logsumexp-shifted/sequential"),
      (.logSumExp, "max-trick/sequential"),
    ] {
      let found = try await findings([name], of: operation, .float32)
      let budget = try #require(found[name]?.budgets.first { $0.length == 1024 })
      let maxScaled = try #require(budget.maxScaled?.value)
      #expect(budget.maxUlp == nil)
      let variant = BuiltInImplementation(
        try #require(SoftmaxVariant(named: name, of: operation)))
      var plan = AuditPlan(
        implementations: [variant],
        cells: AuditPlan.cells(
          families: LogitFamily.all, formats: [.float32], lengths: [33, 1000], samples: 2))
      plan.seed = 99
      for row in try await Audit(plan).run() {
        #expect((row.maxScaled?.value ?? 0) <= maxScaled, "\(row.family)")
      }
      #expect(maxScaled < 1300)
      // Absolute and relative parts together, at the ends of what yardsticks can be.
      let u = FloatFormat.float32.unitRoundoff
      #expect(budget.relative.value >= maxScaled * u * (1 - 1e-12))
      #expect(
        budget.absolute.value >= maxScaled * u
          * (operation == .logSumExp ? Foundation.log(1024) : 1) * (1 - 1e-12))
    }
  }

  @Test("The default tolerance covers every sound model that computes in the output's format")
  func withinDefault() throws {
    let u = FloatFormat.float32.unitRoundoff
    for operation in [AuditedOperation.logSoftmax, .logSumExp] {
      for lane in [[0, -1, -2.5, -7], [3, 3, 3], [0, -80], [40, 12, -300]] as [[Float]] {
        let profile = try #require(LaneProfile(lane))
        let tolerance = try #require(
          DefaultTolerance(operation, output: .float32, underflow: .gradual)
            .tolerance(of: profile))
        for subtraction in ErrorModel.Subtraction.allCases {
          let model = ErrorModel(
            computing: .float32, exponentialUlps: 4, subtraction: subtraction,
            order: .sequential, accumulation: .float32, flushes: false)
          let slope = subtraction.errors * u
          let spread = lane.indices.reduce(0) {
            $0 + profile.probability($1) * Foundation.expm1(slope * profile.distances[$1])
          }
          let own = try #require(
            model.logarithmError(
              count: lane.count, logSpread: Foundation.log1p(spread), sum: profile.sum,
              logSum: profile.logSum))
          let rounding = model.rounding(output: .float32)
          for index in tolerance.bounds.indices {
            let isLogProbability = operation == .logSoftmax
            let size =
              isLogProbability
              ? profile.distances[index] + profile.logSum
              : abs(profile.maximum + profile.logSum)
            let error = (isLogProbability ? slope * profile.distances[index] : 0) + own
            #expect(error * (1 + rounding) + rounding * size < tolerance.bounds[index])
          }
        }
      }
    }
  }

  @Test("A bound of scaled errors covers that of every lane, and nests as models do")
  func scaledBounds() throws {
    func model(_ change: (inout ErrorModel) -> Void = { _ in }) -> ErrorModel {
      var model = ErrorModel(
        computing: .float32, exponentialUlps: 1, subtraction: .rounded, order: .sequential,
        accumulation: .float32, flushes: false)
      change(&model)
      return model
    }
    func bound(_ model: ErrorModel, _ operation: AuditedOperation = .logSoftmax) -> Double {
      model.scaledBound(of: operation, upTo: 4096, output: .float32) ?? .infinity
    }
    let base = bound(model())
    #expect(bound(model { $0.exponentialUlps = 2 }) > base)
    #expect(bound(model { $0.subtraction = .scaled }) > base)
    #expect(bound(model { $0.order = .pairwise }) < base)
    #expect(bound(model { $0.accumulation = .bfloat16 }) == .infinity)
    #expect(bound(model(), .logSumExp) < base)
    // On lanes of few, many, near and far logits.
    for lane in [[0, -1], [0, -90, -2], [Float](repeating: 7, count: 4096)] {
      let profile = try #require(LaneProfile(lane))
      let u = FloatFormat.float32.unitRoundoff
      let spread = lane.indices.reduce(0) {
        $0 + profile.probability($1) * Foundation.expm1(u * profile.distances[$1])
      }
      let own = try #require(
        model().logarithmError(
          count: lane.count, logSpread: Foundation.log1p(spread), sum: profile.sum,
          logSum: profile.logSum))
      for index in lane.indices {
        let size = profile.distances[index] + profile.logSum
        let error = (profile.distances[index] * u + own) * (1 + u) + u * size
        #expect(error / (u * max(1, size)) <= base)
      }
    }
  }

  @Test("The lane that is looked at needs what MPFR says its errors need")
  func needed() throws {
    // Two logits, the log-probability of the lower one off by about 3e-6.
    let lane: [Float] = [0, -2]
    let profile = try #require(LaneProfile(lane))
    var sum = BigFloat(precision: 200)
    sum.setExponential(BigFloat(-2), .toNearestOrEven)
    sum.formSum(BigFloat(1), .toNearestOrEven)
    var logSum = BigFloat(precision: 200)
    logSum.setLogarithm(sum, .toNearestOrEven)
    let outputs: [Float] = [
      Float(-logSum.double(.toNearestOrEven)), Float(-2 - logSum.double(.toNearestOrEven)) + 3e-6,
    ]
    var error = BigFloat(precision: 200)
    error.setSum(BigFloat(2), logSum, .toNearestOrEven)
    let size = error.double(.toNearestOrEven)
    error.formSum(BigFloat(Double(outputs[1])), .toNearestOrEven)
    let magnitude = abs(error.double(.toNearestOrEven))
    let exact = FilteredOperationLane(
      .logSoftmax, EncodedLane(lane), in: .float32, oracle: SoftmaxOracle()
    ) { OperationLane(.logSoftmax, DistinctLogits(of: lane)) }
    let seen = try #require(
      LaneObservation(
        logarithms: outputs, lane: exact, profile: profile, family: "two", sample: 0))
    let u = FloatFormat.float32.unitRoundoff
    let kinds = LaneObservation.kinds(of: .logSoftmax, output: .float32)
    for (kind, slope) in [(0, 0.0), (1, 1), (2, 3)].map({ ($0.0, $0.1 * u) }) {
      let place = try #require(
        kinds.firstIndex(of: LaneObservation.Kind(slope: slope, rounding: u)), "\(kind)")
      let expected = (magnitude - u * size) / (1 + u) - slope * 2
      #expect(abs(seen.needed[place][0] - expected) < 1e-12)
    }
  }
}
