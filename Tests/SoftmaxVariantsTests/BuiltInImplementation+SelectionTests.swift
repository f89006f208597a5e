import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants
import Testing

@Suite("Built-in implementations by name")
struct BuiltInImplementationSelectionTests {
  @Test(
    "A name without a summation is the sequential one, a glob keeps to the formats"
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
}
