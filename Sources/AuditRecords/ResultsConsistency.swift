import AuditedOperations
import FloatFormats

/// Finds what cannot be true of results that this program wrote: files that were edited or put
/// together by hand.
package enum ResultsConsistency {
  /// The first contradiction, in a sentence that begins with its place; nil where there is none.
  package static func contradiction(in results: AuditResults) -> String? {
    var cells = Set<AccuracyRow.Key>()
    for (index, row) in results.accuracy.enumerated() {
      if let problem = contradiction(in: row) { return "accuracy[\(index)] \(problem)" }
      guard cells.insert(row.key).inserted else {
        return "accuracy[\(index)] is a second row for the same cell"
      }
    }
    var laws = Set<PropertyRow.Key>()
    for (index, row) in results.properties.enumerated() {
      if row.verdict == .passed, row.counterexample != nil {
        return "properties[\(index)] passed with a counterexample"
      }
      guard laws.insert(row.key).inserted else {
        return "properties[\(index)] is a second row for the same law"
      }
    }
    return nil
  }

  private static func contradiction(in row: AccuracyRow) -> String? {
    let isUncalled = row.failure?.kind == .notMeasured
    let count = row.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let wanted =
      switch row.operation.output.extent {
      case .one: row.lanes
      case .matrix:
        UInt64(max(count, 0)).multipliedReportingOverflow(by: UInt64(max(row.length, 0)))
          .partialValue
      case .lane: UInt64(max(count, 0))
      }
    if row.length < 0 || count < 0 || !isUncalled && wanted != row.elements {
      return "has \(row.elements) elements in the shape \(row.shape)"
    }
    let places = row.lanes.multipliedReportingOverflow(by: UInt64(row.length))
    if !isUncalled, row.operation != .attention,
      places.overflow || places.partialValue != UInt64(count)
    {
      return "has \(row.lanes) lanes of length \(row.length) in the shape \(row.shape)"
    }
    if row.finitePairs > row.elements || row.normalPairs > row.finitePairs
      || row.mismatches > row.elements || row.mismatchesInDomain > row.mismatches
      || row.mismatchedLanes > row.lanes || row.agreedSpecial > row.elements
    {
      return "counts more of a part than of the whole"
    }
    if let kinds = row.mismatchKinds {
      // Not their sum: counts of a file can be any numbers.
      var others: UInt64? = row.mismatches
      for count in [
        kinds.nan, kinds.infinite, kinds.negative, kinds.masked, kinds.special, kinds.unwritten,
      ] {
        others = others.flatMap { $0 >= count ? $0 - count : nil }
      }
      guard others == 0 else { return "counts other mismatches by kind than in all" }
    }
    if let zeros = row.zeros, zeros > row.finitePairs {
      return "counts more zeros than outputs"
    }
    if let bound = row.bound, let notJudged = bound.notJudged, notJudged > bound.outsideDomain {
      return "has more in bound.notJudged than in bound.outsideDomain"
    }
    if let bound = row.bound, bound.worst != nil, bound.maxRatio == nil {
      return "has a witness of the bound and no bound.maxRatio"
    }
    if let bound = row.bound, let regimes = bound.regimes {
      let parts = [regimes.normal, regimes.subnormal]
      let largest = parts.compactMap { $0.maxRatio?.value }.max()
      if largest != bound.maxRatio?.value {
        return "has another bound.maxRatio than the larger one of bound.regimes"
      }
      if parts.contains(where: { $0.worst != nil && $0.maxRatio == nil }) {
        return "has a witness in bound.regimes and no ratio"
      }
    }
    for descriptor in FigureDescriptor.all {
      guard let value = row.figures[descriptor]?.value else { continue }
      switch descriptor.range {
      case .magnitude where !(value >= 0): return "has a \(descriptor.key) that is no magnitude"
      case .share where !(0...1 ~= value): return "has a \(descriptor.key) that is no share"
      default: break
      }
    }
    let ratios = [
      ("bound.maxRatio", row.bound?.maxRatio),
      ("bound.regimes.normal.maxRatio", row.bound?.regimes?.normal.maxRatio),
      ("bound.regimes.subnormal.maxRatio", row.bound?.regimes?.subnormal.maxRatio),
    ]
    for (name, figure) in ratios where figure.map({ !($0.value >= 0) }) ?? false {
      return "has a \(name) that is no magnitude"
    }
    if (row.normalPairs > 0) != (row.maxUlp != nil) {
      return "has \(row.normalPairs) normal outputs and \(row.maxUlp == nil ? "no" : "a") maxUlp"
    }
    if let maximum = row.maxUlp?.value {
      // Means and percentiles are on a grid, a little apart from the exact maximum.
      let most = maximum * (1 + 0x1p-20) + 0x1p-38
      if let mean = row.meanUlp?.value, mean > most { return "has a meanUlp above its maxUlp" }
      if let bias = row.meanSignedUlp?.value, bias.magnitude > most {
        return "has a meanSignedUlp above its maxUlp"
      }
      if let worst = row.worst?.ulp.value, worst.magnitude != maximum {
        return "has a maxUlp of \(maximum) and a worst witness of \(worst)"
      }
    }
    if let largest = row.maxSteps?.value {
      if let worst = row.worst?.ulp.value, worst.magnitude != largest {
        return "has a maxSteps of \(largest) and a worst witness of \(worst)"
      }
      if let mean = row.meanSteps?.value, mean > largest * (1 + 0x1p-20) {
        return "has a meanSteps above its maxSteps"
      }
    }
    if let worst = row.worstScaled, worst.scaled != row.maxScaled {
      return "has another maxScaled than its witness"
    }
    if let maximum = row.maxScaled?.value {
      if let normal = row.maxScaledOfNormal?.value, normal > maximum {
        return "has a maxScaledOfNormal above its maxScaled"
      }
      if let mean = row.meanScaled?.value, mean > maximum * (1 + 0x1p-20) + 0x1p-37 {
        return "has a meanScaled above its maxScaled"
      }
    }
    if let share = row.correctlyRounded?.value, let faithful = row.faithful?.value,
      share > faithful
    {
      return "has more correctly rounded outputs than faithful ones"
    }
    if let low = row.p50Ulp?.value, let middle = row.p95Ulp?.value, let high = row.p99Ulp?.value,
      !(low <= middle && middle <= high)
    {
      return "has percentiles out of order"
    }
    return nil
  }
}
