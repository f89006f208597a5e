import FloatFormats
import Oracle
import PropertyTesting
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of special lanes")
struct SpecialLanesLawTests {
  @Test("A NaN that is swallowed is found")
  func swallowed() async throws {
    try await expect(
      .specialLanes,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.contains(where: \.isNaN) {
          outputs = logits.map { _ in 1 / Double(logits.count) }
        }
      }))
  }

  @Test("A NaN that long lanes alone swallow is found, and a mask that they alone read as 0")
  func longLanes() throws {
    let long = AlteredSoftmax.inEveryLane { logits, outputs in
      guard logits.count > 4096, outputs.contains(where: \.isNaN) else { return }
      outputs = logits.map { _ in 0 }
    }
    for trouble in LongSpecialLane.Trouble.allCases {
      let lane = LongSpecialLane(trouble: trouble, length: 4097)
      try expect(.specialLanes, finds: long, on: lane.input(.float32))
    }
    #expect(Set(LongSpecialLane.all.map(\.length)).contains { $0 > 1 << 16 })
  }

  @Test(
    "Take of lanes with a NaN what the policy says, and never rubbish beside the NaN",
    arguments: [
      // Dividing by fmax(NaN, 1e-20): e^-2 / 1e-20 and so on.
      ("nan-somewhere", [0x1.7p+63, .nan, 0x1.5p+66, 0x1.fp+64], false),
      ("nan-somewhere", [0.25, .nan, 0.5, 0.25], true), ("nan-somewhere", [0, 0, 0, 0], false),
      ("nan-zero", [0, 0, 0, 0], true), ("nan-zero", [0, .nan, 0, 0], false),
      // softmax([1, 3, 2]) = [0.09003057, 0.66524096, 0.24472847] (mpmath).
      ("nan-as-masked", [0x1.70c3e6p-4, 0, 0x1.549a76p-1, 0x1.f53434p-3], true),
      ("nan-as-masked", [0x1.70c3e6p-4, 0, 0x1.549a76p-1, 0x1.f54434p-3], false),
      ("nan-as-masked", [0x1.70c3e6p-4, .nan, 0x1.549a76p-1, 0x1.f53434p-3], false),
    ] as [(String, [Double], Bool)])
  func lanesWithNaN(policy: String, outputs: [Double], isKept: Bool) throws {
    var settings = CheckSettings()
    settings.specialLanes = SpecialLanePolicy.names.first { $0.0 == policy }?.1
    let implementation = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))
    settings.model = .none
    let trial = LawTrial(
      Subject(implementation, input: .float32, output: nil, settings: settings),
      implementation: implementation, references: ReferenceCache())
    var notes = Observations()
    let outcome = try trial.judgeSpecialLanes(
      of: LawCase(lane: [1, .nan, 3, 2]), outputs, &notes)
    if case .kept = outcome { #expect(isKept) } else { #expect(!isKept) }
  }
}
