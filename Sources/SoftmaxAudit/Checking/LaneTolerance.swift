/// How far each output of one lane may be from the exact value.
struct LaneTolerance: Sendable {
  /// The bound on |y - p|, one per logit.
  var bounds: [Double]
  /// Where a zero is accepted whatever the bound, because results that small may be flushed; empty where none is.
  var mayVanish: [Bool]

  /// The bound for an output, given what it is.
  func bound(at index: Int, output: Double) -> Double {
    !mayVanish.isEmpty && output == 0 && mayVanish[index] ? .infinity : bounds[index]
  }
}
