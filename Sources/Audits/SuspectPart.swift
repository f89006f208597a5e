import AuditedOperations
import FloatFormats

/// Lanes of a cell some of whose outputs are wrong, kept to find out what they are instead.
struct SuspectPart<F: BinaryFloat, G: BinaryFloat> {
  /// The number of the first lane in the cell.
  let firstLane: Int
  let logits: Tensor<F>
  let outputs: Tensor<G>

  /// The wrong recipe that the outputs come from; `nil` where none is known.
  ///
  /// - Parameter worst: The lane of the cell that is farthest off.
  func recipe(worst: Int?) -> String? {
    let own = worst.map { $0 - firstLane }
    return TensorRecipe(geometry: logits.geometry, format: G.format) { axis, number in
      .init(
        logits: axis.places(ofLane: number).map { logits.elements[$0].exactDouble },
        outputs: axis.places(ofLane: number).map { outputs.elements[$0].exactDouble })
    }.statement(worst: own.flatMap { 0..<logits.geometry.laneCount ~= $0 ? $0 : nil })
  }
}
