import AuditedOperations
import RealModule

/// A formula that is not the softmax along the axis, and is taken for it.
struct WrongRecipe: Sendable {
  /// The description of the numbers, after "these are": "the softmax along axis 0".
  let statement: String
  /// The values for each logit.
  let values: [Double]
  /// The largest unit of the last digit at which decimals tell it from rounding.
  var largestUnit = Double.infinity

  /// The wrong recipes that apply to a tensor, likely ones first.
  ///
  /// They are evaluated in binary64, which tells them apart at the digits that people print.
  static func all(for logits: [Double], in geometry: LaneGeometry) -> [WrongRecipe] {
    along(otherAxesOf: logits, in: geometry)
      + lanewise(logits, lanes: (0..<geometry.laneCount).map { geometry.places(ofLane: $0) })
  }

  /// The softmaxes along other axes, and over the whole tensor.
  static func along(
    otherAxesOf logits: [Double], in geometry: LaneGeometry
  ) -> [WrongRecipe] {
    var recipes: [WrongRecipe] = []
    for axis in geometry.shape.indices where axis != geometry.axis {
      guard let other = try? LaneGeometry(shape: geometry.shape, axis: axis) else { continue }
      recipes.append(
        WrongRecipe(
          statement: statement(ofAxis: axis),
          values: softmax(logits, over: (0..<other.laneCount).map { other.places(ofLane: $0) })))
    }
    if geometry.laneCount > 1 {
      recipes.append(
        WrongRecipe(
          statement: statementOfWholeTensor,
          values: softmax(logits, over: [Array(logits.indices)])))
    }
    return recipes
  }

  static func statement(ofAxis axis: Int) -> String { "the softmax along axis \(axis)" }
  static let statementOfWholeTensor =
    "exponentials divided by the sum over the whole tensor (the global-sum result)"

  /// The recipes that look at one lane at a time.
  ///
  /// - Parameter lanes: The places of each lane.
  static func lanewise(_ logits: [Double], lanes: [[Int]]) -> [WrongRecipe] {
    var recipes: [WrongRecipe] = []
    recipes.append(
      WrongRecipe(
        statement: "powers of 2 in place of e, divided by their sum",
        values: softmax(logits.map { $0 * Double.log(2) }, over: lanes)))
    recipes.append(
      WrongRecipe(
        statement: "the softmax of the negated logits",
        values: softmax(logits.map { -$0 }, over: lanes)))
    recipes.append(
      WrongRecipe(
        statement: "sigmoids of the single logits", values: logits.map { 1 / (1 + .exp(-$0)) }))
    recipes.append(
      WrongRecipe(
        statement: "logits divided by their sum, without an exponential",
        values: quotients(of: logits, over: lanes)))
    let softmax = softmax(logits, over: lanes)
    recipes.append(
      WrongRecipe(
        statement: "the logarithms of the softmax: exp of them sums to 1",
        values: softmax.map { Double.log($0) }))
    recipes.append(
      WrongRecipe(
        statement: "the softmax in percent", values: softmax.map { 100 * $0 }))
    recipes.append(
      WrongRecipe(statement: "1 less the softmax", values: softmax.map { 1 - $0 }))
    var (shifted, oneMore, oneHot) = (logits, logits, logits)
    for lane in lanes {
      let maximum = lane.map { logits[$0] }.max() ?? 0
      // Of the lane with one more logit, of 0.
      let top = max(maximum, 0)
      let sum = lane.reduce(Double.exp(-top)) { $0 + .exp(logits[$1] - top) }
      for place in lane {
        shifted[place] = Double.exp(logits[place] - maximum)
        oneMore[place] = Double.exp(logits[place] - top) / sum
        oneHot[place] = logits[place] == maximum ? 1 : 0
      }
    }
    recipes.append(
      WrongRecipe(
        statement: "exponentials of the logits less their maximum, not divided by their sum",
        values: shifted))
    recipes.append(
      WrongRecipe(
        statement: "exponentials of the logits, not divided by their sum",
        values: logits.map { Double.exp($0) }))
    recipes.append(
      WrongRecipe(
        statement: "the softmax of lanes with one more logit of 0 (1 is added to the sum)",
        values: oneMore))
    recipes.append(
      WrongRecipe(statement: "1 at the largest logit and 0 at the others", values: oneHot))
    recipes.append(WrongRecipe(statement: "the logits themselves", values: logits))
    return recipes
  }

  /// The softmax in steps that outputs of 8 bits have.
  static func stepped(for logits: [Double], in geometry: LaneGeometry) -> [WrongRecipe] {
    let probabilities = softmax(logits, times: 1, in: geometry)
    var recipes: [WrongRecipe] = []
    for steps in [256.0, 255, 128, 127] {
      for (mode, rounded) in [
        ("rounded to", { (value: Double) in value.rounded() }),
        ("cut to", { (value: Double) in value.rounded(.down) }),
      ] {
        recipes.append(
          WrongRecipe(
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

  static func softmax(_ logits: [Double], over groups: [[Int]]) -> [Double] {
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
