import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of lane independence")
struct LaneIndependenceLawTests {
  @Test("A lane that feels a large logit of its neighbour is found")
  func sharedMaximum() async throws {
    let sharing = AlteredSoftmax { call, outputs in
      for number in 1..<max(1, call.geometry.laneCount) {
        let neighbour = call.geometry.lane(number - 1, of: call.logits)
        guard neighbour.contains(where: { $0 > 9 }) else { continue }
        for place in call.geometry.places(ofLane: number) { outputs[place] *= 1 - 0x1p-22 }
      }
    }
    try await expect(.laneIndependence, finds: sharing)
  }
}
