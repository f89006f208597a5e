import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of causal masks")
struct CausalMaskLawTests {
  @Test("A mask that is off by one is found")
  func offByOne() async throws {
    try await expect(
      .causalMask,
      findsModifiers: { modifiers in
        guard var mask = modifiers.mask, let first = mask.firstIndex(of: -.infinity), first > 0
        else { return }
        mask[first] = 0
        modifiers.mask = mask
      })
  }
}
