import FloatFormats
import Oracle
import TestSupport
import Testing

@Suite("DistinctLogits")
struct DistinctLogitsTests {
  @Test func `values come descending, each once, with their number and their places`() {
    let logits = DistinctLogits(of: [1.5, -2, 7, 1.5, -2, 1.5] as [Double])
    #expect(logits.values == [7, 1.5, -2])
    #expect(logits.multiplicities == [1, 3, 2])
    #expect(logits.slots == [1, 2, 0, 1, 2, 1])
    #expect(logits.finiteCount == 6)
    #expect(logits.count == 6)
    #expect(!logits.hasNaN)
    #expect(logits.infinityCount == 0)
    #expect(logits.distance(0) == 0)
    #expect(logits.distance(2) == 9)
  }

  @Test func `an empty lane has nothing`() {
    let logits = DistinctLogits(of: [] as [Float])
    #expect(logits.values.isEmpty && logits.slots.isEmpty)
    #expect(logits.count == 0)
  }

  @Test func `masked and special logits have slots of their own`() {
    let infinity = BFloat16.infinity
    let logits = DistinctLogits(of: [-infinity, .one, .nan, infinity, -infinity, infinity])
    #expect(logits.values == [1])
    #expect(
      logits.slots == [
        DistinctLogits.masked, 0, DistinctLogits.special, DistinctLogits.special,
        DistinctLogits.masked, DistinctLogits.special,
      ])
    #expect(logits.finiteCount == 1)
    #expect(logits.hasNaN)
    #expect(logits.infinityCount == 2)
  }

  @Test func `a NaN with its sign bit set is a NaN`() {
    #expect(DistinctLogits(of: [-Double.nan, 1]).hasNaN)
    #expect(DistinctLogits(of: [BFloat16(bitPattern: 0xFFFF)]).hasNaN)
  }

  @Test func `both zeros are one value, +0`() {
    let logits = DistinctLogits(of: [-0.0, 0.0, -0.0] as [Float16])
    #expect(logits.values.map(\.bitPattern) == [0])
    #expect(logits.multiplicities == [3])
  }

  @Test func `a distance beyond binary64 is infinite`() {
    let logits = DistinctLogits(of: [1.7e308, -1.7e308])
    #expect(logits.distance(1) == .infinity)
  }

  @Test func `every value of float16 finds its place`() {
    let all = (UInt16.min...UInt16.max).map { Float16(bitPattern: $0) }
    let logits = DistinctLogits(of: all)
    // 2 * 31 * 1024 finite encodings, two of them zeros.
    #expect(logits.values.count == 63_487)
    #expect(logits.finiteCount == 63_488)
    #expect(logits.infinityCount == 1)
    #expect(zip(logits.values, logits.values.dropFirst()).allSatisfy { $0 > $1 })
    var misplaced = 0
    for (logit, slot) in zip(all, logits.slots) where logit.isFinite {
      if logits.values[Int(slot)] != Double(logit) { misplaced += 1 }
    }
    #expect(misplaced == 0)
  }

  @Test(
    "Lanes of any length are in descending order, and every slot leads to its logit",
    arguments: [2, 255, 256, 257, 1000, 5000])
  func longLanesAreSorted(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let lane = (0..<count).map { index -> Double in
      // Any finite bits, a few values that repeat, and both zeros.
      switch index % 4 {
      case 0: Double(Int(random.next() % 7)) - 3
      case 1: index % 8 == 1 ? 0 : -0.0
      default:
        Double(bitPattern: random.next() & ~(1 << 62))
      }
    }
    let distinct = DistinctLogits(of: lane)
    #expect(zip(distinct.values, distinct.values.dropFirst()).allSatisfy { $0 > $1 })
    #expect(distinct.multiplicities.reduce(0, +) == UInt64(count))
    for (logit, slot) in zip(lane, distinct.slots) {
      #expect(distinct.values[Int(slot)] == logit, "\(logit.hexText)")
    }
  }
}
