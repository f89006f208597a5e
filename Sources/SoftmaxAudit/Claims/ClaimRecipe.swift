import RealModule

/// A formula that is not the softmax along the axis, and is taken for it.
struct ClaimRecipe: Sendable {
  /// What the numbers are, after "these are": "the softmax along axis 0".
  let statement: String
  /// The values for each logit.
  let values: [Double]
  /// The largest unit of the last digit at which decimals tell it from rounding.
  var largestUnit = Double.infinity

  /// The wrong recipes that apply to a tensor, likely ones first.
  ///
  /// They are evaluated in binary64, which tells them apart at the digits that people print.
  static func all(for logits: [Double], in geometry: LaneGeometry) -> [ClaimRecipe] {
    var recipes: [ClaimRecipe] = []
    let lanes = (0..<geometry.laneCount).map { geometry.places(ofLane: $0) }
    for axis in geometry.shape.indices where axis != geometry.axis {
      guard let other = try? LaneGeometry(shape: geometry.shape, axis: axis) else { continue }
      recipes.append(
        ClaimRecipe(
          statement: "the softmax along axis \(axis)",
          values: softmax(logits, over: (0..<other.laneCount).map { other.places(ofLane: $0) })))
    }
    if lanes.count > 1 {
      recipes.append(
        ClaimRecipe(
          statement:
            "exponentials divided by the sum over the whole tensor (the global-sum result)",
          values: softmax(logits, over: [Array(logits.indices)])))
    }
    recipes.append(
      ClaimRecipe(
        statement: "powers of 2 in place of e, divided by their sum",
        values: softmax(logits.map { $0 * Double.log(2) }, over: lanes)))
    recipes.append(
      ClaimRecipe(
        statement: "the softmax of the negated logits",
        values: softmax(logits.map { -$0 }, over: lanes)))
    recipes.append(
      ClaimRecipe(
        statement: "sigmoids of the single logits", values: logits.map { 1 / (1 + .exp(-$0)) }))
    recipes.append(
      ClaimRecipe(
        statement: "logits divided by their sum, without an exponential",
        values: quotients(of: logits, over: lanes)))
    recipes.append(
      ClaimRecipe(
        statement: "logarithms of the softmax",
        values: softmax(logits, over: lanes).map { Double.log($0) }))
    recipes.append(
      ClaimRecipe(
        statement: "the softmax in percent, 100 times what it is",
        values: softmax(logits, over: lanes).map { 100 * $0 }))
    return recipes
  }

  /// The softmax in steps that outputs of 8 bits have.
  static func stepped(for logits: [Double], in geometry: LaneGeometry) -> [ClaimRecipe] {
    let probabilities = softmax(logits, times: 1, in: geometry)
    var recipes: [ClaimRecipe] = []
    for steps in [256.0, 255, 128, 127] {
      for (mode, rounded) in [
        ("rounded to", { (value: Double) in value.rounded() }),
        ("cut to", { (value: Double) in value.rounded(.down) }),
      ] {
        recipes.append(
          ClaimRecipe(
            statement: "the softmax \(mode) steps of 1/\(Int(steps)), as outputs of 8 bits are",
            values: probabilities.map { rounded($0 * steps) / steps },
            largestUnit: 0.25 / steps))
      }
    }
    return recipes
  }

  /// The softmax of the logits times a factor, a temperature.
  static func softmax(
    _ logits: [Double], times factor: Double, in geometry: LaneGeometry
  ) -> [Double] {
    softmax(
      logits.map { $0 * factor },
      over: (0..<geometry.laneCount).map { geometry.places(ofLane: $0) })
  }

  private static func softmax(_ logits: [Double], over groups: [[Int]]) -> [Double] {
    var shifted = logits
    for group in groups {
      let maximum = group.map { logits[$0] }.max() ?? 0
      for place in group { shifted[place] = Double.exp(logits[place] - maximum) }
    }
    return quotients(of: shifted, over: groups)
  }

  private static func quotients(of values: [Double], over groups: [[Int]]) -> [Double] {
    var result = values
    for group in groups {
      let sum = group.reduce(0) { $0 + values[$1] }
      for place in group { result[place] = values[place] / sum }
    }
    return result
  }
}
