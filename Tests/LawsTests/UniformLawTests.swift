import FloatFormats
import SoftmaxVariants
import TestSupport
import Testing

@testable import Laws

@Suite("The law of uniform lanes")
struct UniformLawTests {
  @Test("A quotient by one logit too many is found")
  func count() async throws {
    try await expect(
      .uniform,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        let count = Double(logits.count)
        outputs = outputs.map { $0 * count / (count + 1) }
      }))
  }

  @Test("Take both roundings of 1/n where outputs have sixteen bits and may have been float32")
  func reciprocals() throws {
    func accepted(_ count: Int, _ format: FloatFormat) throws -> Set<Double> {
      let subject = Subject(
        BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick"))), input: format,
        output: nil, settings: CheckSettings())
      let trial = LawTrial(
        subject, implementation: BuiltInImplementation.all[0], references: ReferenceCache())
      return trial.reciprocals(of: count)
    }
    // 1/8283 lies within 2^-24 of itself of the middle of two subnormal float16 numbers.
    #expect(try accepted(8283, .float16).count == 2)
    #expect(try accepted(3, .float16) == [0x1.554p-2])
    #expect(try accepted(8283, .float32).count == 1)
  }
}
