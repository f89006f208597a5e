import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import MultiPrecision
import Oracle
import PropertyTesting
import RealModule
import SoftmaxVariants

extension PublishedClaim {
  /// Judges every decimal against the exact softmax of the logits.
  ///
  /// A decimal is correctly rounded where it is within half a unit of its last digit of the exact
  /// value. The exact values are enclosed to 2^-160; one that lies half-way as far as that tells is
  /// 1/k (a lane that is not constant has transcendental values), and then both neighbours are
  /// correct.
  ///
  /// - Throws: `UserError` of kind `notMeasured` where a value stays undecided.
  package func judged(oracle: SoftmaxOracle) throws -> ClaimJudgement {
    let rounded = try format.open(Rounding(texts: logits))
    var decimals = [ClaimJudgement.Decimal?](repeating: nil, count: logits.count)
    for lane in 0..<geometry.laneCount {
      let places = geometry.places(ofLane: lane)
      let distinct = DistinctLogits(exactly: places.map { rounded[$0] })
      guard distinct.finiteCount > 0 else {
        throw UserError(
          .malformedInput, "\(id): every logit of lane \(lane) is -inf; it has no softmax")
      }
      for (index, place) in places.enumerated() {
        decimals[place] = try decimal(
          printed[place], slot: Int(distinct.slots[index]), of: distinct, oracle)
      }
    }
    let found = decimals.compactMap { $0 }
    let (verdict, explanation) = explain(found, rounded)
    return ClaimJudgement(
      id: id, note: note, format: format.rawValue, shape: geometry.shape, axis: geometry.axis,
      verdict: verdict, explanation: explanation, decimals: found)
  }

  private func decimal(
    _ printed: PrintedDecimal, slot: Int, of logits: DistinctLogits, _ oracle: SoftmaxOracle
  ) throws -> ClaimJudgement.Decimal {
    if slot == DistinctLogits.masked {
      let off = printed.distance(from: BigFloat(0)).double(.toNearestOrEven)
      return .init(
        printed: printed.text, exact: "0", unitsOff: Figure(off), correctlyRounded: off == 0)
    }
    guard
      let enclosure = oracle.enclosure(
        slot: slot, of: OperationLane(.softmax, logits), relativeBits: 160),
      let exact = oracle.decimalText(
        slot: slot, of: OperationLane(.softmax, logits), digits: 20)
    else { throw UserError(.notMeasured, "\(id): the exact value of a logit is not decided") }
    let most = printed.distance(from: enclosure.lower)
    let least = printed.distance(from: enclosure.upper)
    // In one half-unit as far as either end tells.
    let isCorrect = (least.compare(0.5) <= 0 && most.compare(-0.5) >= 0)
    return .init(
      printed: printed.text, exact: exact, unitsOff: Figure(most.double(.toNearestOrEven)),
      correctlyRounded: isCorrect)
  }

  // MARK: What explains the decimals

  private func explain(
    _ decimals: [ClaimJudgement.Decimal], _ rounded: [Double]
  ) -> (ClaimJudgement.Verdict, String) {
    if decimals.allSatisfy(\.correctlyRounded) {
      return (.correct, "every decimal is the correct rounding")
    }
    let isArithmetic = excesses(in: format, of: rounded).map { excess in
      zip(decimals, excess).allSatisfy { $0.correctlyRounded || $1 <= 0 }
    }
    if isArithmetic == true {
      return (.arithmetic, "as arithmetic in \(format.rawValue) leaves it")
    }
    if let digits = shownDigits, digits >= 6, agree(slack: slack(ofLogitsWith: digits), rounded) {
      return (
        .printedLogits, "as far as the logits say, which are shown to \(digits) decimals"
      )
    }
    // Above 1/4 these are the numbers of bfloat16 too.
    if printed.contains(where: { $0.value < 0.25 }),
      let recipe = WrongRecipe.stepped(for: rounded, in: geometry).first(where: gives)
    {
      return (.wrongFormula, "these are \(recipe.statement)")
    }
    for lower in [FloatFormat.float32, .float16, .bfloat16]
    where lower.precision < format.precision {
      guard let values = try? lower.open(Rounding(texts: logits)),
        let excess = excesses(in: lower, of: values), excess.allSatisfy({ $0 <= 0 })
      else { continue }
      return (.lowerPrecision, "what arithmetic in \(lower.rawValue) gives, not \(format.rawValue)")
    }
    for recipe in WrongRecipe.all(for: rounded, in: geometry) where gives(recipe) {
      return (.wrongFormula, "these are \(recipe.statement)")
    }
    if let temperature = temperature(rounded) {
      return (.wrongFormula, "they fit the logits \(temperature), a temperature")
    }
    if let factor = commonFactor(rounded) {
      return (
        .wrongFormula,
        "each is \(factor) times the softmax, as of lanes with more logits than are shown"
      )
    }
    return (.unexplained, "no recipe known gives these" + fittingLogits(rounded))
  }

