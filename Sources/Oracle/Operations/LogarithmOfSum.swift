import FloatFormats
import MultiPrecision

/// An enclosure of ln s, s = sum e^(x_j - m), at one working precision.
final class LogarithmOfSum {
  let enclosure: Enclosure

  init(_ logits: DistinctLogits, precision: Int, _ cache: EvaluationCache) {
    let tail = cache.tails.tail(of: logits, precision: precision)
    enclosure = ExponentialSums.logOfSum(
      tied: BigFloat(integer: logits.multiplicities[0]), tail: tail.enclosure, precision: precision)
  }
}
