import AuditRecords
import AuditedOperations
import FloatFormats
import Testing

@testable import FaultySoftmaxes

@Suite("Tolerances in use, tried on faulty softmaxes")
struct ToleranceTrialTests {
  private func matrix(
    _ names: [String], sound: [SoundSoftmax] = []
  ) async throws -> ToleranceMatrix {
    let faulty = FaultySoftmax.all(of: .softmax).filter { names.contains($0.name) }
    #expect(faulty.count == names.count)
    var trial = ToleranceTrial(faulty: faulty, sound: sound, usesEveryFormat: true)
    trial.samples = 2
    return try await trial.run()
  }

  private func answers(
    _ matrix: ToleranceMatrix, _ name: String, _ format: FloatFormat
  ) throws -> [String: ToleranceMatrix.Answer] {
    let entry = try #require(
      matrix.faulty.first { $0.implementation == name && $0.format == format })
    var answers: [String: ToleranceMatrix.Answer] = [:]
    for (tolerance, answer) in zip(matrix.tolerances, entry.answers) {
      answers[tolerance] = answer
    }
    return answers
  }

  @Test(
    "A softmax without the shift passes on normal logits, and every tolerance sees it elsewhere")
  func overflow() async throws {
    let matrix = try await matrix(["no-maximum"])
    for tolerance in [
      "torch.testing.assert_close", "onnxruntime tests", "ONNX node tests", "numpy.allclose",
    ] {
      // exp(100) overflows float32: the outputs are NaN.
      #expect(try answers(matrix, "no-maximum", .float32)[tolerance] == .onOtherFamilies)
    }
    #expect(
      try answers(matrix, "no-maximum", .float32)["oneDNN benchdnn, relaxed accumulation"] == nil)
  }

  @Test("A temperature of 1 + 1e-5 is within the tolerances of 1e-3, and not within 1e-7")
  func temperature() async throws {
    let name = "temperature-guarded-by-epsilon"
    let matrix = try await matrix([name])
    let answers = try answers(matrix, name, .float64)
    // |x - m| is below 10 on normal logits: p changes by at most 1e-4 of itself.
    #expect(answers["ONNX node tests"] != .onNormalLogits)
    #expect(answers["numpy.testing.assert_allclose"] == .onNormalLogits)
    #expect(matrix.faulty.allSatisfy { $0.ofAudit == .onNormalLogits || $0.format != .float64 })
  }

  @Test("A tolerance notices all that a wider one notices")
  func widerTolerances() async throws {
    let matrix = try await matrix(["shift-by-mean", "temperature-multiplied-twice"])
    let order: [ToleranceMatrix.Answer] = [.onNormalLogits, .onOtherFamilies, .nowhere]
    for entry in matrix.faulty {
      func place(_ tolerance: String) throws -> Int {
        let index = try #require(matrix.tolerances.firstIndex(of: tolerance))
        return try #require(order.firstIndex { $0 == entry.answers[index] })
      }
      // 1e-7 p, 1e-8 + 1e-5 p, and for float32 and float64 1e-5 + 1e-4 p or 1e-5 p.
      #expect(try place("numpy.testing.assert_allclose") <= place("numpy.allclose"))
      #expect(try place("numpy.allclose") <= place("onnxruntime tests"))
    }
  }

  @Test("An audit rejects nothing sound; a tolerance of 1e-7 rejects what sixteen bits can hold")
  func soundForms() async throws {
    let sound = Array(SoundSoftmax.all.filter { $0.operation == .softmax }.prefix(3))
    let matrix = try await matrix([], sound: sound)
    #expect(!matrix.sound.isEmpty && matrix.sound.allSatisfy { $0.ofAudit == .nowhere })
    let strict = try #require(matrix.tolerances.firstIndex(of: "numpy.testing.assert_allclose"))
    // Numbers of bfloat16 are up to 2^-8 of themselves apart.
    let narrow = matrix.sound.filter { $0.format == .bfloat16 }
    #expect(!narrow.isEmpty && narrow.allSatisfy { $0.answers[strict] == .onNormalLogits })
  }
}
