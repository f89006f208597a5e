import AuditedOperations
import FloatFormats
import Foundation

@testable import Oracle

/// A row of attention, and the exact values that belong to it.
struct AttentionVector {
  /// Where the row stands in the file.
  let name: String
  let format: FloatFormat
  let row: AttentionRow
  /// The channels of the output, then the logsumexp.
  var outputs: [OperationVector.Output] = []

  /// The rows of the file that `scripts/vectors/make-attention-vectors` writes.
  static func load() throws -> [AttentionVector] {
    guard
      let file = Bundle.module.url(
        forResource: "attention-mpmath", withExtension: "txt", subdirectory: "Vectors")
    else { throw CocoaError(.fileNoSuchFile) }
    var vectors: [AttentionVector] = []
    var head: [String] = []
    var inputs: [String: [Double]] = [:]
    let lines = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      let malformed = OperationVector.Malformed(line: offset + 1)
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "row":
        (head, inputs) = (words, [:])
      case "o":
        guard words.count == 4, let rounded = Double(words[2]) else { throw malformed }
        if !head.isEmpty {
          guard let vector = AttentionVector(head, inputs, line: offset + 1) else {
            throw malformed
          }
          vectors.append(vector)
          head = []
        }
        vectors[vectors.count - 1].outputs.append(
          OperationVector.Output(digits: words[1], rounded: rounded, yardstick: words[3]))
      default:
        inputs[words[0]] = words.dropFirst().compactMap { Double($0) }
        guard inputs[words[0]]?.count == words.count - 1 else { throw malformed }
      }
    }
    return vectors
  }

  private init?(_ head: [String], _ inputs: [String: [Double]], line: Int) {
    guard head.count == 3, let format = FloatFormat(rawValue: head[1]), let count = Int(head[2]),
      let query = inputs["q"], let keys = inputs["k"], let values = inputs["v"], count > 0
    else { return nil }
    name = "line \(line), \(head[1])"
    self.format = format
    row = AttentionRow(
      query: query,
      head: AttentionHead(
        keys: keys, values: values, count: count, dimension: query.count,
        valueDimension: values.count / count),
      modifiers: LaneModifiers(
        scale: inputs["c"]?.first, softcap: inputs["t"]?.first, mask: inputs["m"],
        sink: inputs["s"]?.first))
  }

  /// The inputs of an output, with its slot.
  func lane(ofOutput index: Int) -> (lane: OperationLane, slot: Int) {
    index < row.head.valueDimension
      ? (OperationLane(row, .output), index) : (OperationLane(row, .logSumExp), 0)
  }
}
