import FloatFormats
import Laws

extension FaultySoftmax {
  /// A temperature or a clamp changes the logits though none was asked for.
  static let temperatureFaults = [
    FaultySoftmax(
      "temperature-guarded-by-epsilon", "divides by a temperature of 1 + 1e-5 to avoid a zero",
      .temperature, formats: .wide, Temperature(1 + 1e-5)),
    FaultySoftmax(
      "temperature-multiplied-twice", "scales by 0.9 before and by 1.1 after the shift",
      .temperature, Temperature(1 / 0.99)),
    FaultySoftmax(
      "logits-clamped-to-50", "clamps the logits to [-50, 50]", .temperature, LogitsClampedTo50()),
  ]
}

private struct Temperature: SoftmaxRecipe {
  let temperature: Double
  init(_ temperature: Double) { self.temperature = temperature }
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { C.exp((logit - maximum) / C(rounding: temperature)) }
}

private struct LogitsClampedTo50: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let limit = C(rounding: 50.0)
    for index in lane.indices where lane[index].isFinite {
      lane[index] = max(-limit, min(limit, lane[index]))
    }
    PlainRecipe().evaluate(lane, &call)
  }
}
