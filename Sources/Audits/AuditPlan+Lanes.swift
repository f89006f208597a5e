import AuditedOperations
import Basics
import FloatFormats
import LogitFamilies

extension AuditPlan.Source {
  /// The name of the lanes in results.
  package var name: String {
    switch self {
    case .family(let family, _, _): family.name
    case .tensor(let name, _): name
    case .attention(let family, _, _): family.name
    }
  }

  /// The family; `nil` for a tensor of the user's own.
  package var family: (any InputFamily)? {
    switch self {
    case .family(let family, _, _): family
    case .tensor: nil
    case .attention(let family, _, _): family
    }
  }

  /// The length and the number of the lanes of a family, of an attention its keys and rows; `nil`
  /// for a tensor of the user's own.
  package var size: (length: Int, samples: Int)? {
    switch self {
    case .family(_, let length, let samples): (length, samples)
    case .tensor: nil
    case .attention(_, let keys, let rows): (keys, rows)
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
    case .attention: throw Self.noLogits
    }
  }

  private static var noLogits: InternalError {
    InternalError("an attention was asked for lanes of logits")
  }

  /// The number of lanes.
  var laneCount: Int {
    switch self {
    case .family(_, _, let samples): samples
    case .tensor(_, let tensor): tensor.geometry.laneCount
    case .attention(_, _, let rows): rows
    }
  }

  /// One of the lanes, by its number.
  func lane<F: BinaryFloat>(
    _ number: Int, seed: UInt64, as format: F.Type = F.self
  ) throws -> [F] {
    switch self {
    case .family(let family, let length, _):
      family.lane(seed: seed, length: length, sample: number)
    case .tensor(_, let tensor): tensor.rounded(to: format).lane(number)
    case .attention: throw Self.noLogits
    }
  }
}

extension AuditPlan.Cell {
  /// Whether rows of a family and length come from the cell.
  func holds(family name: String, length: Int) -> Bool {
    source.name == name && source.size?.length ?? length == length
  }

  /// The sizes of an attention; `nil` for lanes along an axis.
  package func attentionShape() throws -> AttentionShape? {
    guard case .attention(let family, let keys, let rows) = source else { return nil }
    return try family.shape(keys: keys, rows: rows)
  }

  /// Makes sure that modifiers and parameters of losses fit the lanes.
  package func check(_ modifiers: GivenModifiers, _ loss: GivenLoss) throws {
    if let shape = try attentionShape() {
      try AttentionModifiers(modifiers, of: shape, in: format).check(shape)
    } else {
      let geometry = try geometry()
      _ = try modifiers.modifiers(of: geometry, in: format)
      try loss.check(ofLength: geometry.length, in: format)
    }
  }
}
