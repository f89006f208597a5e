import Basics
import LogitFamilies
import Testing

@Suite("Families by name")
struct LogitFamilySelectionTests {
  @Test("None named is all, an unknown name is a mistake, an empty glob measures nothing")
  func selection() throws {
    #expect(try LogitFamily.selected(by: []).count == LogitFamily.all.count)
    #expect(try LogitFamily.selected(by: ["dust"]).map(\.name) == ["dust"])
    for (kind, pattern): (UserError.Kind, String) in [
      (.usage, "nothing"), (.notMeasured, "nothing*"),
    ] {
      let error = #expect(throws: UserError.self) { try LogitFamily.selected(by: [pattern]) }
      #expect(error?.kind == kind)
    }
  }
}
