import AuditedOperations
import Testing

@testable import AuditRecords
@testable import Policies

@Suite("Budgets on figures that are measured on request")
struct ConsequenceBudgetTests {
  @Test(
    "Scaled errors have to be asked for of a softmax, and total variations of a log-softmax too")
  func requests() throws {
    func asks(
      _ figure: String, ofRowsOf named: [String] = [], _ operation: AuditedOperation
    ) throws -> Bool {
      let figure = try #require(PolicyFigure(rawValue: figure))
      let one = rule {
        $0.selector.operations = named
        $0.budgets = [.init(figure, .number(1))]
      }
      return Policy(name: "p", rules: [one]).budgetsConsequences(of: operation)
    }
    #expect(try asks("max-scaled", .softmax) && !asks("max-scaled", .logSoftmax))
    #expect(try asks("max-total-variation", .logSoftmax))
    #expect(try !asks("max-total-variation", ofRowsOf: ["softmax"], .logSoftmax))
    #expect(try asks("max-total-variation", ofRowsOf: ["log-*"], .logSoftmax))
    #expect(try !asks("max-ulp", .softmax))
  }
}
