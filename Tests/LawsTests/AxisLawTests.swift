import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("Laws on the axis")
struct AxisLawTests {
  @Test("A softmax over the flattened tensor is not one along an axis")
  func flattened() async throws {
    let flattened = AlteredSoftmax { call, outputs in
      guard call.geometry.laneCount > 1 else { return }
      for index in outputs.indices { outputs[index] /= Double(call.geometry.laneCount) }
    }
    try await expect(.axis, finds: flattened)
  }

  @Test("Lanes past element 65536 are looked at")
  func largeTensors() throws {
    let short = AlteredSoftmax { _, outputs in
      for index in outputs.indices.dropFirst(65_536) { outputs[index] = 0 }
    }
    let (shape, axis) = TensorCases.largeShapes[0]
    let geometry = try LaneGeometry(shape: shape, axis: axis)
    let logits = (0..<geometry.elementCount).map { Double($0 % 5) / 4 }
    try expect(.largeTensors, finds: short, on: LawCase(geometry: geometry, logits: logits))
  }

  @Test("Outputs that depend on how the logits lie in memory are found")
  func layouts() async throws {
    let strided = AlteredSoftmax(layouts: [.rowMajor, .columnMajor]) { call, outputs in
      if call.layout == .columnMajor { outputs.reverse() }
    }
    try await expect(.layout, finds: strided)
  }
}
