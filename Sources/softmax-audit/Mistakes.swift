import AuditRecords
import Basics
import Policies

/// Mistakes of the person who runs the tool, collected so that one run names them all.
struct Mistakes: Error {
  private(set) var errors: [UserError] = []

  private var policyErrors: [UserError] = []
  /// All of them, those of a policy last.
  var all: [UserError] { errors + policyErrors }

  init() {}

  /// Those of a policy, which have places.
  private(set) var policyMistakes: [PolicyMistake] = []

  /// Notes a mistake.
  mutating func add(_ kind: UserError.Kind, _ message: String) {
    errors.append(UserError(kind, message))
  }

  /// What a check returns, or nil where it finds mistakes, which are noted.
  mutating func collect<Value>(_ check: () throws -> Value) throws -> Value? {
    do {
      return try check()
    } catch let error as UserError {
      errors.append(error)
    } catch let mistakes as Mistakes {
      errors += mistakes.errors
    } catch let mistakes as PolicyMistakes {
      policyMistakes += mistakes.mistakes
      policyErrors += mistakes.errors
    }
    return nil
  }

  /// Values that were collected, if there was no mistake.
  ///
  /// - Throws: The mistakes.
  func require<each Value>(_ values: repeat (each Value)?) throws -> (repeat each Value) {
    try throwIfAny()
    func unwrapped<One>(_ value: One?) throws -> One {
      guard let value else { throw InternalError("a part is missing that nobody complained about") }
      return value
    }
    return (repeat try unwrapped(each values))
  }

  /// The mistakes together with things asked for that cannot be measured.
  func adding(notMeasured reasons: [String]) -> Mistakes {
    var all = self
    for reason in reasons { all.add(.notMeasured, reason) }
    return all
  }

  /// Gives up if there was any mistake.
  func throwIfAny() throws {
    if !errors.isEmpty || !policyErrors.isEmpty { throw self }
  }
}
