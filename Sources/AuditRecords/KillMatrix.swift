import AuditedOperations
import FloatFormats

/// The laws that notice each faulty implementation, and those that flag sound ones.
package struct KillMatrix: Sendable, Equatable, Codable {
  /// The laws, in their order.
  package var laws: [String]
  package var faulty: [Entry]
  package var sound: [Entry]
  /// The operations and their laws; nil where all is about the softmax.
  package var operations: [OperationLaws]?

  package init(
    laws: [String], faulty: [Entry], sound: [Entry], operations: [OperationLaws]? = nil
  ) {
    self.laws = laws
    self.faulty = faulty
    self.sound = sound
    self.operations = operations
  }

  /// The laws of one operation, in their order.
  package struct OperationLaws: Sendable, Equatable, Codable {
    package var operation: AuditedOperation
    package var laws: [String]

    package init(operation: AuditedOperation, laws: [String]) {
      self.operation = operation
      self.laws = laws
    }
  }

  /// The matrices of the operations, one by one.
  package var parts: [(operation: AuditedOperation, matrix: KillMatrix)] {
    guard let operations else { return [(.softmax, self)] }
    return operations.map { part in
      func own(_ entries: [Entry]) -> [Entry] {
        entries.filter { ($0.operation ?? .softmax) == part.operation }
      }
      return (part.operation, KillMatrix(laws: part.laws, faulty: own(faulty), sound: own(sound)))
    }
  }

  /// One implementation in one format.
  package struct Entry: Sendable, Equatable, Codable {
    package var implementation: String
    /// The operation that it should compute; nil for the softmax.
    package var operation: AuditedOperation?
    package var format: FloatFormat
    /// The code of the class of its fault; nil for a sound one.
    package var bugClass: String?
    /// The laws that were found broken, in their order.
    package var broken: [String]
    /// Laws that were not measured on a sound one, with the reason: no pass either.
    package var notMeasured: [String]

    package init(
      implementation: String, operation: AuditedOperation? = nil, format: FloatFormat,
      bugClass: String?, broken: [String], notMeasured: [String]
    ) {
      self.implementation = implementation
      self.operation = operation
      self.format = format
      self.bugClass = bugClass
      self.broken = broken
      self.notMeasured = notMeasured
    }
  }

  /// The faulty ones that no law noticed.
  package var survivors: [Entry] { faulty.filter(\.broken.isEmpty) }
  /// The sound ones that a law says is broken.
  package var falseAlarms: [Entry] { sound.filter { !$0.broken.isEmpty } }
  /// The faulty ones that one law alone notices, by that law.
  package var soleCatches: [(law: String, entries: [Entry])] {
    laws.compactMap { law in
      let entries = faulty.filter { $0.broken == [law] }
      return entries.isEmpty ? nil : (law, entries)
    }
  }
}
