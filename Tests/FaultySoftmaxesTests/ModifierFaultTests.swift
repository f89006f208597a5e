import AuditedOperations
import FloatFormats
import Testing

@testable import AuditRecords
@testable import FaultySoftmaxes
@testable import Laws

/// Faults of scales, caps, masks and sinks, and sound forms, against the laws of modifiers.
///
/// A part of them: `self-test --every-format` tries all laws in all formats, optimized.
@Suite("Faults of modifiers")
struct ModifierFaultTests {
  private static let laws = Law.all.filter { !$0.modifiers.isEmpty }

  private func broken(
    _ implementation: any SoftmaxImplementation, in format: FloatFormat, seed: UInt64 = 0,
    effort: Double = 0.2
  ) async throws -> [String] {
    var plan = CheckPlan(
      implementations: [implementation], formats: [format], laws: Self.laws, effort: effort)
    plan.seed = seed
    plan.stopsAtFirstFailure = true
    return try await Check(plan).run().filter { $0.verdict == .failed }
      .map { "\($0.law): \($0.reason ?? "")" }
  }

  @Test("There are at least fourteen faults of modifiers and three sound forms, named once")
  func names() {
    let faults = FaultySoftmax.ofModifiers
    let sound = SoundSoftmax.withModifiers
    #expect(faults.count >= 14 && sound.count >= 3)
    let names =
      (FaultySoftmax.all + faults).map(\.name) + (SoundSoftmax.all + sound).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(faults.allSatisfy { !$0.summary.hasSuffix(".") })
  }

  @Test("Every fault is noticed", arguments: FaultySoftmax.ofModifiers.map(\.name))
  func noticed(name: String) async throws {
    let number = try #require(FaultySoftmax.ofModifiers.firstIndex { $0.name == name })
    let format: FloatFormat = number.isMultiple(of: 2) ? .float32 : .bfloat16
    let fault = FaultySoftmax.ofModifiers[number]
    #expect(try await !broken(fault, in: format).isEmpty, "\(name) in \(format)")
  }

  @Test("No sound form is flagged", arguments: SoundSoftmax.withModifiers.map(\.name))
  func sound(name: String) async throws {
    let form = try #require(SoundSoftmax.withModifiers.first { $0.name == name })
    for (number, format) in FloatFormat.allCases.enumerated() {
      let found = try await broken(form, in: format, seed: UInt64(number), effort: 0.05)
      #expect(found.isEmpty, "\(name) in \(format): \(found)")
    }
  }
}
