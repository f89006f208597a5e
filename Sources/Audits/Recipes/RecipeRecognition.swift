import FloatFormats
import RealModule

/// Says which wrong recipe outputs come from.
///
/// Outputs fit a recipe where they are near its values at every place that is looked at, in every
/// lane that is looked at, and are much nearer to them than to the softmax.
struct RecipeRecognition {
  /// The logits of some lanes, and the outputs for them, as binary64 numbers.
  struct Lane {
    var logits: [Double]
    var outputs: [Double]
  }

  /// The format of the outputs.
  let format: FloatFormat

  /// The permitted distance of an output from the value of a recipe, relative to it: more than any
  /// arithmetic errs, less than recipes differ.
  private var slack: Double { max(32 * format.unitRoundoff, 0x1p-13) }

  /// The distance of an output from the value of a recipe, relative to it; infinity where it can be
  /// none.
  private func distance(_ output: Double, _ value: Double) -> Double {
    if value.isNaN || output.isNaN { return value.isNaN && output.isNaN ? 0 : .infinity }
    if value.magnitude > format.greatestFinite {
      return output == (value < 0 ? -.infinity : .infinity) ? 0 : .infinity
    }
    if value.magnitude < format.leastNormal {
      return output.magnitude < 2 * format.leastNormal ? 0 : .infinity
    }
    return abs(output - value) / value.magnitude
  }

  /// The largest distance of outputs from values.
  private func distance(_ outputs: [Double], _ values: [Double]) -> Double {
    zip(outputs, values).reduce(0) { max($0, distance($1.0, $1.1)) }
  }

  private func fits(_ outputs: [Double], _ values: [Double]) -> Bool {
    zip(outputs, values).allSatisfy { distance($0, $1) <= slack }
  }

  /// The recipe of whole lanes, in words that continue "these are"; nil where none is known.
  ///
  /// - Parameter lanes: Lanes that have a softmax.
  func recipe(ofLanes lanes: [Lane]) -> String? {
    // A lane of one logit, or of equal ones, tells nothing apart.
    let telling = lanes.filter { lane in
      lane.logits.contains { $0 != lane.logits[0] && $0 > -.infinity }
    }
    let outputs = lanes.flatMap(\.outputs)
    guard !outputs.isEmpty else { return nil }
    if outputs.allSatisfy({ $0 == 0 }) { return "all zeros" }
    guard !telling.isEmpty else { return nil }
    let (logits, spans) = Self.joined(telling)
    let seen = telling.flatMap(\.outputs)
    // Sloppy arithmetic is off by a part of the slack too: a recipe has to explain much more.
    let limit = min(slack, distance(seen, WrongRecipe.softmax(logits, over: spans)) / 4)
    guard limit >= slack / 16, limit > 2 * format.unitRoundoff else { return nil }
    if let first = seen.first, first.isFinite, seen.allSatisfy({ $0 == first }) {
      return "the same number everywhere"
    }
    let distances = WrongRecipe.lanewise(logits, lanes: spans).map {
      (statement: $0.statement, distance: distance(seen, $0.values))
    }
    if let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= limit {
      return nearest.statement
    }
    if let factor = temperature(telling),
      distance(seen, WrongRecipe.softmax(logits.map { $0 * factor }, over: spans)) <= limit
    {
      return "the softmax of the logits \(Self.words(forFactor: factor)) (a temperature)"
    }
    if distance(seen, overflowing(logits, spans)) <= limit {
      return
        "exponentials from which no maximum was subtracted: they overflow beyond \(Self.short(Double.log(overflow)))"
    }
    if isReordered(telling, limit) { return "the softmax in another order" }
    return multiple(telling, limit)
  }

  private static func joined(_ lanes: [Lane]) -> (logits: [Double], spans: [[Int]]) {
    var logits: [Double] = []
    let spans = lanes.map { lane -> [Int] in
      let start = logits.count
      logits += lane.logits
      return Array(start..<logits.count)
    }
    return (logits, spans)
  }

  /// Whether lanes are the softmax of their logits, as far as there is anything to see.
  func areSoftmaxes(_ lanes: [Lane]) -> Bool {
    lanes.allSatisfy { lane in
      fits(lane.outputs, WrongRecipe.softmax(lane.logits, over: [Array(lane.logits.indices)]))
    }
  }

  // MARK: Recipes with a number to find

