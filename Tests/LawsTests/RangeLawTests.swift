import RealModule
import TestSupport
import Testing

@testable import Laws

@Suite("The law of ranges")
struct RangeLawTests {
  @Test("A logarithm in place of a probability is found")
  func logarithm() async throws {
    try await expect(
      .range,
      finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs = outputs.map { Double.log($0) } }))
  }

  @Test("A probability above 1 by an ulp is found")
  func aboveOne() async throws {
    try await expect(
      .range,
      finds: AlteredSoftmax.inEveryLane({ _, outputs in
        for index in outputs.indices where outputs[index] == 1 { outputs[index] += 0x1p-23 }
      }))
  }
}
