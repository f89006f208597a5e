/// The permitted distance of each output of one lane from the exact value.
package struct LaneTolerance: Sendable {
  /// The bound on |y - p|, one per logit.
  package var bounds: [Double]
  /// The elements whose zero is accepted whatever the bound, because results that small may be
  /// flushed; empty where there are none.
  package var mayVanish: [Bool]

  /// The bound for an output, given what it is.
  package func bound(at index: Int, output: Double) -> Double {
    !mayVanish.isEmpty && output == 0 && mayVanish[index] ? .infinity : bounds[index]
  }
}
