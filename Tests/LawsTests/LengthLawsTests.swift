import FloatFormats
import TestSupport
import Testing

@testable import Laws

@Suite("The laws on lengths")
struct LengthLawsTests {
  @Test("A last logit that is left out where one is left over of eight is found")
  func tail() throws {
    let blocked = AlteredSoftmax.inEveryLane({ logits, outputs in
      if logits.count % 8 == 1 { outputs[logits.count - 1] = 0 }
    })
    let sample = try #require(
      LengthSweep.all.first { $0.count == 129 && $0.pattern == .dominantLast })
    try expect(.lengthSweep, finds: blocked, on: LawCase(lane: sample.lane(.float32)))
  }

  @Test("A sum that stops growing at 2048 terms is found")
  func stagnation() throws {
    let stagnating = AlteredSoftmax.inEveryLane({ logits, outputs in
      let excess = max(1, Double(logits.count) / 2048)
      for index in outputs.indices { outputs[index] *= excess }
    })
    try expect(.longLanes, finds: stagnating, on: LawCase(lane: Array(repeating: 0.5, count: 4099)))
  }

  @Test("Sweep over every length to 300 and around every power of two to 131072")
  func sweep() {
    let lengths = Set(LengthSweep.all.map(\.count))
    #expect(lengths.isSuperset(of: 1...300))
    for exponent in 9...17 {
      #expect(lengths.isSuperset(of: (1 << exponent) - 1...(1 << exponent) + 1), "\(exponent)")
    }
    for sample in LengthSweep.all where sample.count > 1 && sample.count < 300 {
      let lane = sample.lane(.float32)
      let largest = lane.max() ?? 0
      let rest = lane.filter { $0 != largest }.max() ?? largest
      let isDominated = ![.uniform, .ramp, .descending].contains(sample.pattern)
      if isDominated { #expect(largest - rest > 110, "\(sample)") }
      if sample.pattern == .descending {
        let tail = lane.suffix(16)
        #expect(zip(lane, lane.dropFirst()).allSatisfy { $0 >= $1 }, "\(sample)")
        #expect(zip(tail, tail.dropFirst()).allSatisfy { $0 > $1 }, "\(sample)")
      }
    }
  }

  @Test("Sweep over the vocabularies of today, a million and beyond powers of two")
  func vocabularies() {
    let lengths = Set(LengthSweep.all.map(\.count))
    #expect(lengths.isSuperset(of: [128_256, 151_936, 200_064, 262_144, 262_145, 1_000_003]))
  }
}
