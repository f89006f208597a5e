import Testing

@testable import AuditRecords

extension AccuracyRow {
  /// The row without the figures that depend on the tier that decided them.
  var certified: AccuracyRow {
    var row = self
    row.meanUlp = nil
    row.rmsUlp = nil
    row.meanSignedUlp = nil
    row.meanScaled = nil
    row.meanTotalVariation = nil
    row.oracleFallbacks = 0
    row.nsPerElement = nil
    return row
  }
}

/// Expects the same certified figures and percentiles, and means to six digits.
func expectAgreement(
  _ these: [AccuracyRow], _ those: [AccuracyRow], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(these.count == those.count && !these.isEmpty, sourceLocation: sourceLocation)
  for (a, b) in zip(these, those) {
    let name = "\(a.operation) \(a.implementation) \(a.inputFormat) \(a.family)/\(a.length)"
    // Two rows are pages of text: what fails says no more than its name.
    let isCertified = a.certified == b.certified
    #expect(isCertified, "\(name)", sourceLocation: sourceLocation)
    for (these, those, scale) in [
      (a.meanUlp, b.meanUlp, b.meanUlp), (a.rmsUlp, b.rmsUlp, b.rmsUlp),
      (a.meanScaled, b.meanScaled, b.meanScaled),
      (a.meanTotalVariation, b.meanTotalVariation, b.meanTotalVariation),
      // Positive and negative errors cancel: six digits of what they were.
      (a.meanSignedUlp, b.meanSignedUlp, b.meanUlp),
    ] {
      #expect(isNear(these, those, scale: scale), "\(name)", sourceLocation: sourceLocation)
    }
  }
}

private func isNear(_ a: Figure?, _ b: Figure?, scale: Figure?) -> Bool {
  guard let a, let b, let scale else { return a == nil && b == nil }
  return a == b || abs(a.value - b.value) <= 1e-6 * scale.value
}