  /// The logits that the decimals are the softmax of, or a multiple, where they are one lane of
  /// positive numbers: the first as it is, the others to three digits.
  private func fittingLogits(_ logits: [Double]) -> String {
    guard geometry.laneCount == 1, geometry.length > 1, let first = printed.first,
      printed.allSatisfy({ $0.value > 0 })
    else { return "" }
    let fitting = printed.map { decimal in
      let logit = logits[0] + Double.log(decimal.value / first.value)
      return "\((logit * 1000).rounded() / 1000)"
    }
    return "; they fit the logits " + fitting.joined(separator: ", ")
  }

  /// Whether a recipe gives all decimals, to the last digit.
  private func gives(_ recipe: WrongRecipe) -> Bool {
    zip(printed, recipe.values).allSatisfy {
      abs($0.value - $1) <= $0.unit && $0.unit <= recipe.largestUnit
    }
  }

  /// The factor or divisor of the logits whose softmax the decimals are; `nil` where they are that
  /// of none.
  ///
  /// The logarithm of the quotient of two decimals of a lane is the factor times the difference of
  /// their logits, as far as the digits tell. Two decimals always have such a factor: then it must
  /// be one that people choose.
  private func temperature(_ logits: [Double]) -> String? {
    var (lower, upper) = (0.0, Double.infinity)
    var conditions = 0
    for lane in 0..<geometry.laneCount {
      let places = geometry.places(ofLane: lane)
      guard let base = places.max(by: { printed[$0].value < printed[$1].value }) else { continue }
      for place in places where logits[place] != logits[base] {
        let difference = logits[base] - logits[place]
        func logarithms(_ decimal: PrintedDecimal) -> (Double, Double) {
          let half = decimal.unit * 0.5
          return (Double.log(max(decimal.value - half, 0)), Double.log(decimal.value + half))
        }
        let (high, low) = (logarithms(printed[base]), logarithms(printed[place]))
        let ends = [(high.0 - low.1) / difference, (high.1 - low.0) / difference]
        guard ends.allSatisfy({ !$0.isNaN }) else { return nil }
        lower = max(lower, ends.min() ?? 0)
        upper = min(upper, ends.max() ?? 0)
        conditions += 1
      }
    }
    // Digits so few that any factor would do tell nothing, and a factor of 1 is none.
    guard conditions > 0, lower > 0, lower <= upper, upper / lower < 1.05,
      !(lower...upper).contains(1)
    else { return nil }
    func short(_ number: Double) -> String {
      number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
    let words: String
    let factor: Double
    if let divisor = UsualTemperature.divisor(ofFactorsIn: lower...upper) {
      (words, factor) = ("divided by \(short(divisor))", 1 / divisor)
    } else if let multiplier = UsualTemperature.multiplier(in: lower...upper) {
      (words, factor) = ("times \(short(multiplier))", multiplier)
    } else {
      guard conditions > 1 else { return nil }
      factor = (lower + upper) / 2
      words = "times \(short((factor * 1000).rounded() / 1000))"
    }
    let values = WrongRecipe.softmax(logits, times: factor, in: geometry)
    guard zip(printed, values).allSatisfy({ abs($0.value - $1) <= $0.unit }) else { return nil }
    return words
  }

  /// By how much each decimal is farther from the softmax than half a unit and the error bound of a
  /// format; nil where there is no bound.
  ///
  /// Infinite for a decimal that is not 0 and that every format rounds to 0: arithmetic never gives
  /// it.
  private func excesses(in format: FloatFormat, of logits: [Double]) -> [Double]? {
    allowances(logits, format).map { allowed in
      printed.indices.map {
        if printed[$0].isBelowFormats { return .infinity }
        return abs(printed[$0].value - allowed[$0].probability) - printed[$0].unit * 0.5
          - allowed[$0].bound
      }
    }
  }

  /// Whether the decimals are the softmax but for half a unit and a relative error.
  private func agree(slack: Double, _ logits: [Double]) -> Bool {
    guard let allowed = allowances(logits, format) else { return false }
    return printed.indices.allSatisfy {
      abs(printed[$0].value - allowed[$0].probability)
        <= printed[$0].unit * 0.5 + allowed[$0].bound + slack * allowed[$0].probability
    }
  }

  /// The softmax in binary64, and the default tolerance of a format, for each logit.
  ///
  /// It is evaluated with errors below 2^-48 of a value, which the tolerance of a float64 claim is
  /// widened by.
  private func allowances(
    _ logits: [Double], _ format: FloatFormat
  ) -> [(probability: Double, bound: Double)]? {
    var result = [(probability: Double, bound: Double)](
      repeating: (0, 0), count: logits.count)
    let tolerance = DefaultTolerance(output: format, underflow: .gradual)
    for lane in 0..<geometry.laneCount {
      let places = geometry.places(ofLane: lane)
      guard let profile = LaneProfile(exactly: places.map { logits[$0] }),
        let bounds = tolerance.tolerance(of: profile)
      else { return nil }
      for (index, place) in places.enumerated() {
        let probability = profile.probability(index)
        result[place] = (probability, bounds.bounds[index] + probability * 0x1p-48)
      }
    }
    return result
  }

  /// The number of decimals that the logits show, where they are decimals.
  private var shownDigits: Int? {
    logits.compactMap { PrintedDecimal($0).map { -$0.unitExponent } }.max()
  }

  /// The change of a probability by half a unit in the last place of every logit: a factor of at
  /// most e^(2 units / 2).
  private func slack(ofLogitsWith digits: Int) -> Double {
    .expMinusOne(Double("1e-\(digits)") ?? 0)
  }

  /// A factor that all decimals are of the softmax, to three digits; nil where they have none.
  private func commonFactor(_ logits: [Double]) -> String? {
    guard let allowed = allowances(logits, format), printed.count > 1 else { return nil }
    var (lower, upper) = (0.0, Double.infinity)
    for (decimal, allowed) in zip(printed, allowed) {
      // A probability that binary64 does not hold has no ratio, and so the decimals have no common
      // one.
      let (value, half, p) = (decimal.value, decimal.unit * 0.5, allowed.probability)
      guard p > 0, value.isFinite else { return nil }
      lower = max(lower, (value - half) / p)
      upper = min(upper, (value + half) / p)
    }
    // Digits so few that any factor would do tell nothing.
    guard lower > 0, lower <= upper, upper / lower < 1.01 else { return nil }
    let thousandths = ((lower + upper) * 500).rounded()
    return "\(thousandths / 1000)"
  }

  /// The logits in a format, as binary64 numbers.
  private struct Rounding: FormatGenericWork {
    let texts: [String]
    func run<F: BinaryFloat>(_ type: F.Type) throws -> [Double] {
      try texts.map { text in
        guard let value = F(text: text) else {
          throw UserError(.malformedInput, "\"\(text)\" is no logit")
        }
        return value.exactDouble
      }
    }
  }
}
