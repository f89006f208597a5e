import Testing

@testable import Basics

@Suite("Mistakes on the command line")
struct MistakesTests {
  private struct Listed: MistakeList {
    var errors: [UserError]
  }

  @Test("All checks are made, and one run names all that is wrong")
  func collecting() throws {
    var mistakes = Mistakes()
    mistakes.add(.usage, "a")
    let value = try mistakes.collect { 7 }
    let first: Int? = try mistakes.collect { throw UserError(.malformedInput, "b") }
    let second: Int? = try mistakes.collect {
      throw Listed(errors: [UserError(.malformedInput, "c")])
    }
    #expect(value == 7 && first == nil && second == nil)
    #expect(mistakes.all.map(\.message) == ["a", "b", "c"])
    #expect(mistakes.lists.count == 1)
    let error = #expect(throws: Mistakes.self) { _ = try mistakes.require(value, first) }
    #expect(error?.all.count == 3)
    #expect(mistakes.adding(notMeasured: ["d"]).errors.last?.kind == .notMeasured)
  }

  @Test("Values are there where no check complains; a missing one is a fault of the program")
  func requiring() throws {
    let mistakes = Mistakes()
    let (number, text) = try mistakes.require(Optional(3), Optional("x"))
    #expect(number == 3 && text == "x")
    #expect(throws: InternalError.self) {
      _ = try mistakes.require(Optional<Int>.none, Optional(1))
    }
  }

  @Test("A fault that is nobody's mistake goes on")
  func faults() {
    var mistakes = Mistakes()
    #expect(throws: InternalError.self) {
      _ = try mistakes.collect { throw InternalError("e") } as Int?
    }
    #expect(mistakes.all.isEmpty)
  }
}
