import FloatFormats
import PropertyTesting

/// The tensors that laws about axes and batches are checked on.
enum TensorCases {
  /// Tensors of rank 1 to 5 with an axis, of at most some thousand logits between -8 and 8.
  ///
  /// Shrinks to low rank, small dimensions and the first axis. The logits follow from the shape where no seed is drawn:
  /// all lanes differ, and no lane is a permutation of another by accident of a symmetric pattern.
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
}
