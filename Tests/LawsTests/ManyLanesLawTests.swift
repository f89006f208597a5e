import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of many lanes")
struct ManyLanesLawTests {
  @Test("Lanes past the number 65535 are looked at")
  func sixteenBits() throws {
    let narrow = AlteredSoftmax { call, outputs in
      for number in 65_536..<max(65_536, call.geometry.laneCount) {
        outputs[call.geometry.start(ofLane: number)] = 0
      }
    }
    try expect(.manyLanes, finds: narrow, on: ManyLanes.all[0].input(phase: 0))
  }

  @Test("Have tensors of more lanes than 16, 17, 18 and 20 bits count, before and after the axis")
  func lanes() throws {
    let geometries = try ManyLanes.all.map { try LaneGeometry(shape: $0.shape, axis: $0.axis) }
    for bits in [16, 17, 18, 20] { #expect(geometries.contains { $0.outer > 1 << bits }) }
    for bits in [16, 17, 18] { #expect(geometries.contains { $0.inner > 1 << bits }) }
    #expect(geometries.allSatisfy { $0.elementCount <= 8_000_000 })
  }
}
