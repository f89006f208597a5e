import FloatFormats
import RealModule

/// For each output y of a 16-bit format an interval of differences in which y is within 0.45 ulp of
/// the exact value.
///
/// A lane of two logits has p = 1 / (1 + e^-d), which grows with d = x0 - x1. So one comparison
/// with both ends tells that an output is correctly rounded, without an exponential. The ends are
/// estimates that the proven evaluation then confirms; one that it does not confirm gets no
/// interval.
struct RoundingIntervals: Sendable {
  private let ends: [SIMD2<Double>]

  /// The distance that the ends aim at, and that the evaluation has to confirm.
  private static let aim = 0.4375
  static let radius = 0.45

  /// The intervals for the outputs from 0 to 1.
  init(_ format: FloatFormat, _ exponential: DifferenceExponential) throws {
    ends = try format.open(Work(exponential: exponential))
  }

  /// Whether an output at a difference is certainly within 0.45 ulp, hence correctly rounded and
  /// faithful.
  @inline(__always)
  func isClose(_ output: Int, at difference: Double) -> Bool {
    guard output < ends.count else { return false }
    let ends = ends.withUnsafeBufferPointer { $0[output] }
    return ends.x <= difference && difference <= ends.y
  }

  private struct Work: FormatGenericWork {
    let exponential: DifferenceExponential

    func run<G: BinaryFloat>(_ format: G.Type) throws -> [SIMD2<Double>] {
      (0...Int(G.one.bitPattern)).map { encoding in
        let y = G(bitPattern: G.BitPattern(encoding)).exactDouble
        // Of the two neighbouring spacings the smaller one: at a power of two p can lie in the
        // lower binade.
        let below = encoding == 0 ? 0 : y - G(bitPattern: G.BitPattern(encoding - 1)).exactDouble
        let unit = encoding == 0 ? G.leastSubnormal.exactDouble : below
        let low =
          encoding == 0 ? -Double.infinity : difference(y - RoundingIntervals.aim * unit)
        let high =
          encoding == Int(G.one.bitPattern)
          ? Double.infinity : difference(y + RoundingIntervals.aim * unit)
        let isConfirmed =
          (low == -.infinity || isWithin(low, of: y, unit))
          && (high == .infinity || isWithin(high, of: y, unit))
        return isConfirmed ? SIMD2(low, high) : SIMD2(.infinity, -.infinity)
      }
    }

    /// The d whose p is about a number.
    private func difference(_ p: Double) -> Double { Double.log(p) - Double.log(onePlus: -p) }

    /// Whether p at a difference is certainly near: the evaluation is good to 2^-48 of p and of 1 -
    /// p.
    private func isWithin(_ d: Double, of y: Double, _ unit: Double) -> Bool {
      let tail = exponential(abs(d))
      let distance = d < 0 ? tail / (1 + tail) - y : (1 - y) - tail / (1 + tail)
      return abs(d) < 190
        && abs(distance) + 0x1p-48 * min(y + unit, 1) <= RoundingIntervals.radius * unit
    }
  }
}
