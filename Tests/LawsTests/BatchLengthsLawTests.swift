import FloatFormats
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of batches of round lengths")
struct BatchLengthsLawTests {
  @Test("A second lane of 1024 logits that is not written is found")
  func secondLane() throws {
    let narrow = AlteredSoftmax { call, outputs in
      guard call.geometry.length % 256 == 0, call.geometry.laneCount > 1 else { return }
      for place in call.geometry.places(ofLane: 1) { outputs[place] = 0 }
    }
    let batch = LongBatch(lanes: 4, length: 1024)
    try expect(.batchLengths, finds: narrow, on: batch.input(.float32))
  }

  @Test("End with a lane that has maxima everywhere, where the last output is written")
  func lastLane() {
    let ends = BatchLengths.all.filter { batch in
      batch.kinds[(batch.lanes - 1 + batch.phase) % batch.kinds.count] == .everywhere
    }
    #expect(Set(ends.map(\.length)) == Set(BatchLengths.all.map(\.length)))
  }

  @Test("Have several lanes at and just below every power of two to 2^20, and of vocabularies")
  func batches() {
    let batches = BatchLengths.all
    for exponent in 4...20 {
      #expect(batches.contains { $0.length == 1 << exponent && $0.lanes >= 4 }, "\(exponent)")
      #expect(batches.contains { $0.length == (1 << exponent) - 1 && $0.lanes >= 2 })
    }
    for exponent in 4...10 {
      #expect(batches.contains { $0.length == 1 << exponent && $0.lanes >= 64 })
    }
    let vocabularies = [32_000, 50_257, 50_304, 128_256, 151_936, 200_064, 262_144]
    for length in vocabularies {
      #expect(batches.contains { $0.length == length && $0.lanes >= 3 }, "\(length)")
    }
    #expect(batches.contains { $0.length == 20_000 && $0.lanes >= 20 })
    #expect(batches.allSatisfy { $0.lanes * $0.length <= 1 << 22 })
    #expect(batches.reduce(0) { $0 + $1.lanes * $1.length } <= 25_000_000)
  }
}
