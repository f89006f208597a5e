import FloatFormats
import Foundation
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Inferring how a softmax is built from its errors")
struct InferenceTests {
  /// Families that tell sums, exponentials and subtractions apart, at lengths at which they do.
  static func plan(
    _ implementations: [any SoftmaxImplementation], _ format: FloatFormat,
    lengths: [Int] = [17, 128, 4096]
  ) -> AuditPlan {
    let names = ["normal-4", "dust", "constant", "uniform-100", "masked", "subnormal-results"]
    var cells: [AuditPlan.Cell] = []
    for family in LogitFamily.all where names.contains(family.name) && family.applies(to: format) {
      for length in lengths {
        cells.append(
          .init(
            format: format,
            source: .family(family, length: length, samples: length > 1000 ? 1 : 8)))
      }
    }
    return AuditPlan(implementations: implementations, cells: cells, threads: 2)
  }

  private func findings(
    _ names: [String], _ format: FloatFormat, lengths: [Int] = [17, 128, 4096]
  ) async throws -> [String: InferenceFinding] {
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0)))
    }
    let found = try await BoundInference(Self.plan(implementations, format, lengths: lengths)).run()
    return Dictionary(uniqueKeysWithValues: found.map { ($0.implementation, $0) })
  }

  @Test("The sums of built-in variants are recognized")
  func sums() async throws {
    let found = try await findings(
      [
        "max-trick/sequential", "max-trick/pairwise", "max-trick/compensated", "max-trick/lanes-8",
        "online/sequential",
      ], .float32)
    func order(_ name: String) -> ErrorModel.Order? { found[name]?.model?.order }
    #expect(order("max-trick/sequential") == .sequential)
    #expect(order("online/sequential") == .sequential)
    #expect(order("max-trick/lanes-8") == .lanes(8))
    // Nothing exceeds what one rounding explains: lanes that pairwise sums err on most are not
    // known.
    #expect([.exact, .pairwise, .compensated].contains(order("max-trick/pairwise")))
    #expect([.exact, .compensated].contains(order("max-trick/compensated")))
    for finding in found.values {
      #expect(finding.model?.computing == .float32, "\(finding)")
      #expect((finding.model?.exponentialUlps ?? 9) <= 1, "\(finding)")
      #expect((finding.ratio?.value ?? 2) <= 1)
    }
  }

  @Test("A scaled subtraction is recognized, and what computes in float32 for 16 bits")
  func subtractionAndFormat() async throws {
    let scaled = try await findings(["exp2/pairwise"], .float32)
    #expect(scaled["exp2/pairwise"]?.model?.subtraction == .scaled)
    let wide = try await findings(
      ["max-trick/pairwise/float32", "max-trick/pairwise"], .bfloat16, lengths: [17, 128])
    #expect(wide["max-trick/pairwise/float32"]?.model?.computing == .float32)
    #expect(wide["max-trick/pairwise"]?.model?.computing == .bfloat16)
    let double = try await findings(["max-trick/sequential"], .float64)
    #expect(double["max-trick/sequential"]?.model?.order == .sequential)
    #expect(double["max-trick/sequential"]?.model?.computing == .float64)
  }

  @Test("A float16 sum in order has no bound at 4096 terms, and fits no sound model")
  func narrowSum() async throws {
    let found = try await findings(["max-trick/sequential"], .float16)
    let finding = try #require(found["max-trick/sequential"])
    #expect(finding.model == nil)
    #expect(finding.objection != nil)
    #expect(finding.budgets.isEmpty)
  }

  @Test("Outputs keep to the tolerance that is offered, on lanes that were not looked at")
  func budgets() async throws {
    let found = try await findings(["max-trick/sequential"], .float32)
    let finding = try #require(found["max-trick/sequential"])
    let budget = try #require(finding.budgets.first { $0.length == 1024 })
    let maxUlp = try #require(budget.maxUlp?.value)
    #expect(budget.maxScaled == nil)
    let variant = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick/sequential")))
    var plan = AuditPlan(
      implementations: [variant],
      cells: AuditPlan.cells(
        families: LogitFamily.all, formats: [.float32], lengths: [33, 1000], samples: 2))
    plan.seed = 99
    for row in try await Audit(plan).run() {
      #expect((row.maxUlp?.value ?? 0) <= maxUlp, "\(row.family)")
    }
    // And it is not just any tolerance: the longest lanes come near it.
    #expect(maxUlp < 1300)
    #expect(finding.budgets.map(\.length) == [4096, 1024, 128])
  }

  @Test("Lanes without logits are left out, which many refuse")
  func emptyLanes() async throws {
    let found = try await findings(["max-trick/lanes-8"], .float32, lengths: [0, 17, 4096])
    #expect(found["max-trick/lanes-8"]?.model?.order == .lanes(8))
    let none = try await findings(["max-trick/lanes-8"], .float32, lengths: [0])
    #expect(none.isEmpty)
  }

  @Test("Models nest: a larger one has the larger bound")
  func monotony() throws {
    func bound(_ change: (inout ErrorModel) -> Void) -> Double {
      var model = ErrorModel(
        computing: .float32, exponentialUlps: 1, subtraction: .rounded, order: .lanes(8),
        accumulation: .float32, flushes: false)
      change(&model)
      return model.relativeBound(upTo: 4096, output: .float32) ?? .infinity
    }
    let base = bound { _ in }
    #expect(bound { $0.exponentialUlps = 2 } > base)
    #expect(bound { $0.subtraction = .scaled } > base)
    #expect(bound { $0.subtraction = .exact } < base)
    #expect(bound { $0.accumulation = .bfloat16 } == .infinity)
    var previous = 0.0
    for order in [
      ErrorModel.Order.exact, .pairwise, .lanes(128), .lanes(16), .lanes(2), .sequential,
    ] {
      let next = bound { $0.order = order }
      #expect(next > previous, "\(order)")
      previous = next
    }
  }

  @Test("The default tolerance covers every sound model that computes in the output's format")
  func withinDefault() throws {
    let u = FloatFormat.float32.unitRoundoff
    for lane in [[0, -1, -2.5, -7], [3, 3, 3], [0, -80], [1]] as [[Float]] {
      let profile = try #require(LaneProfile(lane))
      let tolerance = try #require(
        DefaultTolerance(output: .float32, underflow: .gradual).tolerance(of: profile))
      for subtraction in ErrorModel.Subtraction.allCases {
        let model = ErrorModel(
          computing: .float32, exponentialUlps: 4, subtraction: subtraction, order: .sequential,
          accumulation: .float32, flushes: false)
        let slope = subtraction.errors * u
        let spread = lane.indices.reduce(0) {
          $0 + profile.probability($1) * Foundation.expm1(slope * profile.distances[$1])
        }
        let factor = try #require(
          model.logFactor(
            count: lane.count, logSpread: Foundation.log1p(spread), sum: profile.sum,
            output: .float32))
        for index in lane.indices {
          let own =
            profile.probability(index)
            * Foundation.expm1(slope * profile.distances[index] + factor)
          #expect(own < tolerance.bounds[index])
        }
      }
    }
  }

  @Test("Orders of summation have names that come back")
  func names() throws {
    for order in ErrorModel.Order.all {
      let text = try JSONEncoder().encode([order])
      #expect(try JSONDecoder().decode([ErrorModel.Order].self, from: text) == [order])
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ErrorModel.Order].self, from: Data("[\"sideways\"]".utf8))
    }
  }

  @Test("A variant that covers a model allows at least as much")
  func covering() throws {
    var model = ErrorModel(
      computing: .float32, exponentialUlps: 1, subtraction: .rounded, order: .lanes(16),
      accumulation: .float32, flushes: false)
    #expect(model.coveringVariant(input: .float32)?.name == "max-trick/lanes-8")
    #expect(model.coveringVariant(input: .bfloat16)?.name == "max-trick/lanes-8/float32")
    model.order = .lanes(4)
    #expect(model.coveringVariant(input: .float32) == nil)
    model.order = .sequential
    #expect(model.coveringVariant(input: .float32)?.name == "max-trick/sequential")
    model.exponentialUlps = 2
    #expect(model.coveringVariant(input: .float32) == nil)
    #expect(model.nearestVariant(input: .float32)?.name == "max-trick/sequential")
  }
}
