import AuditRecords
import AuditedOperations
import Audits
import Basics
import FloatFormats
import LogitFamilies
import SoftmaxVariants
import Synchronization
import Testing

@Suite("Failures that depend on earlier calls")
struct HistoryDependenceTests {
  /// A softmax that is wrong from its second call on, or always.
  private final class Forgetful: SoftmaxImplementation {
    let name = "forgetful"
    let summary = "right once"
    let formats: [FloatFormat] = [.float32]
    let isAlwaysWrong: Bool
    private let calls = Mutex(0)

    init(isAlwaysWrong: Bool = false) { self.isAlwaysWrong = isAlwaysWrong }

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      let number = calls.withLock { count in
        count += 1
        return count
      }
      guard
        let sound = BuiltInImplementation.all(of: .softmax).first(where: {
          $0.name == "max-trick/sequential"
        })
      else { throw InternalError("there is a variant of the name") }
      var tensor: Tensor<G> = try sound.outputs(for: inputs, as: output)
      if isAlwaysWrong || number > 1 { tensor.elements[0] = G(rounding: 0.75) }
      return tensor
    }

    func renewed() -> any SoftmaxImplementation { Forgetful(isAlwaysWrong: isAlwaysWrong) }
  }

  private func sentences(
    about implementation: any SoftmaxImplementation, lengths: [Int]
  ) async throws -> [String] {
    let plan = AuditPlan(
      implementations: [implementation],
      cells: try AuditPlan.cells(
        selectedBy: ["normal-1"], formats: [.float32], lengths: lengths, samples: 2))
    return try await HistoryDependence(plan).sentences(about: try await Audit(plan).run())
  }

  @Test("They are told where a cell fails among others and not by itself")
  func told() async throws {
    let found = try await sentences(about: Forgetful(), lengths: [5, 9])
    #expect(found.count == 1)
    #expect(found.first?.contains("normal-1, length 9, fails after other calls") == true)
  }

  @Test("Nothing is told of failures that are there by themselves, or of one cell")
  func others() async throws {
    #expect(try await sentences(about: Forgetful(isAlwaysWrong: true), lengths: [5, 9]).isEmpty)
    #expect(try await sentences(about: Forgetful(), lengths: [5]).isEmpty)
  }
}
