import AuditRecords
import AuditedOperations
import Audits
import Basics
import FloatFormats
import LogitFamilies
import Oracle
import SoftmaxVariants
import Testing

@Suite("Audits of attention")
struct AttentionAuditTests {
  /// An attention that is a built-in one but for its outputs or its logsumexp.
  private struct Changed: SoftmaxImplementation {
    let name = "changed"
    let summary = "a built-in attention with other outputs"
    var operation: AuditedOperation { .attention }
    var formats: [FloatFormat] { [.float32] }
    let plain: BuiltInImplementation
    /// The output of a place in a row, from the right one.
    var output: @Sendable (_ place: Int, _ right: Double) -> Double = { $1 }
    var failure: CallFailure?

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      if let failure { throw failure }
      var tensor: Tensor<G> = try plain.outputs(for: inputs, as: output)
      for place in tensor.elements.indices {
        tensor.elements[place] = G(
          rounding: self.output(place, tensor.elements[place].exactDouble))
      }
      return tensor
    }
  }

  private func plain() throws -> BuiltInImplementation {
    try #require(
      BuiltInImplementation.all(of: .attention).first { $0.name == "attention/online-64" })
  }

  private func rows(
    of implementations: [any SoftmaxImplementation], families: [String] = ["normal", "ties"],
    formats: [FloatFormat] = [.float32], lengths: [Int] = [0, 1, 33, 65], samples: Int = 8,
    threads: Int = 1, change: (inout AuditPlan) -> Void = { _ in }
  ) async throws -> [AccuracyRow] {
    var plan = AuditPlan(
      implementations: implementations,
      cells: try AuditPlan.cells(
        selectedBy: families, of: .attention, formats: formats, lengths: lengths,
        samples: samples), seed: 3, threads: threads)
    change(&plan)
    return try await Audit(plan).run()
  }

  @Test("Every built-in attention keeps the default tolerance, in a row for each cell")
  func builtIns() async throws {
    let all = BuiltInImplementation.all(of: .attention)
    let families = AttentionFamily.all.map(\.name)
    let formats: [FloatFormat] = [.float16, .bfloat16, .float32, .float64]
    let rows = try await rows(
      of: all, families: families, formats: formats, lengths: [37], samples: 4, threads: 2)
    let offered = all.reduce(0) { count, one in
      count + one.formats.filter(formats.contains).count
    }
    // The output and the logsumexp.
    #expect(rows.count == offered * families.count * 2)
    for row in rows {
      let name = "\(row.implementation) \(row.inputFormat) \(row.family) \(row.outputRole ?? "")"
      let isSound =
        !row.isFailure && row.operation == .attention && row.lanes == 4
        && ["output", "logsumexp"].contains(row.outputRole)
      #expect(isSound, "\(name)")
      #expect(row.maxUlp != nil || row.maxUlpSubnormal != nil, "\(name)")
    }
  }

  @Test("Figures depend neither on the tier of the oracle nor on the number of threads")
  func tiers() async throws {
    let plain = try plain()
    let once = try await rows(of: [plain])
    let again = try await rows(of: [plain], threads: 3)
    let exact = try await rows(of: [plain]) { $0.oracleTier = .mpfr }
    // Lengths are 0 and more.
    #expect(once.allSatisfy { $0.bound?.notJudged ?? 0 == 0 && !$0.isFailure })
    expectAgreement(once, again)
    expectAgreement(once, exact)
  }

  @Test("An output that is off in one row is found there, and a call without answer is counted")
  func faults() async throws {
    let plain = try plain()
    // Channel 3 of row 5 of 8, 64 channels each.
    let off = Changed(plain: plain, output: { $0 == 5 * 64 + 3 ? $1 + 0.25 : $1 })
    let row = try #require(
      try await rows(of: [off], families: ["normal"], lengths: [33]).first)
    #expect(row.isFailure && row.exceedsBound)
    #expect(row.bound?.worst?.sample == 5 && row.bound?.worst?.index == 3)
    let crashed = Changed(plain: plain, failure: CallFailure(.crash, "it fell over"))
    let none = try #require(
      try await rows(of: [crashed], families: ["normal"], lengths: [33]).first)
    #expect(none.failure?.kind == .crash && none.isFailure)
    #expect(none.elements == 8 * 64 && none.mismatches == none.elements && none.length == 33)
  }

  @Test("Modifiers are those of the scores, and rows tell of them")
  func modifiers() async throws {
    let plain = try plain()
    let usual = try await rows(of: [plain], families: ["normal"], lengths: [33])
    let given = GivenModifiers(scale: 0.5, causal: .bottomRight, sink: .number(2))
    let modified = try await rows(of: [plain], families: ["normal"], lengths: [33]) {
      $0.modifiers = [.float32: given]
    }
    #expect(modified[0].parameters == RowParameters(given) && usual[0].parameters == nil)
    #expect(!modified[0].isFailure)
    #expect(modified[0].worst?.exact != usual[0].worst?.exact)
    // The modifiers are felt: outputs without them are wrong.
    let deaf = Deaf(plain: plain)
    let ignored = try await rows(of: [deaf], families: ["normal"], lengths: [33]) {
      $0.modifiers = [.float32: given]
    }
    #expect(ignored[0].exceedsBound)
  }

  /// An attention that takes no notice of modifiers.
  private struct Deaf: SoftmaxImplementation {
    let name = "deaf"
    let summary = "a built-in attention without modifiers"
    var operation: AuditedOperation { .attention }
    var formats: [FloatFormat] { [.float32] }
    let plain: BuiltInImplementation

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      var without = inputs
      without.attention?.modifiers = AttentionModifiers()
      return try plain.outputs(for: without, as: output)
    }
  }
}
