import FloatFormats

/// Lanes of a format whose logits lie at most 3000 apart, for comparison with ``ExactSoftmax``.
package enum TestLanes {
  /// Lanes with a plan: constant ones, boundaries of binades, results that are subnormal or vanish.
  package static func planned<F: BinaryFloat>(_ format: F.Type) -> [[F]] {
    let subnormal = -Double(-F.format.minimumExponent + 3) * 0.6931
    let vanishing = -Double(-F.format.quantumExponent + 5) * 0.6931
    let lanes: [[Double]] =
      [1, 2, 3, 4, 5, 7, 8, 11].map { Array(repeating: 0.75, count: $0) } + [
        [0, -1000], [0, 0, -1000], [0, 0, 0, -900], [0, 0, 0, 0, -300], [-40, 0], [-20, -20, 10],
        [0, subnormal], [0, subnormal, subnormal - 1], [0, vanishing],
        [3, 0, vanishing, subnormal],
        [0, -.infinity], [-.infinity, 1, 1], [-.infinity, 0.5, -1000, 0.5, 3],
        [1, F.one.nextUp.exactDouble], [0, F.leastSubnormal.exactDouble],
        [0, 0, 0, -F.leastSubnormal.exactDouble], [0, Double(F.format.minimumExponent) * 0.693148],
        [0, Double(F.format.quantumExponent) * 0.693147],
        [0, Double(F.format.precision) * -0.6932],
        [2500, 0], [0, -2395, -2405],
      ]
    return lanes.map { $0.map { F(rounding: $0) } }
  }

  /// Random lanes of up to 8 logits at scales from 1 to 750.
  package static func random<F: BinaryFloat>(
    _ format: F.Type, count: Int, _ random: inout SplitMix64
  )
    -> [[F]]
  {
    let scales: [Double] = [1, 8, 30, 100, 750]
    return (0..<count).map { _ in
      let scale = scales[Int.random(in: 0..<5, using: &random)]
      let shift = Double.random(in: -20...20, using: &random)
      return (0..<Int.random(in: 1...8, using: &random)).map { _ in
        if Int.random(in: 0..<12, using: &random) == 0 { return F(rounding: shift) }
        return F(rounding: shift + scale * Double.random(in: -1...1, using: &random))
      }
    }
  }

  /// Outputs around an exact probability, and far from it.
  package static func outputs<F: BinaryFloat>(
    around exact: ExactReal, _ format: F.Type, _ random: inout SplitMix64
  ) throws -> [F] {
    let below = try exact.floor(format)
    let near = [-300, -2, -1, 0, 1, 2, 3, 1000].map { below.moved(by: $0) }
    let half = F(rounding: below.exactDouble / 2)
    let scaled = [0.5, 0.499, 0.0009, 2, 3.7, 0x1p40].map { F(rounding: below.exactDouble * $0) }
    let far: [F] = [
      .zero, -F.zero, .leastSubnormal, .leastNormal, F.leastNormal.nextDown, half.nextDown, .one,
      F.one.nextUp, F.one.nextDown, F(rounding: 2), .greatestFinite,
      .randomNonnegative(&random), .randomNonnegative(&random),
    ]
    return near + (scaled + far).filter { $0.isFinite && !($0 < F.zero) }
  }
}
