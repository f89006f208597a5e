import AuditedOperations
import FloatFormats
import LogitFamilies

extension AuditPlan.Source {
  /// The name of the lanes in results.
  package var name: String {
    switch self {
    case .family(let family, _, _): family.name
    case .tensor(let name, _): name
    }
  }

  /// All lanes in a format; those of a family lie one after the other.
  ///
  /// - Parameter seed: That of the plan.
  package func tensor<F: BinaryFloat>(
    seed: UInt64, as format: F.Type = F.self
  ) throws -> Tensor<F> {
    try tensor(0..<laneCount, seed: seed)
  }

  /// Some lanes of a family, one after the other; of a tensor of the user's own all.
  func tensor<F: BinaryFloat>(
    _ lanes: Range<Int>, seed: UInt64, as format: F.Type = F.self
  ) throws -> Tensor<F> {
    switch self {
    case .family(let family, let length, _):
      let geometry = try LaneGeometry(shape: [lanes.count, length], axis: 1)
      var elements: [F] = []
      elements.reserveCapacity(geometry.elementCount)
      for sample in lanes {
        elements += family.lane(seed: seed, length: length, sample: sample, as: format)
      }
      return Tensor(geometry: geometry, elements: elements)
    case .tensor(_, let tensor): return tensor.rounded(to: format)
    }
  }

  /// The number of lanes.
  var laneCount: Int {
    switch self {
    case .family(_, _, let samples): samples
    case .tensor(_, let tensor): tensor.geometry.laneCount
    }
  }

  /// One of the lanes, by its number.
  func lane<F: BinaryFloat>(_ number: Int, seed: UInt64, as format: F.Type = F.self) -> [F] {
    switch self {
    case .family(let family, let length, _):
      family.lane(seed: seed, length: length, sample: number)
    case .tensor(_, let tensor): tensor.rounded(to: format).lane(number)
    }
  }
}
