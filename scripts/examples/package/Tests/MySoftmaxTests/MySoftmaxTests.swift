import MySoftmax
import SoftmaxAudit
import Testing

@Suite("My softmax")
struct MySoftmaxTests {
  @Test("It is within 8 ulp for short lanes, and finite wherever the exact value is")
  func isAccurate() async throws {
    let figures = try await Audit.figures(
      of: LaneFunction("mine") { (logits: [Float]) in mySoftmax(logits) },
      families: ["normal-1", "uniform-1", "integers", "largest"], lengths: [1, 2, 8])
    #expect(figures.maxUlp <= 8, "\(String(describing: figures.worst))")
    #expect(figures.mismatches == 0)
  }

  @Test("An audit sees what is wrong with the naive one")
  func naiveOverflows() async throws {
    let figures = try await Audit.figures(
      of: LaneFunction("naive") { (logits: [Float]) in naiveSoftmax(logits) },
      families: ["largest"], lengths: [8])
    #expect(figures.mismatches > 0)
  }
}
