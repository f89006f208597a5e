import FloatFormats
import Testing

@testable import AuditedOperations

@Suite("Swift functions as implementations")
struct LaneFunctionTests {
  @Test("A tensor along an inner axis gets to the function lane by lane")
  func lanes() throws {
    let tensor = Tensor<Float>(
      geometry: try LaneGeometry(shape: [2, 3, 2], axis: 1), elements: (0..<12).map(Float.init))
    let identity = LaneFunction("identity") { (logits: [Float]) in logits }
    #expect(try identity.softmax(tensor, as: Float.self).elements == tensor.elements)
    let reversed = LaneFunction("reversed") { (logits: [Float]) in logits.reversed() }
    #expect(
      try reversed.softmax(tensor, as: Float.self).elements
        == [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7])
  }
}
