import ArgumentParser
import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Laws
import Oracle

/// By which bound errors are judged: what audit, check, search and verify have in common.
struct JudgingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Judge by the bound of this model instead of the declared one; 'none': by what any sound "
        + "softmax keeps to, which is the rule where nothing is declared.", valueName: "model"))
  var declare: String?

  @Option(
    name: .long,
    help: "Whether results below the normal range may be zero: gradual (no) or flush (yes).")
  var underflow: UnderflowPolicy?

  /// - Throws: ``UserError`` of kind `usage` where there is no such model.
  func checkSettings() throws -> CheckSettings {
    var settings = CheckSettings()
    if let declare {
      settings.model = declare == "none" ? .none : .declared(try Selection.model(declare))
    }
    settings.underflow = underflow
    return settings
  }

  /// The options as they have to stand in a replay.
  var words: [String] {
    var words: [String] = []
    if let declare { words += ["--declare", declare] }
    if let underflow { words += ["--underflow", underflow.rawValue] }
    return words
  }
}

/// What may come out of lanes that have no softmax: what audit, check and verify have in common.
struct SpecialLaneOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "What may come out of lanes with NaN, +inf or only -inf: nan-somewhere (default), "
        + "nan-everywhere, masked-zero, masked-uniform, infinity-one-hot, nan-zero (0 everywhere), "
        + "nan-as-masked (a NaN counts as -inf), or several with commas.",
      valueName: "policy"))
  var specialLanes: String?

  /// - Throws: ``UserError`` of kind `usage` where there is no such policy.
  func policy() throws -> SpecialLanePolicy? {
    try specialLanes.map { try Selection.specialLanes($0) }
  }
}

/// Whether figures are judged at all, and by which limit besides: audit, search and verify.
struct MeasuringOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "tolerance (default): an error beyond its bound is a failure; nothing: measure only.",
      valueName: "judge"))
  var judge: MeasurementJudging.Judge = .tolerance

  @Option(
    name: .long, parsing: .unconditional,
    help: "Fail where an error in the normal range exceeds this many ULP.")
  var maxUlp: Double?

  /// Adds what is wrong with the options, alone and together with others.
  func check(with others: JudgingOptions, _ mistakes: inout Mistakes) {
    if let maxUlp, !(0..<Double.infinity).contains(maxUlp) {
      mistakes.add(.usage, "--max-ulp \(maxUlp): use a finite number that is not negative")
    }
    guard judge == .nothing else { return }
    let given = others.words.filter { $0.hasPrefix("--") } + (maxUlp == nil ? [] : ["--max-ulp"])
    if !given.isEmpty {
      mistakes.add(
        .usage, "--judge nothing judges nothing; leave \(given.joined(separator: " and ")) out")
    }
  }

  /// The settings that the options amount to.
  ///
  /// - Throws: ``UserError`` of kind `usage` where there is no such model or policy.
  func settings(
    _ judging: JudgingOptions, _ special: SpecialLaneOptions? = nil, judgesElsewhere: Bool = false
  ) throws -> MeasurementSettings {
    var settings = MeasurementSettings(
      specialLanes: try special?.policy(), judgesElsewhere: judgesElsewhere)
    switch try judging.checkSettings().model {
    case .own: break
    case .none: settings.ignoresOwnModel = true
    case .declared(let variant): settings.declaredModel = variant
    }
    settings.underflow = judging.underflow
    settings.judgesNothing = judge == .nothing
    return settings
  }

  /// What results say of the judging.
  func note(
    _ judging: JudgingOptions, _ special: SpecialLaneOptions?, largestLogit: Double? = nil
  ) -> MeasurementJudging {
    MeasurementJudging(
      judge: judge, declare: judging.declare, underflow: judging.underflow,
      specialLanes: special?.specialLanes, maxUlp: maxUlp.map { Figure($0) },
      largestLogit: largestLogit.map { Figure($0) })
  }
}

extension UnderflowPolicy: ExpressibleByArgument {}
extension MeasurementJudging.Judge: ExpressibleByArgument {}