  /// The factor a for which log y_i - log y_j = a (x_i - x_j), from the two logits of a lane that
  /// are farthest apart.
  ///
  /// Outputs have relative errors of a few roundings; a quotient of two of them tells the factor no
  /// closer. A usual factor that is consistent with them is taken for it.
  private func temperature(_ lanes: [Lane]) -> Double? {
    var widest: (difference: Double, logarithm: Double)?
    for lane in lanes {
      let usable = lane.outputs.indices.filter {
        lane.logits[$0].isFinite && lane.outputs[$0] >= format.leastNormal * 4
          && lane.outputs[$0] < .infinity
      }
      guard let low = usable.min(by: { lane.logits[$0] < lane.logits[$1] }),
        let high = usable.max(by: { lane.logits[$0] < lane.logits[$1] })
      else { continue }
      let difference = lane.logits[high] - lane.logits[low]
      if difference > widest?.difference ?? 0 {
        widest = (difference, Double.log(lane.outputs[high]) - Double.log(lane.outputs[low]))
      }
    }
    guard let widest else { return nil }
    let factor = widest.logarithm / widest.difference
    guard factor.isFinite, factor != 0 else { return nil }
    let margin = max(4 * format.unitRoundoff / widest.difference, factor.magnitude / 500)
    let possible = (factor - margin)...(factor + margin)
    // The number that somebody wrote has few digits; the quotient is rounded to it where it is
    // near.
    return UsualTemperature.divisor(ofFactorsIn: possible).map { 1 / $0 }
      ?? UsualTemperature.multiplier(in: possible)
      ?? Self.roundNumber(near: factor, within: 1 / 500) ?? factor
  }

  /// A number of at most two digits, or one over it, within a relative tolerance; nil where there
  /// is none.
  private static func roundNumber(near factor: Double, within tolerance: Double) -> Double? {
    for candidate in [rounded(factor), 1 / rounded(1 / factor)]
    where abs(candidate - factor) <= abs(factor) * tolerance {
      return candidate
    }
    return nil
  }

  private static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return value }
    let unit = Double.exp10((Double.log10(abs(value))).rounded(.down) - 1)
    return (value / unit).rounded() * unit
  }

  /// "times 0.5", or "divided by 100" where that is the rounder number.
  private static func words(forFactor factor: Double) -> String {
    let inverse = 1 / factor
    let isRound = abs(rounded(factor) - factor) <= abs(factor) * 1e-9
    let dividesByInteger =
      abs(inverse) >= 3 && abs(inverse - inverse.rounded()) <= abs(inverse) * 1e-9
    return isRound && !dividesByInteger
      ? "times \(short(factor))"
      : abs(rounded(inverse) - inverse) <= abs(inverse) * 1e-9
        ? "divided by \(short(inverse))" : "times \(short(factor))"
  }

  private static func short(_ value: Double) -> String {
    let unit = Double.exp10((Double.log10(abs(value))).rounded(.down) - 2)
    let digits = (value / unit).rounded() * unit
    let text =
      digits == digits.rounded() && abs(digits) < 1e6 ? "\(Int(digits))" : "\(Float(digits))"
    return text
  }

  /// The least logit whose exponential overflows: in the format of the outputs, float32 for
  /// bfloat16.
  private var overflow: Double {
    format == .bfloat16 ? FloatFormat.float32.greatestFinite : format.greatestFinite
  }

  private func overflowing(_ logits: [Double], _ spans: [[Int]]) -> [Double] {
    var values = logits.map { logit -> Double in
      let power = Double.exp(logit)
      return power > overflow ? .infinity : power
    }
    for span in spans {
      let sum = span.reduce(0) { $0 + values[$1] }
      let limited = sum > overflow ? .infinity : sum
      for place in span { values[place] /= limited }
    }
    return values
  }

  private func isReordered(_ lanes: [Lane], _ limit: Double) -> Bool {
    lanes.allSatisfy { lane in
      let softmax = WrongRecipe.softmax(lane.logits, over: [Array(lane.logits.indices)])
      guard lane.outputs.allSatisfy(\.isFinite) else { return false }
      return distance(lane.outputs.sorted(), softmax.sorted()) <= limit
    }
  }

  /// A factor near 1 in digits that tell it from 1.
  private static func nearlyOne(_ factor: Double) -> String {
    let text = "\((factor * 1e6).rounded() / 1e6)"
    return text == "1.0" ? "1 + \(Float(factor - 1))" : text
  }

  /// "0.5 times the softmax", the same in all lanes, or what lanes sum to where it is not.
  private func multiple(_ lanes: [Lane], _ limit: Double) -> String? {
    var factors: [Double] = []
    for lane in lanes {
      let softmax = WrongRecipe.softmax(lane.logits, over: [Array(lane.logits.indices)])
      guard let top = softmax.indices.max(by: { softmax[$0] < softmax[$1] }) else { return nil }
      let factor = lane.outputs[top] / softmax[top]
      guard factor.isFinite, factor > 0,
        distance(lane.outputs, softmax.map { $0 * factor }) <= limit
      else { return nil }
      factors.append(factor)
    }
    guard let low = factors.min(), let high = factors.max() else { return nil }
    let tolerance = max(2 * format.unitRoundoff, 1 / 500)
    let round = Self.roundNumber(near: low, within: tolerance)
    // What is 1.001 times too large is not 1 times the softmax.
    let factor = round == 1 ? Self.nearlyOne(low) : Self.short(round ?? low)
    return high <= low * (1 + slack)
      ? "\(factor) times the softmax"
      : "multiples of the softmax, a different one in each lane: from \(Self.short(low)) to \(Self.short(high))"
  }
}
