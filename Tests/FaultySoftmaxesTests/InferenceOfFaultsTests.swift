import AuditRecords
import AuditedOperations
import Audits
import FaultySoftmaxes
import FloatFormats
import LogitFamilies
import SoftmaxVariants
import Testing

@Suite("Inference on softmaxes that are known to be faulty or sound")
struct InferenceOfFaultsTests {
  private func findings(
    _ implementations: [any SoftmaxImplementation], _ format: FloatFormat
  ) async throws -> [String: InferenceFinding] {
    let names = ["normal-1", "normal-4", "dust", "constant", "uniform-100"]
    let families = LogitFamily.all.filter { names.contains($0.name) }
    // Short lanes show what an exponential does, long ones what a sum does.
    let cells =
      AuditPlan.cells(families: families, formats: [format], lengths: [2, 17], samples: 64)
      + AuditPlan.cells(
        families: families, formats: [format], lengths: [128, 1000, 4096], samples: 2)
    let found = try await BoundInference(
      AuditPlan(implementations: implementations, cells: cells, threads: 2)
    ).run()
    return Dictionary(uniqueKeysWithValues: found.map { ($0.implementation, $0) })
  }

  /// Faults that are wrong numbers for ordinary logits, by more than any sound model explains.
  private static let gross = [
    "schraudolph-exponential", "polynomial-of-degree-2", "polynomial-of-degree-4", "power-of-256",
    "table-of-256-steps", "exp-off-by-2^-18-in-a-window", "exp-good-to-20-ulp",
    "reciprocal-estimate-unrefined", "sum-in-float16", "sum-stored-in-bfloat16",
    "exponentials-stored-in-bfloat16", "difference-in-bfloat16", "sum-stops-at-256",
    "block-sums-in-float16", "numerators-stored-in-float16",
  ]

  @Test("Gross faults fit no sound model")
  func faults() async throws {
    let faulty = FaultySoftmax.all.filter { Self.gross.contains($0.name) }
    #expect(faulty.count == Self.gross.count)
    let found = try await findings(faulty, .float32)
    #expect(found.count == faulty.count)
    for (name, finding) in found {
      #expect(finding.model == nil, "\(name): \(finding.model?.words ?? "")")
      #expect(finding.objection != nil, "\(name)")
      #expect(finding.budgets.isEmpty, "\(name)")
    }
  }

  @Test(
    "What a softmax does with special lanes and below the normal range is part of what is offered")
  func declarations() async throws {
    let names = ["masked-zero", "infinity-one-hot", "declared-flush-to-zero", "plain"]
    let families = LogitFamily.all.filter {
      ["special", "normal-1", "subnormal-results"].contains($0.name)
    }
    let plan = AuditPlan(
      implementations: SoundSoftmax.all.filter { names.contains($0.name) },
      cells: AuditPlan.cells(
        families: families, formats: [.float32], lengths: [5, 17], samples: 32),
      threads: 2)
    let found = Dictionary(
      uniqueKeysWithValues: try await BoundInference(plan).run().map { ($0.implementation, $0) })
    #expect(found["masked-zero"]?.specialLanes == "masked-zero")
    #expect(found["infinity-one-hot"]?.specialLanes == "infinity-one-hot")
    let plain = try #require(found["plain"])
    #expect(plain.specialLanes == nil)
    #expect(plain.model?.flushes == false)
    #expect(found["declared-flush-to-zero"]?.model?.flushes == true)
  }

  @Test("Sums of 16 bits are told as what they are", arguments: [FloatFormat.float16, .bfloat16])
  func narrowSums(format: FloatFormat) async throws {
    let variant = try #require(SoftmaxVariant(named: "max-trick/sequential"))
    let found = try await findings([BuiltInImplementation(variant)], format)
    let finding = try #require(found.values.first)
    #expect(finding.model == nil)
    // 4096 terms of 8 bits have no bound: to declare that model would judge nothing.
    #expect(finding.narrowVariant == (format == .float16 ? "max-trick/sequential" : nil))
  }

  @Test("Sound softmaxes that declare nothing fit one")
  func sound() async throws {
    let sound = SoundSoftmax.all.filter {
      ["plain", "sixteen-accumulators", "sorted-sum", "exp-good-to-4-ulp", "float64-inside"]
        .contains($0.name)
    }
    let found = try await findings(sound, .float32)
    #expect(found.count == 5)
    for (name, finding) in found {
      #expect(finding.model != nil, "\(name): \(finding.objection ?? "")")
    }
    #expect(found["sixteen-accumulators"]?.model?.order == .lanes(16))
    #expect(found["plain"]?.model?.order == .lanes(4))
    // A worse exponential and a worse argument of it look alike.
    let loose = try #require(found["exp-good-to-4-ulp"]?.model)
    #expect(loose.exponentialUlps >= 2 || loose.subtraction == .scaled, "\(loose.words)")
    let inside = found["float64-inside"]?.model
    #expect(inside?.computing == .float64)
  }
}
