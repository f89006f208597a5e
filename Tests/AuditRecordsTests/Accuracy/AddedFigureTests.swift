import AuditedOperations
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

/// A figure that no list knows is written, budgeted and judged by its descriptor alone.
@Suite("A figure from outside")
struct AddedFigureTests {
  private static let median = FigureDescriptor(
    "medianGap", "median gap", unit: .one, range: .signed, .statistical, budget: "median-gap",
    meaning: "The median distance of neighbouring outputs.")

  private var row: AccuracyRow {
    var row = AccuracyRow(
      implementation: "a", inputFormat: .float32, outputFormat: .float32, operation: .softmax,
      family: "f", length: 2, shape: [1, 2], axis: 1)
    row.elements = 2
    row.figures[Self.median] = -0.5
    return row
  }

  @Test("Stands in the row and in its JSON under its key")
  func writing() throws {
    #expect(row.figures[Self.median] == -0.5)
    let text = String(decoding: try JSONEncoder().encode(row), as: UTF8.self)
    #expect(text.contains("\"medianGap\":-0.5"))
  }

  @Test("Is judged by its size under the key of its budget, and asked for where it costs nothing")
  func judging() throws {
    let figure = try #require(PolicyFigure(Self.median))
    #expect(figure.rawValue == "median-gap" && !figure.isFloor && !figure.isCertified)
    #expect(figure.value(in: row, regime: nil, underflow: .gradual) == 0.5)
    #expect(!Self.median.isOnRequest)
  }
}
