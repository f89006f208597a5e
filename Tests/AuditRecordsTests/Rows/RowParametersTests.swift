import AuditedOperations
import FloatFormats
import Testing

@testable import AuditRecords

@Suite("Parameters of calls in rows")
struct RowParametersTests {
  private let mask = NumberFile(path: "/somewhere/m.npy", shape: [2], numbers: [0, -.infinity])

  @Test("Usual parameters are none")
  func none() {
    #expect(RowParameters() == nil)
    #expect(RowParameters(.none, GivenLoss(labelSmoothing: 0, ignoreIndex: -100)) == nil)
  }

  @Test("They say in words what was asked for, and ask for it again")
  func words() throws {
    let given = GivenModifiers(
      scale: 0.125, softcap: 30, causal: .topLeft, mask: mask, sink: .number(-1.5))
    let parameters = try #require(RowParameters(given))
    #expect(
      parameters.text
        == "scale 0.125, soft cap 30.0, causal mask top-left, mask \(mask.mark), sink -1.5")
    #expect(
      parameters.words == [
        "--scale", "0.125", "--softcap", "30.0", "--mask", "m.npy", "--causal",
        "--causal-alignment", "top-left", "--sink", "-1.5",
      ])
    let loss = GivenLoss(labelSmoothing: 0.1, ignoreIndex: 0)
    let reduced = try #require(RowParameters(.none, loss, reduction: .mean))
    #expect(reduced.text == "label smoothing 0.1, ignored target 0, mean of the losses")
  }

  @Test("A file is told by its name and its numbers, not by its folder")
  func marks() {
    #expect(mask.mark.hasPrefix("m.npy#"))
    #expect(mask.mark == NumberFile(path: "m.npy", shape: [2], numbers: [0, -.infinity]).mark)
    #expect(mask.mark != NumberFile(path: "m.npy", shape: [2], numbers: [0, 0]).mark)
    #expect(mask.mark != NumberFile(path: "m.npy", shape: [1, 2], numbers: [0, -.infinity]).mark)
  }

  @Test("Rows with other parameters have another key and another name")
  func keys() {
    var row = AccuracyRow(
      implementation: "naive", inputFormat: .float32, outputFormat: .float32, operation: .softmax,
      family: "normal-1", length: 8, shape: [1, 8], axis: 1)
    let plain = row.key
    #expect(row.subject == "naive")
    row.parameters = RowParameters(GivenModifiers(scale: 0.5))
    #expect(row.key != plain)
    #expect(row.subject == "naive with scale 0.5")
  }
}
