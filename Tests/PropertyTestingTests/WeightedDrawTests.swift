import Testing

@testable import PropertyTesting

@Suite("WeightedDraw")
struct WeightedDrawTests {
  @Test func `weights are drawn in proportion`() {
    let draw = WeightedDraw([3, 0, 1])
    var generator = CounterGenerator(seed: 3, stream: "weights")
    var counts = [0, 0, 0]
    for _ in 0..<4000 { counts[draw.next(&generator)] += 1 }
    #expect(counts[1] == 0)
    #expect(900...1100 ~= counts[2])
  }
}
