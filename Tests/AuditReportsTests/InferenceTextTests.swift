import AuditRecords
import AuditReports
import FloatFormats
import Testing

@Suite("Findings of inference as text")
struct InferenceTextTests {
  private func finding(
    model: ErrorModel? = nil, narrowVariant: String? = nil, specialLanes: String? = nil
  ) -> InferenceFinding {
    InferenceFinding(
      implementation: "mine", inputFormat: .float16, outputFormat: .float16, lanes: 100,
      longestLane: 4096, model: model, narrowVariant: narrowVariant, specialLanes: specialLanes,
      budgets: [])
  }

  private func model(flushes: Bool) -> ErrorModel {
    ErrorModel(
      computing: .float32, exponentialUlps: 1, subtraction: .rounded, order: .sequential,
      accumulation: .float32, flushes: flushes)
  }

  @Test("Special lanes and underflow are options to declare and settings of a policy")
  func declarations() {
    let found = finding(model: model(flushes: true), specialLanes: "masked-zero")
    let policy = InferenceText.policy([found])
    #expect(policy.contains("    special-lanes: \"masked-zero\"\n"))
    #expect(policy.contains("    underflow: flush\n"))
    #expect(
      InferenceText.render([found]).contains(
        "declare --underflow flush --special-lanes masked-zero"))
    let plain = finding(model: model(flushes: false))
    #expect(!InferenceText.policy([plain]).contains("special-lanes"))
    #expect(!InferenceText.policy([plain]).contains("underflow"))
  }

  @Test("A variant that adds up in 16 bits is named where it alone covers the errors")
  func narrowSums() {
    let text = InferenceText.render([finding(narrowVariant: "max-trick/sequential")])
    #expect(text.contains("it adds up in float16"))
    #expect(text.contains("--declare max-trick/sequential"))
    #expect(!InferenceText.render([finding()]).contains("--declare"))
  }
}
