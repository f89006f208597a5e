/// How far each output of one lane may be from the exact value.
package struct LaneTolerance: Sendable {
  /// The bound on |y - p|, one per logit.
  package var bounds: [Double]
  /// Where a zero is accepted whatever the bound, because results that small may be flushed; empty where none is.
  package var mayVanish: [Bool]

  /// The bound for an output, given what it is.
  package func bound(at index: Int, output: Double) -> Double {
    !mayVanish.isEmpty && output == 0 && mayVanish[index] ? .infinity : bounds[index]
  }
}
