import AuditedOperations
import FloatFormats
import RealModule

/// A variant on lanes with modifiers: z is computed step by step in the format that it computes
/// in, each step rounded, and the sink is one more logit of the variant, whose output is left out.
struct ModifiedLanes<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
  let variant: SoftmaxVariant
  let inputs: OperationInputs<F>

  func run<C: BinaryFloat>(_ computing: C.Type) throws -> Tensor<G> {
    let geometry = inputs.first.geometry
    let outputCount = variant.operation.outputCount(ofLength: geometry.length)
    let fill = variant.operation == .softmax ? G.zero : -G.infinity
    return inputs.outputs(of: variant.operation, filling: fill) { number in
      let modifiers = inputs.modifiers.lane(number, of: geometry)
      var lane: [C] = ModifiedLogitsInFormat(modifiers).numbers(
        of: inputs.first.lane(number).map { C(rounding: $0) })
      if let sink = modifiers.sink { lane.append(C(rounding: sink)) }
      guard !lane.isEmpty else { return nil }
      let length = lane.count
      lane.withUnsafeMutableBufferPointer { variant.evaluate(lanes: $0, ofLength: length) }
      return lane.prefix(outputCount).map { G(rounding: $0) }
    }
  }
}

/// The modified logits of a lane as a format computes them: c x, k tanh(z / k), z + mask, each step
/// rounded.
package struct ModifiedLogitsInFormat {
  private let modifiers: LaneModifiers

  package init(_ modifiers: LaneModifiers) { self.modifiers = modifiers }

  /// The numbers z, without the sink.
  package func numbers<C: BinaryFloat>(of logits: [C]) -> [C] {
    var numbers = logits
    if let scale = modifiers.scale {
      let factor = C(rounding: scale)
      numbers = numbers.map { factor * $0 }
    }
    if let softcap = modifiers.softcap {
      let cap = C(rounding: softcap)
      numbers = numbers.map { cap * ($0 / cap).hyperbolicTangent }
    }
    if let mask = modifiers.mask {
      numbers = numbers.indices.map { numbers[$0] + C(rounding: mask[$0]) }
    }
    return numbers
  }
}

extension BinaryFloat {
  /// tanh, good to 4 ulp: in binary64 by e^2x - 1, rounded to narrower formats.
  package var hyperbolicTangent: Self { Self(rounding: Double.tanhByExponential(exactDouble)) }
}

extension Double {
  /// (e^2x - 1) / (e^2x + 1), by expm1, whose quotient has three roundings.
  fileprivate static func tanhByExponential(_ x: Double) -> Double {
    guard abs(x) < 20 else { return x.isNaN ? x : x < 0 ? -1 : 1 }
    let grown = Double.expMinusOne(2 * abs(x))
    let value = grown / (grown + 2)
    return x < 0 ? -value : value
  }
}
