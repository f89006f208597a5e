import AuditedOperations
import FloatFormats
import SoftmaxVariants

/// The profiles of the lanes of a tensor, each made when a bound first asks for it, and kept for
/// other implementations.
///
/// Belongs to one thread at a time.
package final class LaneProfiles<F: BinaryFloat> {
  private let tensor: Tensor<F>
  private var known: [LaneProfile??]

  package init(_ tensor: Tensor<F>) {
    self.tensor = tensor
    known = Array(repeating: nil, count: tensor.geometry.laneCount)
  }

  /// The profile of a lane; `nil` where it is special or empty.
  package subscript(lane: Int) -> LaneProfile? {
    if let profile = known[lane] { return profile }
    let profile = LaneProfile(tensor.lane(lane))
    known[lane] = .some(profile)
    return profile
  }
}
