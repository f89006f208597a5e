import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle

extension AccuracyRow {
  /// The row that statistics amount to.
  package init(
    implementation: String, operation: AuditedOperation, inputFormat: FloatFormat,
    outputFormat: FloatFormat, family: String,
    geometry: LaneGeometry, statistics: AccuracyStatistics, bound: Bound?, nsPerElement: Double?,
    worst: Witness?, sample: ErrorSample? = nil, specialOutputs: [SpecialOutput]? = nil
  ) throws {
    func share(_ count: UInt64) -> Figure? {
      statistics.finitePairs > 0
        ? Figure(Double(count) / Double(statistics.finitePairs)) : nil
    }
    var absolute = statistics.positive
    absolute.merge(statistics.negative)
    let count = statistics.normalCount
    self.init(
      implementation: implementation, inputFormat: inputFormat,
      outputFormat: outputFormat, operation: operation.name,
      family: family, length: geometry.length, shape: geometry.shape, axis: geometry.axis)
    lanes = statistics.lanes
    elements = statistics.elements
    finitePairs = statistics.finitePairs
    normalPairs = count
    maxUlp = statistics.maxUlp.figure.map { Figure($0) }
    meanUlp = absolute.mean(over: count, timesPowerOfTwo: -40).map { Figure($0) }
    rmsUlp = statistics.squares.mean(over: count, timesPowerOfTwo: -80)
      .map { Figure($0.squareRoot()) }
    meanSignedUlp = statistics.positive
      .mean(minus: statistics.negative, over: count, timesPowerOfTwo: -40).map { Figure($0) }
    p50Ulp = statistics.histogram.percentile(0.50).map { Figure($0) }
    p95Ulp = statistics.histogram.percentile(0.95).map { Figure($0) }
    p99Ulp = statistics.histogram.percentile(0.99).map { Figure($0) }
    correctlyRounded = share(statistics.correctlyRounded)
    faithful = share(statistics.faithful)
    mismatches = statistics.mismatches
    mismatchedLanes = statistics.mismatchedLanes
    mismatchesInDomain = statistics.mismatchesInDomain
    mismatchKinds = statistics.mismatches > 0 ? statistics.mismatchKinds : nil
    agreedSpecial = statistics.agreedSpecial
    negativeZeros = statistics.negativeZeros
    zeros = statistics.zeros
    undecided = statistics.undecided
    maxUlpSubnormal = statistics.maxUlpSubnormal.figure.map { Figure($0) }
    maxUlpFlushToZero = statistics.maxUlpFlushToZero.figure.map { Figure($0) }
    maxNormUlp = statistics.maxNormUlp.figure.map { Figure($0) }
    maxSumError = statistics.maxSumError.figure.map { Figure($0) }
    self.bound = bound
    self.worst = worst
    oracleFallbacks = statistics.oracleFallbacks
    self.nsPerElement = nsPerElement.map { Figure($0) }
    self.sample = sample
    self.specialOutputs = specialOutputs
    elsewhere = statistics.elsewhere?.counts(in: outputFormat)
  }
}
