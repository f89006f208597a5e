import Testing

@testable import Laws

@Suite("Repeated lanes")
struct RepeatedLanesTests {
  @Test("Judge a repeated lane once, and one with other outputs again")
  func repetitions() throws {
    let input = LawCase(lanes: [[1, 2], [1, 2], [2, 1], [1, 2]])
    var known = RepeatedLanes(
      input, [0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.25, 0.5], input.geometry)
    let first = known.holds(0)
    known.add(0)
    #expect(!first && known.holds(1))
    let (reversed, other) = (known.holds(2), known.holds(3))
    #expect(!reversed && !other)
  }
}
