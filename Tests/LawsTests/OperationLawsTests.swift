import AuditRecords
import AuditedOperations
import FloatFormats
import SoftmaxVariants
import TestSupport
import Testing

@testable import Laws

/// The laws of operations other than softmax, on implementations that are known to be right or
/// wrong.
@Suite("Laws of log-softmax and logsumexp")
struct OperationLawsTests {
  private func failures(
    of implementation: any SoftmaxImplementation, in format: FloatFormat, effort: Double = 0.02
  ) async throws -> [String] {
    // Laws of large cases and of many calls judge lanes as the others do.
    let laws = Law.all.filter {
      $0.budget.edges < 20 && $0.budget.targeted == 0 || $0.name == "componentwise-error"
    }.filter {
      ![
        "many-lanes", "large-tensors", "repeated-calls", "determinism", "special-lanes",
        "long-lanes",
      ].contains($0.name)
    }
    let plan = CheckPlan(
      implementations: [implementation], formats: [format], laws: laws, effort: effort)
    return try await Check(plan).run().filter { $0.verdict != .passed }
      .map { "\($0.law): \($0.verdict.rawValue), \($0.reason ?? "")" }
  }

  @Test(
    "Sound variants keep all laws, by their own bound and by the default tolerance",
    arguments: [AuditedOperation.logSoftmax, .logSumExp])
  func soundVariants(operation: AuditedOperation) async throws {
    for name in ["logsumexp-shifted/pairwise", "logsumexp-shifted/pairwise/float32"] {
      let variant = try #require(SoftmaxVariant(named: name, of: operation))
      for format in variant.formats where variant.accumulation != nil || !format.isNarrow {
        let own = try await failures(of: BuiltInImplementation(variant), in: format)
        #expect(own.isEmpty, "\(variant.name) in \(format.rawValue): \(own)")
        let undeclared = Undeclared(BuiltInImplementation(variant))
        let by = try await failures(of: undeclared, in: format)
        #expect(by.isEmpty, "undeclared \(variant.name) in \(format.rawValue): \(by)")
      }
    }
  }

  @Test(
    "The softmax in the place of its logarithm, and a sum in the place of its logarithm, are found")
  func otherFunctions() async throws {
    let softmax = LaneFunction("softmax", of: .logSoftmax) { (lane: [Double]) -> [Double] in
      let sound = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))
      let geometry = try LaneGeometry(shape: [lane.count], axis: 0)
      return try sound.softmax(Tensor(geometry: geometry, elements: lane), as: Double.self).elements
    }
    let found = try await failures(of: softmax, in: .float64)
    for law in ["range", "componentwise-error", "exponentials-sum", "differences"] {
      #expect(found.contains { $0.hasPrefix("\(law): failed") }, "\(law)")
    }
    let maximum = LaneFunction("maximum", of: .logSumExp) { (lane: [Float]) in
      [lane.max() ?? -.infinity]
    }
    let missed = try await failures(of: maximum, in: .float32)
    for law in ["componentwise-error", "duplication-adds"] {
      #expect(missed.contains { $0.hasPrefix("\(law): failed") }, "\(law)")
    }
  }

  @Test("A law says itself in the words of the operation")
  func words() {
    #expect(Law.range.statement(of: .softmax) == Law.range.statement)
    #expect(Law.range.statement(of: .logSoftmax).contains("not above 0"))
    #expect(Law.overflow.statement(of: .logSoftmax).contains("log-probabilities"))
    #expect(
      Law.sumToOne.reasonNotToApply(
        to: Subject(
          AlteredSoftmax(of: .logSumExp), input: .float32, output: nil, settings: CheckSettings()))
        == "it is no law of logsumexp")
  }
}

/// An implementation that declares nothing.
private struct Undeclared: SoftmaxImplementation {
  private let inner: BuiltInImplementation
  init(_ inner: BuiltInImplementation) { self.inner = inner }
  var name: String { inner.name }
  var operation: AuditedOperation { inner.operation }
  var summary: String { inner.summary }
  var formats: [FloatFormat] { inner.formats }
  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> { try inner.outputs(for: inputs, as: output) }
}
