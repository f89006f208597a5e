import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle

extension MismatchKinds {
  /// Counts the mismatches of a lane that has a value.
  init<G: BinaryFloat>(_ outputs: [G], of reference: some ExactLane) {
    let kind = reference.operation.output
    if kind.isDistribution {
      self.init(outputs, in: reference.format) { reference.slot(at: $0) == DistinctLogits.masked }
      return
    }
    self.init()
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      guard case .mismatch = OutputClass(y, against: exact, of: kind, in: reference.format)
      else { continue }
      if y.isNaN {
        if Self.isUnwritten(y, in: reference.format) { unwritten += 1 } else { nan += 1 }
      } else if y.isInfinite {
        infinite += 1
      } else {
        masked += 1
      }
    }
  }

  /// Counts the mismatches of a lane of probabilities.
  ///
  /// - Parameters:
  ///   - outputs: The computed probabilities, as numbers of their own format or widened.
  ///   - format: Their own format.
  ///   - isMasked: Whether the logit at a place is -inf.
  init<G: BinaryFloat>(
    _ outputs: [G], in format: FloatFormat, isMasked: (Int) -> Bool
  ) {
    self.init()
    for (index, y) in outputs.enumerated() {
      if y.isNaN {
        if Self.isUnwritten(y, in: format) { unwritten += 1 } else { nan += 1 }
      } else if y.isInfinite {
        infinite += 1
      } else if y.isNegative, !y.isZero {
        negative += 1
      } else if !y.isZero, isMasked(index) {
        masked += 1
      }
    }
  }

  /// Whether an output is what hosts fill outputs with before a call, bit for bit, see
  /// ``OutputFill``.
  package static func isUnwritten<G: BinaryFloat>(_ y: G, in format: FloatFormat) -> Bool {
    y.isNaN && y.binary64Encoding == OutputFill.binary64Encoding(of: format)
  }
}
