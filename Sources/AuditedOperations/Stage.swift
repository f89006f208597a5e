/// A step of a softmax or of its logarithms that rounds: what an error can be blamed on.
package enum Stage: String, Sendable, Hashable, CaseIterable, Codable {
  /// x - m; x - log s where nothing is subtracted before.
  case subtraction
  /// (x - m) log2 e, constant and product.
  case scaling
  /// x - n ln 2.
  case reduction
  /// exp of each logit, shifted or not.
  case exponential
  /// The sum of the terms, rescaling included where terms are rescaled while they are added.
  case sum
  case logarithm
  /// m + log s.
  case offset = "adding the maximum"
  /// The argument of the last exponential, or the log-probability itself.
  case secondSubtraction = "second subtraction"
  case secondExponential = "second exponential"
  case reciprocal
  case division
  case product
  /// Multiplication with a power of two, which rounds where the result is subnormal.
  case powerOfTwo = "scaling of the result"
  case outputRounding = "output rounding"
}
