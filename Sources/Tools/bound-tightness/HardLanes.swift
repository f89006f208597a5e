import FloatFormats
import Foundation
import PropertyTesting

/// Short lanes on which errors come near to the bounds of logarithms, losses and gradients: few
/// roundings, each of which can be nearly as large as it may be.
struct HardLanes {
  let seed: UInt64

  /// The number of lanes of each kind.
  private static let count = 160

  /// The lanes of a format.
  func all<F: BinaryFloat>(of format: F.Type) -> [[F]] {
    var random = CounterGenerator(seed: seed, stream: "hard/\(F.format.rawValue)")
    let vanishing = Double(F.format.precision) * log(2)
    var lanes: [[Double]] = []
    for number in 0..<Self.count {
      let length = 1 + number % 5
      let scale = [0.5, 2, 8, 30][number % 4]
      let offset = [40.0, -25, 1000, 0.7][number / 4 % 4]
      func between(_ low: Double, _ high: Double) -> Double { random.uniform(low, high) }
      func lane(_ make: (Int) -> Double) { lanes.append((0..<length).map(make)) }
      lane { _ in between(-scale, scale) }
      // Differences and sums with the maximum round.
      lane { _ in offset + between(-scale, scale) }
      // Equal logits and one below them: a sum just above an integer.
      let below = between(0, vanishing)
      lane { $0 == length - 1 ? -below : 0 }
      // A dominant logit: terms about half an ulp of the sum.
      lane { $0 == 0 ? 0 : -vanishing + between(-1, 1) }
      // The logsumexp is nearly 0: m and ln s cancel.
      lane { _ in -log(Double(length)) + between(-1, 1) * 0x1p-6 }
      // Few bits, so that much of the arithmetic is exact and one rounding is left.
      lane { _ in (between(-2, 2) * 8).rounded() / 8 }
    }
    return lanes.map { $0.map { F(rounding: $0) } }
  }
}
