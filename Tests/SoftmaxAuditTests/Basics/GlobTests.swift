import FloatFormats
import LogitFamilies
import SoftmaxVariants
import Testing

@testable import AuditedOperations
@testable import Basics
@testable import Laws

@Suite("Names and globs")
struct GlobTests {
  @Test(
    "A glob matches as a shell does, slashes too; a name matches itself alone",
    arguments: [
      ("max-trick/pairwise", "max-trick", false), ("max-trick", "max-trick", true),
      ("max-trick/pairwise", "max-trick*", true), ("max-trick/pairwise", "*/pairwise", true),
      ("dust", "d?st", true), ("dust", "d[aeiou]st", true), ("dust", "d[!u]st", false),
    ])
  func matching(name: String, pattern: String, matches: Bool) {
    #expect(Glob.matches(name, pattern) == matches)
  }

  @Test(
    "Implementations: a name without a summation is the sequential one, a glob keeps to the formats"
  )
  func implementations() throws {
    let named = try BuiltInImplementation.selected(by: ["max-trick"], of: .softmax, in: [.float64])
    #expect(named.map(\.name) == ["max-trick/sequential"])
    let narrow = try BuiltInImplementation.selected(
      by: ["*/float32"], of: .softmax, in: [.bfloat16])
    #expect(!narrow.isEmpty && narrow.allSatisfy { $0.formats.contains(.bfloat16) })
    let error = #expect(throws: UserError.self) {
      try BuiltInImplementation.selected(by: ["*/float32"], of: .softmax, in: [.float64])
    }
    #expect(error?.kind == .notMeasured)
    let unknown = #expect(throws: UserError.self) {
      try BuiltInImplementation.selected(by: ["max-trik"], of: .softmax, in: [.float64])
    }
    #expect(unknown?.kind == .usage)
    #expect(unknown?.message.hasSuffix("; did you mean \"max-trick/sequential\"?") == true)
    // The operations have variants of their own.
    let other = try BuiltInImplementation.selected(
      by: ["max-trick"], of: .logSumExp, in: [.float64])
    #expect(other.map(\.operation) == [.logSumExp])
    let missing = #expect(throws: UserError.self) {
      try BuiltInImplementation.selected(by: ["two-pass"], of: .logSumExp, in: [.float64])
    }
    #expect(missing?.kind == .usage)
  }

  @Test(
    "Families and laws: none named is all, an unknown name is a mistake, an empty glob measures nothing"
  )
  func familiesAndLaws() throws {
    #expect(try LogitFamily.selected(by: []).count == LogitFamily.all.count)
    #expect(try LogitFamily.selected(by: ["dust"]).map(\.name) == ["dust"])
    #expect(
      try Law.selected(by: ["shift", "over*"]).map(\.name).sorted() == ["overflow", "shift"])
    for (kind, patterns): (UserError.Kind, [String]) in [
      (.usage, ["nothing"]), (.notMeasured, ["nothing*"]),
    ] {
      let family = #expect(throws: UserError.self) { try LogitFamily.selected(by: patterns) }
      let law = #expect(throws: UserError.self) { try Law.selected(by: patterns) }
      #expect(family?.kind == kind && law?.kind == kind)
    }
  }

  @Test(
    "Policies for lanes without a softmax are named with commas, and must not contradict each other"
  )
  func specialLanes() throws {
    #expect(try SpecialLanePolicy(parsing: "masked-zero") == .maskedZero)
    #expect(
      try SpecialLanePolicy(parsing: "masked-zero,infinity-one-hot")
        == [.maskedZero, .infinityOneHot])
    #expect(throws: UserError.self) { try SpecialLanePolicy(parsing: "masked-zero,") }
    #expect(throws: UserError.self) { try SpecialLanePolicy(parsing: "masked-zero,masked-uniform") }
  }
}
