import Foundation
import Testing

@testable import AuditRecords

@Suite("Figures")
struct FigureTests {
  @Test(
    "A figure survives JSON, as a number or as the text of what is none",
    arguments: [
      (0, "0"), (0.5, "0.5"), (-3, "-3"), (.infinity, "\"inf\""), (-.infinity, "\"-inf\""),
      (.nan, "\"nan\""), (0x1.fffffffcp1023, nil), (0x1p-1022, nil), (1.0 / 3, nil),
    ] as [(Double, String?)])
  func figures(value: Double, text: String?) throws {
    let data = try JSONEncoder().encode([Figure(value)])
    if let text { #expect(String(decoding: data, as: UTF8.self) == "[\(text)]") }
    let back = try #require(try JSONDecoder().decode([Figure].self, from: data).first)
    #expect(back.value == value || back.value.isNaN && value.isNaN)
  }

  @Test(
    "A text that is no figure is refused", arguments: ["\"Inf\"", "\"1\"", "\"\"", "null", "{}"])
  func refusedFigures(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Figure].self, from: Data("[\(text)]".utf8))
    }
  }
}
