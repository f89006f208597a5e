import AuditRecords
import CLaneKernels
import FloatFormats
import Oracle

/// The counts of kernels over the lanes of a row together.
struct KernelCounts {
  var histogram = ErrorHistogram()
  /// Correct roundings and faithful ones that the histogram does not tell; see lane_tally.
  var correctlyRoundedBesides: Int64 = 0
  var faithfulBesides: Int64 = 0
}

extension KernelCounts {
  /// Lets the kernel count outputs.
  ///
  /// - Parameters:
  ///   - maxima: Those of all blocks of the row.
  ///   - firstBlock: The place of the first block of these outputs.
  ///   - open: Takes the places of open elements.
  mutating func take(
    _ comparison: LaneComparison, _ values: EncodedLane, _ level: Int32,
    _ maxima: inout [lane_maxima], from firstBlock: Int, _ open: inout [UInt32]
  ) -> lane_tally {
    maxima.withUnsafeMutableBufferPointer { maxima in
      open.withUnsafeMutableBufferPointer { open in
        histogram.addLane(count: values.count) { known, lowest, highest in
          var output = lane_output(
            bins: known, lowest_bins: lowest, highest_bins: highest,
            maxima: maxima.baseAddress! + firstBlock, open: open.baseAddress)
          var tally = lane_measure(
            level, comparison.reference, values.format.kernelCode, comparison.outputs,
            values.count, &output)
          if comparison.areNegated { tally.negateSignedErrors() }
          return (tally, tally.normal)
        }
      }
    }
  }
}

extension AccuracyStatistics {
  /// Adds what kernels have counted.
  mutating func add(_ counts: KernelCounts) {
    let rounded = Int64(counts.histogram.knownCount(belowPowerOfTwo: -1))
    correctlyRounded += UInt64(rounded + counts.correctlyRoundedBesides)
    let faithful = Int64(counts.histogram.knownCount(belowPowerOfTwo: 0))
    self.faithful += UInt64(faithful + counts.faithfulBesides)
    histogram.merge(counts.histogram)
  }
}

extension lane_tally {
  /// Gives the sum of errors the other sign.
  fileprivate mutating func negateSignedErrors() {
    let sum = 0 &- (UInt128(signed_high) << 64 | UInt128(signed_low))
    (signed_high, signed_low) = (
      UInt64(truncatingIfNeeded: sum >> 64), UInt64(truncatingIfNeeded: sum)
    )
  }
}
