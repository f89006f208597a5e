import AuditRecords
import FloatFormats
import PropertyTesting
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

/// Returns what its host filled the output with.
private struct Silent: SoftmaxImplementation {
  let name = "silent"
  let summary = "writes nothing"
  let formats: [FloatFormat] = [.float32]

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    let geometry = inputs.first.geometry
    return Tensor(
      geometry: geometry,
      elements: Array(repeating: G.outputFill, count: geometry.elementCount))
  }
}

@Suite("The causes that outputs show")
struct UsualCauseTests {
  @Test("An output that nobody wrote is told as such, and no overflow is suspected")
  func unwritten() async throws {
    let row = try await row(of: .range, on: Silent())
    #expect(row.verdict == .failed)
    #expect(row.reason?.contains("was never written") == true, "\(row.reason ?? "")")
    #expect(row.cause?.contains("nothing was written") == true, "\(row.cause ?? "")")
    let undefined = AlteredSoftmax.inEveryLane({ _, outputs in
      for index in outputs.indices { outputs[index] = .nan }
    })
    let other = try await LawsTests.row(of: .range, on: undefined)
    #expect(other.reason?.contains("never written") == false, "\(other.reason ?? "")")
  }

  @Test("A lane of zeros is a sum that overflowed, results that are flushed, or a lane left out")
  func vanished() async throws {
    let empty = AlteredSoftmax.inEveryLane({ logits, outputs in
      if logits.count > 1 { for index in outputs.indices { outputs[index] = 0 } }
    })
    func cause(_ count: Int, logit: Double = 0) throws -> Violation.Cause? {
      let subject = Subject(empty, input: .float16, output: nil, settings: CheckSettings())
      let trial = LawTrial(subject, implementation: empty, references: ReferenceCache())
      var notes = Observations()
      let zeros = LawCase(lane: Array(repeating: logit, count: count))
      guard case .broken(let violation) = try Law.longLanes.check(zeros, trial, &notes) else {
        return nil
      }
      return violation.cause
    }
    // 1/n is normal, subnormal, and subnormal with a sum beyond the largest number.
    #expect(try cause(100) == .leftOut)
    #expect(try cause(100, logit: 8) == .vanished)
    #expect(try cause(100, logit: -12) == .vanished)
    #expect(try cause(20_000) == .flushed)
    #expect(try cause(70_000) == .vanished)
    let flushing = AlteredSoftmax.inEveryLane({ _, outputs in
      for index in outputs.indices where outputs[index] < 0x1p-126 { outputs[index] = 0 }
    })
    let other = try await LawsTests.row(of: .underflow, on: flushing)
    #expect(other.cause?.contains("declaring underflow as flush") == true, "\(other.cause ?? "")")
  }
}
