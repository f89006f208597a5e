import FloatFormats
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws of rearrangement")
struct RearrangementLawsTests {
  @Test("An output that depends on its place is found")
  func permutation() async throws {
    try await expect(
      .permutation, finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs[0] *= 0.99 }))
  }

  @Test("An output that depends on masks beside it is found")
  func padding() async throws {
    try await expect(
      .padding,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.contains(-.infinity) { outputs = outputs.map { $0 * 0.99 } }
      }))
  }

  @Test("Outputs that are not halved where the lane is doubled are found")
  func duplication() async throws {
    try await expect(
      .duplication,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.count % 2 == 0 { outputs = outputs.map { $0 * 0.99 } }
      }))
  }

  @Test(
    "Lanes without a declared bound are not judged, and that is no pass",
    arguments: [Law.permutation, .padding, .duplication, .monotone, .argMax])
  func withoutBound(law: Law) async throws {
    // The bound of the naive softmax ends where its exponentials overflow.
    var settings = CheckSettings()
    settings.model = .declared(DeclaredModel(try #require(SoftmaxVariant(named: "naive"))))
    var plan = CheckPlan(
      implementations: [AlteredSoftmax()], formats: [.float32], laws: [law], effort: 0.1,
      settings: settings)
    plan.stopsAtFirstFailure = true
    let row = try #require(try await Check(plan).run().first)
    #expect(row.verdict == .notMeasured)
    let reason = row.reason ?? ""
    #expect(
      reason.contains("could not be judged: the declared naive/sequential has no bound"),
      "\(reason)")
  }
}
