import FloatFormats
import Laws

extension FaultySoftmax {
  /// Another function than the softmax is computed.
  static let wrongFunctionFaults = [
    FaultySoftmax(
      "log-softmax", "returns the logarithms of the probabilities", .wrongFunction, LogSoftmax()),
    FaultySoftmax("sigmoid", "applies the sigmoid to each logit", .wrongFunction, Sigmoid()),
    FaultySoftmax("softmin", "computes the softmax of -x", .wrongFunction, Softmin()),
    FaultySoftmax(
      "one-hot-arg-max", "gives 1 for the first maximum and 0 elsewhere", .wrongFunction,
      OneHotArgMax()),
    FaultySoftmax("base-two", "uses 2^x in place of e^x", .wrongFunction, BaseTwo()),
    FaultySoftmax(
      "softmax-of-magnitudes", "takes the magnitude of each logit", .wrongFunction, Magnitudes()),
    FaultySoftmax(
      "softmax-plus-one", "adds 1 to the sum, as attention with a sink does", .wrongFunction,
      SoftmaxPlusOne()),
  ]
}

private struct LogSoftmax: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = largest(of: lane, 0..<lane.count)
    var sum = C.zero
    for logit in lane { sum = sum + C.exp(logit - maximum) }
    let logSum = C.log(sum)
    for index in lane.indices { lane[index] = lane[index] - maximum - logSum }
  }
}

private struct Sigmoid: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices { lane[index] = C.one / (C.one + C.exp(-lane[index])) }
  }
}

private struct Softmin: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices { lane[index] = -lane[index] }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct OneHotArgMax: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = largest(of: lane, 0..<lane.count)
    let place = lane.firstIndex { $0 == maximum }
    for index in lane.indices { lane[index] = index == place ? C.one : C.zero }
  }
}

private struct BaseTwo: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { C.exp2(logit - maximum) }
}

private struct Magnitudes: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices where lane[index].isFinite && lane[index].isNegative {
      lane[index] = -lane[index]
    }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct SoftmaxPlusOne: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    // e^x / (1 + sum e^x), with a maximum that knows of the extra logit 0.
    var maximum = largest(of: lane, 0..<lane.count)
    if maximum < C.zero { maximum = C.zero }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) }
    let sum = total(of: lane, 0..<lane.count) + C.exp(-maximum)
    for index in lane.indices { lane[index] = lane[index] / sum }
  }
}
