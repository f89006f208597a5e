import FloatFormats
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of long batches")
struct LongBatchesLawTests {
  @Test("A fourth lane that loses a term is found")
  func fourthLane() throws {
    let losing = AlteredSoftmax { call, outputs in
      guard call.geometry.laneCount > 3, call.geometry.length > 256 else { return }
      outputs[call.geometry.places(ofLane: 3)[200]] = 0
    }
    let batch = LongBatch(lanes: 5, length: 301, phase: 4)
    try expect(.longBatches, finds: losing, on: batch.input(.float32))
  }

  @Test("A maximum that starts from 0 in long lanes alone is found")
  func maximumFromZero() throws {
    // exp(x - 0) / sum exp(x - 0): 0 / 0 where all logits are far below 0.
    func padded(below limit: Double) -> AlteredSoftmax {
      .inEveryLane { logits, outputs in
        guard logits.count > 300, let largest = logits.max(), largest < limit else { return }
        outputs = logits.map { _ in .nan }
      }
    }
    // Below these, exponentials vanish in binary32 and in binary64.
    for format in [FloatFormat.float32, .float64] {
      let batch = LongBatch(lanes: 1, length: 301, kinds: [.farBelow])
      let faulty = padded(below: format == .float64 ? -746 : -104)
      try expect(.longBatches, finds: faulty, on: batch.input(format), in: format)
    }
    #expect(LongBatch.all.contains { $0.kinds.contains(.farBelow) && $0.length > 16_384 })
  }

  @Test(
    "Have batches of up to 64 lanes past every power of two to 2^20, of 8 million logits at most")
  func batches() {
    let batches = LongBatch.all
    for exponent in 9...20 {
      let past = batches.filter { $0.length == (1 << exponent) + 1 }
      #expect(past.contains { $0.lanes >= 4 }, "\(exponent)")
      // Lane 3 and the last one are of every kind that the batches have.
      for place in [3, -1] {
        let kinds = past.filter { $0.inner == 1 && !$0.kinds.contains(.farBelow) }.map { batch in
          let lane = place < 0 ? batch.lanes - 1 : place
          return batch.kinds[(lane + batch.phase) % batch.kinds.count]
        }
        if exponent < 14 {
          #expect(Set(kinds).count == LongBatch.Maxima.usual.count, "\(exponent)")
        }
      }
    }
    #expect(batches.contains { $0.lanes >= 64 && $0.length > 4096 })
    #expect(batches.allSatisfy { $0.lanes * $0.length <= 8_000_000 })
    #expect(batches.allSatisfy { $0.lanes % $0.inner == 0 })
  }

  @Test("Lay the lanes of a batch side by side without changing them")
  func stridedBatch() {
    let apart = LongBatch(lanes: 6, length: 40, phase: 1).input(.float32)
    let strided = LongBatch(lanes: 6, length: 40, inner: 3, phase: 1).input(.float32)
    #expect(strided.geometry.shape == [2, 40, 3])
    for lane in 0..<6 { #expect(strided.lane(lane) == apart.lane(lane)) }
  }
}
