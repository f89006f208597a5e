/// An error that lists mistakes of a kind of its own, such as those in one file.
package protocol MistakeList: Error {
  var errors: [UserError] { get }
}

/// Mistakes of the person who runs the tool, collected so that one run names them all.
package struct Mistakes: Error {
  package private(set) var errors: [UserError] = []
  /// The lists of mistakes that checks have found.
  package private(set) var lists: [any MistakeList] = []

  /// All of them, those in lists last.
  package var all: [UserError] { errors + lists.flatMap(\.errors) }

  package init() {}

  /// Notes a mistake.
  package mutating func add(_ kind: UserError.Kind, _ message: String) {
    errors.append(UserError(kind, message))
  }

  /// The value of a check; `nil` where it finds mistakes, which are noted.
  package mutating func collect<Value>(_ check: () throws -> Value) throws -> Value? {
    do {
      return try check()
    } catch let error as UserError {
      errors.append(error)
    } catch let mistakes as Mistakes {
      errors += mistakes.errors
      lists += mistakes.lists
    } catch let list as any MistakeList {
      lists.append(list)
    }
    return nil
  }

  /// Values that were collected, if there was no mistake.
  ///
  /// - Throws: The mistakes.
  package func require<each Value>(_ values: repeat (each Value)?) throws -> (repeat each Value) {
    try throwIfAny()
    func unwrapped<One>(_ value: One?) throws -> One {
      guard let value else { throw InternalError("a part is missing that nobody complained about") }
      return value
    }
    return (repeat try unwrapped(each values))
  }

  /// The mistakes together with things asked for that cannot be measured.
  package func adding(notMeasured reasons: [String]) -> Mistakes {
    var all = self
    for reason in reasons { all.add(.notMeasured, reason) }
    return all
  }

  /// Gives up if there was any mistake.
  package func throwIfAny() throws {
    if !all.isEmpty { throw self }
  }
}
