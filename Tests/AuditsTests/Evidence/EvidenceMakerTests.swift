import FloatFormats
import MultiPrecision
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import Basics
@testable import LogitFamilies

@Suite("Evidence of largest errors")
struct EvidenceMakerTests {
  private static let families = [
    "normal-4", "constant", "dust", "underflow-edge", "mask-sentinels",
  ]

  private func plan(
    of operation: AuditedOperation, in format: FloatFormat, lengths: [Int] = [1, 5, 100]
  ) throws -> AuditPlan {
    let families = LogitFamily.all.filter {
      Self.families.contains($0.name) && $0.applies(to: format)
    }
    #expect(families.count >= 3)
    return AuditPlan(
      implementations: BuiltInImplementation.all(of: operation).filter {
        $0.formats.contains(format)
          && ["max-trick/sequential", "max-trick/pairwise", "online/pairwise"].contains($0.name)
      },
      cells: AuditPlan.cells(families: families, formats: [format], lengths: lengths, samples: 3),
      seed: 21)
  }

  private func results(of plan: AuditPlan) async throws -> AuditResults {
    AuditResults(
      tool: .init(name: "softmax-audit", version: "0"), command: "", seed: plan.seed,
      oracle: .init(tier: "filtered", library: ""),
      environment: .init(platform: "", processor: "", threads: 1),
      accuracy: try await Audit(plan).run())
  }

  private func evidence(
    of results: AuditResults, lanes: EvidenceMaker.LaneSource? = nil
  ) throws -> EvidenceDocument {
    try EvidenceMaker.evidence(
      of: results.claimedMaxima,
      in: EvidenceDocument(
        tool: results.tool, command: results.command, seed: results.seed, oracle: results.oracle),
      lanes: lanes ?? FamilyLanes(seed: results.seed).logits)
  }

  @Test(
    "The integers enclose what MPFR computes from the definition, at two precisions",
    arguments: FloatFormat.allCases)
  func integers(format: FloatFormat) async throws {
    for operation in [AuditedOperation.softmax, .logSoftmax, .logSumExp] {
      let document = try evidence(of: await results(of: plan(of: operation, in: format)))
      #expect(document.maxima.count >= 3 && document.withoutEvidence.isEmpty)
      for maximum in document.maxima {
        let logits = try document.lanes[maximum.lane].logits.map { try #require(Double(text: $0)) }
        #expect(logits.count == maximum.length)
        let lower = Self.number(maximum.lower, timesPowerOfTwo: maximum.exponent)
        let upper = Self.number(maximum.upper, timesPowerOfTwo: maximum.exponent)
        for precision in [2400, 3200] {
          let exact = Self.value(
            of: operation, logits, at: maximum.index, precision: precision)
          // The definition is off by less than 2^-200 of an ulp.
          var slack = BigFloat(precision: 53)
          slack.assign(1, timesPowerOfTwo: maximum.exponent - 100, .up)
          var end = BigFloat(precision: precision)
          end.setSum(exact, slack, .up)
          #expect(lower.compare(end) <= 0, "\(maximum)")
          end.setDifference(exact, slack, .down)
          #expect(upper.compare(end) >= 0, "\(maximum)")
        }
        var width = BigFloat(precision: 2400)
        width.setDifference(upper, lower, .up)
        var limit = BigFloat(precision: 53)
        limit.assign(2, timesPowerOfTwo: maximum.exponent, .up)
        #expect(width.compare(limit) <= 0, "\(maximum)")
      }
    }
  }

  @Test("The error that is claimed is that of the output against the integers")
  func errors() async throws {
    let document = try evidence(of: await results(of: plan(of: .softmax, in: .float32)))
    for maximum in document.maxima {
      var error = BigFloat(precision: 400)
      try error.setDifference(
        BigFloat(#require(Double(text: maximum.output))),
        Self.number(maximum.lower, timesPowerOfTwo: maximum.exponent), .toNearestOrEven)
      // 64 bits of an ulp stand before the point.
      error.formProduct(withPowerOfTwo: -maximum.exponent - 64)
      let claimed = try #require(Double(text: maximum.ulp))
      #expect(abs(error.double(.toNearestOrEven) - claimed) <= abs(claimed) * 0x1p-29 + 0x1p-60)
      if let comparison = maximum.comparison {
        let bound = try #require(Double(text: comparison.bound))
        let ratio = try #require(Double(text: comparison.ratio))
        #expect(abs(abs(claimed) / bound - ratio) <= ratio * 0x1p-29)
        #expect(comparison.verdict == .passed)
      }
    }
    #expect(document.maxima.contains { $0.comparison != nil })
  }

  @Test("A long lane is made again whole, from its family or from the plan, and stands there once")
  func longLanes() async throws {
    let plan = try plan(of: .softmax, in: .float32, lengths: [100])
    let results = try await results(of: plan)
    #expect(results.accuracy.contains { ($0.worst?.elided ?? 0) > 0 })
    let document = try evidence(of: results)
    #expect(try evidence(of: results, lanes: plan.logits) == document)
    #expect(Set(document.lanes).count == document.lanes.count)
    #expect(Set(document.maxima.map(\.lane)) == Set(document.lanes.indices))
    for maximum in document.maxima {
      let family = try #require(LogitFamily.all.first { $0.name == maximum.origin })
      let lane: [Float] = family.lane(
        seed: 21, length: 100, sample: try #require(Int(exactly: maximum.sample)))
      #expect(document.lanes[maximum.lane].logits == lane.map(\.hexText))
    }
  }

  @Test("What has no lane, another lane or other inputs is said to be without evidence")
  func withoutEvidence() async throws {
    let results = try await results(of: plan(of: .softmax, in: .float32, lengths: [100]))
    for (lanes, reason) in [
      ({ _ in nil }, "its lane is not at hand, of which the results have the beginning"),
      (
        FamilyLanes(seed: 22).logits,
        "the lane that is made again is another one than the results have"
      ),
    ] as [(EvidenceMaker.LaneSource, String)] {
      let document = try evidence(of: results, lanes: lanes)
      #expect(document.withoutEvidence.contains { $0.reason == reason })
      #expect(
        document.maxima.count + document.withoutEvidence.count == results.claimedMaxima.count)
    }
    let gradients = AuditPlan(
      implementations: Array(BuiltInImplementation.all(of: .softmaxVJP).prefix(1)),
      cells: try plan(of: .softmax, in: .float32, lengths: [5]).cells)
    let document = try evidence(of: await self.results(of: gradients))
    #expect(document.maxima.isEmpty && !document.withoutEvidence.isEmpty)
    #expect(
      document.withoutEvidence.allSatisfy {
        $0.reason == "no evidence is made of softmax-vjp"
      })
  }

  @Test("An exact 0 has two zeros, and what has no finite bound no comparison")
  func zeros() async throws {
    // One logit is left in some lanes: its log-softmax is 0, and naive gives another number.
    let masked = AuditPlan(
      implementations: BuiltInImplementation.all(of: .logSoftmax).filter {
        $0.name == "naive/sequential"
      },
      cells: try AuditPlan.cells(
        selectedBy: ["masked"], formats: [.float32], lengths: [2], samples: 2))
    let document = try evidence(of: await results(of: masked))
    #expect(document.maxima.contains { ($0.lower, $0.upper) == ("0", "0") })

    var results = try await results(of: plan(of: .softmax, in: .float32, lengths: [5]))
    for index in results.accuracy.indices {
      results.accuracy[index].bound?.worst?.bound = Figure(.infinity)
    }
    let unbounded = try evidence(of: results)
    #expect(unbounded.maxima.allSatisfy { $0.figure == .maxUlp && $0.comparison == nil })
    #expect(unbounded.withoutEvidence.allSatisfy { $0.figure == .maxRatio })
    #expect(unbounded.withoutEvidence.count == unbounded.maxima.count)
  }

  @Test("Results that claim another error than MPFR measures are malformed")
  func otherError() async throws {
    var results = try await results(of: plan(of: .softmax, in: .float32, lengths: [5]))
    let worst = try #require(results.accuracy.firstIndex { ($0.maxUlp?.value ?? 0) > 0.1 })
    results.accuracy = [results.accuracy[worst]]
    let ulp = try #require(results.accuracy[0].worst?.ulp.value)
    results.accuracy[0].worst?.ulp = Figure(ulp * (1 + 0x1p-29))
    #expect {
      try evidence(of: results)
    } throws: {
      ($0 as? UserError)?.kind == .malformedInput
    }
  }

