import AuditRecords
import AuditReports
import AuditedOperations
import FloatFormats
import Foundation
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
  func declarations() throws {
    let found = finding(model: model(flushes: true), specialLanes: "masked-zero")
    let policy = try #require(InferenceText.policy([found]))
    #expect(policy.contains("    special-lanes: \"masked-zero\"\n"))
    #expect(policy.contains("    underflow: flush\n"))
    #expect(
      InferenceText.render([found]).contains(
        "declare --underflow flush --special-lanes masked-zero"))
    let plain = finding(model: model(flushes: false))
    // A policy without a rule is none.
    #expect(InferenceText.policy([plain]) == nil)
    #expect(InferenceText.policy([]) == nil)
  }

  @Test("Rules about a logarithm name the operation and budget the scaled error")
  func logarithms() throws {
    let found = InferenceFinding(
      implementation: "mine", operation: .logSoftmax, inputFormat: .float16,
      outputFormat: .float32, lanes: 100, longestLane: 128, model: model(flushes: true),
      budgets: [
        .init(length: 128, relative: 1e-6, absolute: 2e-6, maxScaled: Figure(9))
      ])
    let policy = try #require(InferenceText.policy([found]))
    // One rule for what was seen below the normal range, and one for the budget.
    #expect(policy.components(separatedBy: "    operation: log-softmax\n").count == 3)
    #expect(policy.contains("    max-scaled: 9\n") || policy.contains("    max-scaled: 9.00\n"))
    #expect(!policy.contains("max-ulp") && !policy.contains("regime"))
    let text = InferenceText.render([found])
    #expect(text.hasPrefix("mine in float16 to float32, log-softmax\n"), "\(text)")
    #expect(text.contains("behaves like float32 (x - m) - ln s with sequential summation, exp and"))
    #expect(text.contains("max scaled\n"))
    let softmax = try #require(InferenceText.policy([finding(model: model(flushes: true))]))
    #expect(!softmax.contains("operation:"))
  }

  @Test("A variant that adds up in 16 bits is named where it alone covers the errors")
  func narrowSums() {
    let text = InferenceText.render([finding(narrowVariant: "max-trick/sequential")])
    #expect(text.contains("it adds up in float16"))
    #expect(text.contains("--declare max-trick/sequential"))
    #expect(!InferenceText.render([finding()]).contains("--declare"))
  }
}
