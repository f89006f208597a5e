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
    worst: Witness?, worstScaled: Witness? = nil, sample: ErrorSample? = nil,
    specialOutputs: [SpecialOutput]? = nil
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
      outputFormat: outputFormat, operation: operation,
      family: family, length: geometry.length, shape: geometry.shape, axis: geometry.axis)
    self.lanes = statistics.lanes
    self.elements = statistics.elements
    self.finitePairs = statistics.finitePairs
    self.normalPairs = count
    self.maxUlp = statistics.maxUlp.figure.map { Figure($0) }
    self.meanUlp = absolute.mean(over: count, timesPowerOfTwo: -40).map { Figure($0) }
    self.rmsUlp = statistics.squares.mean(over: count, timesPowerOfTwo: -80)
      .map { Figure($0.squareRoot()) }
    self.meanSignedUlp = statistics.positive
      .mean(minus: statistics.negative, over: count, timesPowerOfTwo: -40).map { Figure($0) }
    self.p50Ulp = statistics.histogram.percentile(0.50).map { Figure($0) }
    self.p95Ulp = statistics.histogram.percentile(0.95).map { Figure($0) }
    self.p99Ulp = statistics.histogram.percentile(0.99).map { Figure($0) }
    self.correctlyRounded = share(statistics.correctlyRounded)
    self.faithful = share(statistics.faithful)
    self.mismatches = statistics.mismatches
    self.mismatchedLanes = statistics.mismatchedLanes
    self.mismatchesInDomain = statistics.mismatchesInDomain
    self.mismatchKinds = statistics.mismatches > 0 ? statistics.mismatchKinds : nil
    self.agreedSpecial = statistics.agreedSpecial
    self.negativeZeros = statistics.negativeZeros
    self.zeros = statistics.zeros
    self.undecided = statistics.undecided
    self.maxUlpSubnormal = statistics.maxUlpSubnormal.figure.map { Figure($0) }
    self.maxUlpFlushToZero = statistics.maxUlpFlushToZero.figure.map { Figure($0) }
    self.maxNormUlp = statistics.maxNormUlp.figure.map { Figure($0) }
    self.maxSumError = statistics.maxSumError.figure.map { Figure($0) }
    statistics.measured.write(to: &self)
    self.bound = bound
    self.worst = worst
    self.worstScaled = worstScaled
    self.oracleFallbacks = statistics.oracleFallbacks
    self.nsPerElement = nsPerElement.map { Figure($0) }
    self.sample = sample
    self.specialOutputs = specialOutputs
    self.elsewhere = statistics.elsewhere?.counts(in: outputFormat)
  }
}