  @Test("Of each implementation and format the largest counts, the first of equal ones")
  func largest() async throws {
    let results = try await results(of: plan(of: .softmax, in: .float16))
    let maxima = results.claimedMaxima
    for maximum in maxima where maximum.figure == .maxUlp {
      let rows = results.accuracy.filter { $0.scope == maximum.scope }
      let values = rows.compactMap(\.maxUlp?.value)
      #expect(maximum.value == values.max())
      let first = try #require(rows.first { $0.maxUlp?.value == maximum.value })
      #expect((first.family, first.length) == (maximum.origin, maximum.length))
    }
    #expect(maxima.count == 2 * Set(results.accuracy.map(\.scope)).count)
  }

  private static func number(
    _ text: String, timesPowerOfTwo exponent: Int
  ) -> BigFloat {
    var number = BigFloat(precision: 256)
    let ternary = number.assign(parsing: text, .toNearestOrEven)
    #expect(ternary == 0)
    number.formProduct(withPowerOfTwo: exponent)
    return number
  }

  /// An exact value by its definition, every step rounded to nearest.
  private static func value(
    of operation: AuditedOperation, _ logits: [Double], at index: Int, precision: Int
  ) -> BigFloat {
    let largest = BigFloat(logits.max() ?? 0)
    func exponential(_ logit: Double) -> BigFloat {
      var difference = BigFloat(precision: precision)
      difference.setDifference(BigFloat(logit), largest, .toNearestOrEven)
      var power = BigFloat(precision: precision)
      power.setExponential(difference, .toNearestOrEven)
      return power
    }
    var sum = BigFloat(precision: precision)
    sum.assign(0, .toNearestOrEven)
    for logit in logits { sum.formSum(exponential(logit), .toNearestOrEven) }
    var value = BigFloat(precision: precision)
    if operation == .softmax {
      value.setQuotient(exponential(logits[index]), sum, .toNearestOrEven)
      return value
    }
    value.setLogarithm(sum, .toNearestOrEven)
    value.formSum(largest, .toNearestOrEven)
    guard operation == .logSoftmax else { return value }
    var result = BigFloat(precision: precision)
    result.setDifference(BigFloat(logits[index]), value, .toNearestOrEven)
    return result
  }
}
