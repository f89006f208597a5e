import AuditedOperations
import FloatFormats
import Oracle

/// The special-lane policies that all special lanes seen so far keep.
struct SpecialLaneFit: Sendable {
  /// The policies that can be declared, the least first: a behaviour for each kind of lane.
  ///
  /// `nan-as-masked` is not among them: it says what the outputs of a lane are without its NaNs,
  /// which takes an oracle.
  private static let candidates: [SpecialLanePolicy] = [
    SpecialLanePolicy.nanSomewhere, .nanZero,
  ].flatMap { nan in
    [SpecialLanePolicy.nanSomewhere, .maskedZero, .maskedUniform].flatMap { masked in
      [nan.union(masked), nan.union(masked).union(.infinityOneHot)]
    }
  }

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
      case .nanSomewhere:
        !outputs.contains(where: \.isNaN)
          || !outputs.allSatisfy { $0.isNaN || $0 >= G.zero && $0 <= .one }
      case .nanEverywhere: !outputs.allSatisfy(\.isNaN)
      case .zeros: !outputs.allSatisfy(\.isZero)
      case .uniform:
        !outputs.allSatisfy {
          $0
            == SoftmaxOracle.reciprocal(of: UInt64(outputs.count), in: G.format)
            .correctlyRounded(G.self)
        }
      case .withoutNaNs: true
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
