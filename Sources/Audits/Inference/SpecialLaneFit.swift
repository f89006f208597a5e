import AuditedOperations
import ErrorMeasurement
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

  /// Looks at the outputs of a lane without a value.
  mutating func add<G: BinaryFloat>(_ outputs: [G], to reference: LaneReference) {
    guard let special = reference.special, !outputs.isEmpty else { return }
    lanes += 1
    fitting.removeAll { policy in
      SpecialAgreement(of: reference, by: policy).count(outputs, special) < outputs.count
    }
  }

  /// Keeps what both fit.
  mutating func merge(_ other: Self) {
    lanes += other.lanes
    fitting.removeAll { !other.fitting.contains($0) }
  }
}
