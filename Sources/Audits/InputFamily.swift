import AuditedOperations
import FloatFormats
import LogitFamilies

/// A family of inputs that cells are made of: of logits, or of queries, keys and values.
package protocol InputFamily: NamedFamily {
  /// The lengths of lanes where none are asked for; of an attention the numbers of keys.
  var usualLengths: [Int] { get }

  /// Whether the family has lanes for a format.
  func applies(to format: FloatFormat) -> Bool

  /// Whether no finite logit of its lanes is known to be larger in magnitude than a limit.
  func staysWithin(_ limit: Double, as format: FloatFormat, length: Int) -> Bool

  /// The number of lanes of a cell where none is asked for.
  ///
  /// - Parameter isFromOutside: Whether some implementation is none of this program.
  func usualSamples(length: Int, isFromOutside: Bool) -> Int

  /// Some lanes of a length.
  func source(length: Int, samples: Int) -> AuditPlan.Source
}

extension LogitFamily: InputFamily {
  package var usualLengths: [Int] { AuditPlan.defaultLengths(of: self) }

  package func usualSamples(length: Int, isFromOutside: Bool) -> Int {
    AuditPlan.defaultSamples(length: length, isFromOutside: isFromOutside)
  }

  package func source(length: Int, samples: Int) -> AuditPlan.Source {
    .family(self, length: length, samples: samples)
  }
}

extension AttentionFamily: InputFamily {
  package var usualLengths: [Int] { lengths }

  package func applies(to format: FloatFormat) -> Bool { !format.isOfEightBits }

  /// Scores are no numbers of a format, and their range is not known beforehand.
  package func staysWithin(_ limit: Double, as format: FloatFormat, length: Int) -> Bool {
    limit == .infinity
  }

  package func usualSamples(length: Int, isFromOutside: Bool) -> Int { defaultRows(keys: length) }

  package func source(length: Int, samples: Int) -> AuditPlan.Source {
    .attention(self, keys: length, rows: samples)
  }
}

extension AuditPlan {
  /// The families of the inputs of an operation.
  package static func families(of operation: AuditedOperation) -> [any InputFamily] {
    operation == .attention ? AttentionFamily.all : LogitFamily.all
  }

  /// The families of the inputs of an operation that names and globs select; all for none.
  package static func families(
    of operation: AuditedOperation, selectedBy patterns: [String]
  ) throws -> [any InputFamily] {
    operation == .attention
      ? try AttentionFamily.selected(by: patterns) : try LogitFamily.selected(by: patterns)
  }
}
