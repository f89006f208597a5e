import AuditedOperations
import FloatFormats

/// Looks for the wrong recipe that the outputs of a tensor come from, by a few of its lanes.
struct TensorRecipe {
  typealias Lane = RecipeRecognition.Lane

  /// The number of lanes looked at.
  private static let lanes = 4
  /// The largest tensor that is looked at as a whole.
  private static let largest = 1 << 20

  let geometry: LaneGeometry
  /// The format of the outputs.
  let format: FloatFormat
  /// Reads a lane of the tensor along any axis.
  let lane: (LaneGeometry, Int) -> Lane

  /// The recipe, in words that continue "these are"; nil where none is known.
  ///
  /// - Parameter worst: The lane that is farthest off; nil where nobody knows.
  func statement(worst: Int?) -> String? {
    // With 8 bits of a number one recipe is like another.
    guard geometry.elementCount > 0, !format.isOfEightBits else { return nil }
    let recognition = RecipeRecognition(format: format)
    var numbers = Self.spread(geometry.laneCount)
    if let worst { numbers = [worst] + numbers.filter { $0 != worst } }
    let own = numbers.map { ($0, lane(geometry, $0)) }.filter { Self.hasSoftmax($0.1) }
    // What is no number fits whatever gives none either, and says nothing.
    let outputs = own.flatMap(\.1.outputs)
    guard 2 * outputs.count(where: \.isFinite) >= outputs.count else { return nil }
    if own.allSatisfy({ $0.1.outputs.allSatisfy { $0 == 0 } }), !own.isEmpty { return "all zeros" }
    for axis in geometry.shape.indices where axis != geometry.axis && geometry.shape[axis] > 1 {
      guard let other = try? LaneGeometry(shape: geometry.shape, axis: axis) else { continue }
      let lanes = Self.spread(other.laneCount).map { lane(other, $0) }.filter(Self.hasSoftmax)
      if !lanes.isEmpty, recognition.areSoftmaxes(lanes) {
        return WrongRecipe.statement(ofAxis: axis)
      }
    }
    // Lane by lane, these would be multiples of the softmax.
    if geometry.laneCount > 1, geometry.elementCount <= Self.largest,
      let whole = try? LaneGeometry(shape: [geometry.elementCount], axis: 0)
    {
      let tensor = (0..<geometry.laneCount).map { lane(geometry, $0) }
      let all = Lane(
        logits: tensor.flatMap(\.logits), outputs: tensor.flatMap(\.outputs))
      if whole.length == all.logits.count, Self.hasSoftmax(all), recognition.areSoftmaxes([all]) {
        return WrongRecipe.statementOfWholeTensor
      }
    }
    if let found = recognition.recipe(ofLanes: own.map(\.1)) { return found }
    // Perhaps one lane alone is wrong.
    if let (number, first) = own.first, own.count > 1,
      let found = recognition.recipe(ofLanes: [first])
    {
      return "\(found), in lane \(number)"
    }
    return widened(own.map(\.1))
  }

  /// The softmax in a narrower format, where all outputs are numbers of it.
  private func widened(_ lanes: [Lane]) -> String? {
    var candidates = CoarserGrid.Candidates(narrowerThan: format)
    for lane in lanes {
      for output in lane.outputs { candidates.add(output) }
    }
    guard let grid = candidates.narrowest, RecipeRecognition(format: grid).areSoftmaxes(lanes)
    else { return nil }
    let name = grid.rawValue
    return "numbers of \(name) alone: the softmax computed in \(name), and widened"
  }

  /// Some numbers below a count, the first and the last among them.
  private static func spread(_ count: Int) -> [Int] {
    guard count > lanes else { return Array(0..<count) }
    return (0..<lanes).map { $0 * (count - 1) / (lanes - 1) }
  }

  private static func hasSoftmax(_ lane: Lane) -> Bool {
    lane.logits.allSatisfy { $0 < .infinity } && lane.logits.contains { $0 > -.infinity }
  }
}
