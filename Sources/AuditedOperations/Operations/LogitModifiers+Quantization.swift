import Basics

extension LogitModifiers {
  /// Puts the scale of quantised logits before the other modifiers, so that logits are integers
  /// less the zero point.
  ///
  /// - Throws: `UserError` of kind `usage` where another scale is given and binary64 does not hold
  ///   their product.
  package mutating func multiply(by quantization: Quantization) throws(UserError) {
    guard let factor = scale else {
      scale = quantization.scale
      return
    }
    let product = factor * quantization.scale
    guard product.isFinite, factor == 0 || abs(product) >= 0x1p-960,
      (-product).addingProduct(factor, quantization.scale) == 0
    else {
      throw UserError(
        .usage,
        "--scale \(factor) times the scale \(quantization.scale) of the logits is no binary64 number; leave --scale out, and multiply the scale of the logits"
      )
    }
    scale = product
  }
}
