import AuditedOperations
import FloatFormats
import Testing

@testable import AuditRecords
@testable import FaultySoftmaxes
@testable import Laws

/// Faulty attentions and sound ones against the laws of attention.
///
/// A part of them: `self-test --operation attention --every-format` tries all in all formats,
/// optimized.
@Suite("Faults of attention")
struct AttentionFaultTests {
  private static let laws = Law.all.filter { $0.operations.contains(.attention) }

  /// The first law that is broken, with the reason; `nil` where all are kept.
  private func broken(
    _ implementation: any SoftmaxImplementation, in format: FloatFormat, seed: UInt64 = 0,
    effort: Double
  ) async throws -> String? {
    for law in Self.laws {
      var plan = CheckPlan(
        implementations: [implementation], formats: [format], laws: [law], effort: effort)
      plan.seed = seed
      plan.stopsAtFirstFailure = true
      let failed = try await Check(plan).run().first { $0.verdict == .failed }
      if let failed { return "\(law.name): \(failed.reason ?? "")" }
    }
    return nil
  }

  @Test("There are at least thirty faults and eight sound forms, named once")
  func names() {
    let (faults, sound) = (FaultySoftmax.ofAttention, SoundSoftmax.ofAttention)
    #expect(faults.count >= 30 && sound.count >= 8)
    let names =
      (FaultySoftmax.all + FaultySoftmax.ofModifiers + faults).map(\.name)
      + (SoundSoftmax.all + SoundSoftmax.withModifiers + sound).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(faults.allSatisfy { !$0.summary.hasSuffix(".") })
  }

  @Test("Every fault is noticed", arguments: FaultySoftmax.ofAttention.map(\.name))
  func noticed(name: String) async throws {
    let fault = try #require(FaultySoftmax.ofAttention.first { $0.name == name })
    let format: FloatFormat = fault.formats.contains(.bfloat16) ? .bfloat16 : .float32
    #expect(try await broken(fault, in: format, effort: 0.3) != nil, "\(name) in \(format)")
  }

  @Test("No sound form is flagged", arguments: SoundSoftmax.ofAttention.map(\.name))
  func sound(name: String) async throws {
    let form = try #require(SoundSoftmax.ofAttention.first { $0.name == name })
    let number = try #require(SoundSoftmax.ofAttention.firstIndex { $0.name == name })
    let format = form.formats[number % form.formats.count]
    let found = try await broken(form, in: format, seed: UInt64(number), effort: 0.04)
    #expect(found == nil, "\(name) in \(format): \(found ?? "")")
  }
}
