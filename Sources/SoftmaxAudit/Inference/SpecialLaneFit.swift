import FloatFormats
import SoftmaxOracle

/// The special-lane policies that all special lanes seen so far keep.
struct SpecialLaneFit: Sendable {
  /// What can be declared, the least first: one behaviour for masked lanes, with or without one-hot infinities.
  private static let candidates: [SpecialLanePolicy] = [
    .nanSomewhere, .infinityOneHot, .maskedZero, [.maskedZero, .infinityOneHot], .maskedUniform,
    [.maskedUniform, .infinityOneHot],
  ]

  private(set) var lanes = 0
  private var fitting = candidates

  /// The least policy that all lanes keep; nil where no lane was special, or none fits.
  var policy: SpecialLanePolicy? { lanes > 0 ? fitting.first : nil }
  /// Whether special lanes were seen that no policy describes.
  var fitsNone: Bool { lanes > 0 && fitting.isEmpty }

  /// Looks at the outputs of a lane without a softmax.
  mutating func add<F: BinaryFloat, G: BinaryFloat>(_ outputs: [G], to logits: [F]) {
    guard !logits.isEmpty else { return }
    let infinities = logits.count { $0 == F.infinity }
    let kind: SpecialLane =
      logits.contains(where: \.isNaN)
      ? .holdsNaN : infinities > 0 ? .holdsInfinity : .fullyMasked
    lanes += 1
    fitting.removeAll { policy in
      switch policy.expectation(for: kind, infinityCount: infinities) {
      case .nanSomewhere: !outputs.contains(where: \.isNaN)
      case .nanEverywhere: !outputs.allSatisfy(\.isNaN)
      case .zeros: !outputs.allSatisfy(\.isZero)
      case .uniform:
        !outputs.allSatisfy {
          $0
            == SoftmaxOracle.reciprocal(of: UInt64(outputs.count), in: G.format)
            .correctlyRounded(G.self)
        }
      case .oneHot:
        !zip(logits, outputs).allSatisfy { $1 == ($0 == F.infinity ? .one : .zero) }
      }
    }
  }

  /// Keeps what both fit.
  mutating func merge(_ other: Self) {
    lanes += other.lanes
    fitting.removeAll { !other.fitting.contains($0) }
  }
}
