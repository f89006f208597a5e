import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// Changing one lane of a tensor changes no other.
  ///
  /// Catches indices that run into a neighbour, and maxima or sums that are shared by lanes.
  package static let laneIndependence = Law(
    "lane-independence", "Changing one lane of a tensor changes no bit of any other.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.axes, .memoryLayout, .nondeterminism],
    budget: Budget(random: 150, edges: 10), form: .tensor([0...Int.max, 0...3]),
    cases: { format in
      let tensors = TensorCases.tensors(format)
      return Generator { source in
        var input = try tensors.generate(from: &source)
        let lanes = input.laneCount
        input.arguments = [
          lanes > 0 ? try source.integer(in: 0...lanes - 1) : 0, try source.integer(in: 0...3),
        ]
        return input
      }
    }
  ) { input, trial, notes in
    guard input.laneCount > 1, input.geometry.length > 0, input.arguments[0] < input.laneCount
    else {
      return .inapplicable("there is no other lane")
    }
    let before = try trial.outputs(of: input)
    let (changed, kind) = (input.arguments[0], input.arguments[1])
    let geometry = input.geometry
    var logits = input.logits
    for index in 0..<geometry.length {
      let place = geometry.start(ofLane: changed) + index * geometry.inner
      // Larger than all, smaller than all, reversed, or turned round: each hits another shortcut.
      switch kind {
      case 0: logits[place] = 10
      case 1: logits[place] = -10 - Double(index % 3)
      case 2:
        logits[place] =
          input.logits[
            geometry.start(ofLane: changed) + (geometry.length - 1 - index) * geometry.inner]
      default: logits[place] = index == 0 ? 11 : -logits[place]
      }
    }
    let after = try trial.outputs(of: input.replacing(logits: logits))
    for lane in 0..<geometry.laneCount where lane != changed {
      let outcome = trial.comparison(
        trial.lane(lane, of: before, input), trial.lane(lane, of: after, input), allowed: nil,
        change: "in lane \(lane) after a change of lane \(changed) alone", changedOutputs: after,
        &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }
}
