import AuditedOperations
import FloatFormats
import PropertyTesting

/// The tensors that laws about axes and batches are checked on.
enum TensorCases {
  /// Tensors of rank 1 to 5 with an axis, of at most some thousand logits between -8 and 8.
  ///
  /// Shrinks to low rank, small dimensions and the first axis. The logits follow from the shape
  /// where no seed is drawn: all lanes differ, and no lane is a permutation of another by accident
  /// of a symmetric pattern.
  static func tensors(_ format: FloatFormat, least: Int = 1) -> Generator<LawCase> {
    Generator { source in
      let rank = try source.integer(in: 1...5)
      var shape: [Int] = []
      var room = 4096
      for _ in 0..<rank {
        let most = min(room, rank < 3 ? 200 : rank == 3 ? 24 : 7)
        let dimension = try LaneCases.lengths(least...max(least, most)).generate(from: &source)
        shape.append(dimension)
        room = max(1, room / max(1, dimension))
      }
      let axis = try source.integer(in: 0...rank - 1)
      guard let geometry = try? LaneGeometry(shape: shape, axis: axis) else {
        throw Abandonment.discarded(reason: "no such shape")
      }
      let isRandom = try source.boolean()
      var logits: [Double] = []
      if isRandom {
        let seed = try source.bits(width: 24)
        var random = CounterGenerator(seed: seed, stream: "tensor")
        logits = (0..<geometry.elementCount).map { _ in
          format.rounded(max(-8, min(8, 2 * random.normal())))
        }
      } else {
        logits = (0..<geometry.elementCount).map { place -> Double in
          let residue = (place * place + 3 * place) % 29
          return Double(residue) / 4 - 3
        }
      }
      return LawCase(geometry: geometry, logits: logits)
    }
  }

  /// Shapes beyond what 16 bits count, with the axis.
  static let largeShapes: [(shape: [Int], axis: Int)] = [
    ([33_000, 2], 1), ([2, 33_000], 0), ([66_000], 0), ([3, 23_000], 1), ([257, 257], 1),
    ([257, 257], 0), ([3, 11, 2003], 1), ([40_001, 2], 1),
  ]

  /// Tensors of those shapes; lanes are of few kinds, so that their exact values are made once.
  static func largeTensors(_ format: FloatFormat) -> Generator<LawCase> {
    let kind = ChoiceKind.integer(0...Int64(largeShapes.count - 1), simplest: 0)
    let edges = largeShapes.indices.map { ChoiceValue.integer(Int64($0)) }
    return Generator { source in
      let value = try source.choose(kind, edges: edges) { random in
        .integer(Int64(random.integer(0...largeShapes.count - 1)))
      }
      guard case .integer(let number) = value,
        let geometry = try? LaneGeometry(
          shape: largeShapes[Int(number)].shape, axis: largeShapes[Int(number)].axis)
      else { throw Abandonment.discarded(reason: "no such shape") }
      return LawCase(ofSevenKinds: geometry, phase: try source.integer(in: 0...6))
    }
  }
}

extension LawCase {
  /// A tensor whose lanes are of seven kinds, in step with no power of two.
  ///
  /// - Parameter phase: The kind of the first lane.
  init(ofSevenKinds geometry: LaneGeometry, phase: Int) {
    var logits = [Double](repeating: 0, count: geometry.elementCount)
    for lane in 0..<geometry.laneCount {
      let start = geometry.start(ofLane: lane)
      for index in 0..<geometry.length {
        logits[start + index * geometry.inner] =
          Double((index * 3 + (lane + phase) % 7 * (index % 5 + 1)) % 17) / 4
      }
    }
    self.init(geometry: geometry, logits: logits)
  }
}
