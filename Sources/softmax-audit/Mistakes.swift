import SoftmaxAudit

/// Mistakes of the person who runs the tool, collected so that one run names them all.
struct Mistakes: Error {
  private(set) var errors: [UserError] = []

  init() {}

  /// The mistakes in a policy.
  init(_ mistakes: PolicyMistakes) { errors = mistakes.errors }

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
      errors += mistakes.errors
    }
    return nil
  }

  /// Gives up if there was any mistake.
  func throwIfAny() throws {
    if !errors.isEmpty { throw self }
  }
}
