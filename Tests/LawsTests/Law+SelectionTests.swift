import Basics
import Laws
import Testing

@Suite("Laws by name")
struct LawSelectionTests {
  @Test("None named is all, an unknown name is a mistake, an empty glob measures nothing")
  func selection() throws {
    #expect(try Law.selected(by: []).count == Law.all.count)
    #expect(
      try Law.selected(by: ["shift", "over*"]).map(\.name).sorted() == ["overflow", "shift"])
    for (kind, pattern): (UserError.Kind, String) in [
      (.usage, "nothing"), (.notMeasured, "nothing*"),
    ] {
      let error = #expect(throws: UserError.self) { try Law.selected(by: [pattern]) }
      #expect(error?.kind == kind)
    }
  }
}
