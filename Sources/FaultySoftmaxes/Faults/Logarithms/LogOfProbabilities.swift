import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Log-probabilities are taken from probabilities, which have vanished or were kept from it.
  static let logOfProbabilityFaults = [
    // pytorch/pytorch#94043, NVIDIA-AI-IOT/torch2trt#865
    FaultySoftmax(
      "log-of-softmax", "takes the logarithm of the softmax, which underflows", .underflow,
      of: .logSoftmax, LogOfSoftmax()),
    // apple/coremltools#2728
    FaultySoftmax(
      "log-of-softmax-in-16-bits", "takes the logarithm of probabilities that it keeps in 16 bits",
      .lowPrecision, of: .logSoftmax, formats: .wide, LogOfSoftmax(storage: .float16)),
    // GFNOrg/torchgfn#390
    FaultySoftmax(
      "log-of-softmax-plus-epsilon", "takes the logarithm of the probability plus 1e-8",
      .underflow, of: .logSoftmax, LogOfSoftmax(offset: 1e-8)),
    FaultySoftmax(
      "log-of-clipped-softmax", "clips probabilities to 1e-7 before it takes their logarithms",
      .underflow, of: .logSoftmax, LogOfSoftmax(least: 1e-7)),
    // tensorflow/tensorflow#2315, the other way round
    FaultySoftmax(
      "softmax-for-log-softmax", "returns the probabilities", .wrongFunction, of: .logSoftmax,
      LogOfSoftmax(takesLogarithm: false)),
  ]
}

private struct LogOfSoftmax: SoftmaxRecipe {
  /// The format that probabilities are kept in; nil for the one computed in.
  var storage: FloatFormat?
  /// Added to each of them.
  var offset = 0.0
  /// The least probability, to which smaller ones are raised.
  var least = 0.0
  var takesLogarithm = true

  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    for index in probabilities.indices {
      var value = probabilities[index]
      if let storage { value = rounded(value, to: storage) }
      value = value + C(rounding: offset)
      if value < C(rounding: least) { value = C(rounding: least) }
      probabilities[index] = takesLogarithm ? C.log(value) : value
    }
  }
}
