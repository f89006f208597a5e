import Basics
import Testing

@testable import AuditedOperations

@Suite("Policies for special lanes")
struct SpecialLanePolicyTests {
  @Test(
    "Policies for lanes without a softmax are named with commas, and must not contradict each other"
  )
  func specialLanes() throws {
    #expect(try SpecialLanePolicy(parsing: "masked-zero") == .maskedZero)
    #expect(
      try SpecialLanePolicy(parsing: "masked-zero,infinity-one-hot")
        == [.maskedZero, .infinityOneHot])
    #expect(throws: UserError.self) { try SpecialLanePolicy(parsing: "masked-zero,") }
    #expect(throws: UserError.self) { try SpecialLanePolicy(parsing: "masked-zero,masked-uniform") }
  }
}
