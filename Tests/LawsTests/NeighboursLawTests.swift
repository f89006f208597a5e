import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of neighbours")
struct NeighboursLawTests {
  @Test("A maximum that is shared by four neighbours is found")
  func sharedMaximum() async throws {
    let sharing = AlteredSoftmax { call, outputs in
      let highest = (0..<call.geometry.laneCount).map { number in
        call.geometry.lane(number, of: call.logits).filter(\.isFinite).max() ?? 0
      }
      for number in highest.indices {
        let first = number / 4 * 4
        let shared = highest[first..<min(first + 4, highest.count)].max() ?? 0
        // All exponentials vanish in float32.
        guard shared - highest[number] > 104 else { continue }
        for place in call.geometry.places(ofLane: number) { outputs[place] = .nan }
      }
    }
    try await expect(.neighbours, finds: sharing)
  }
}
