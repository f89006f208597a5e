import ArgumentParser
import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Laws
import Oracle
import SoftmaxVariants

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

  /// - Parameter operation: The operation of the implementations that are judged.
  /// - Throws: ``UserError`` of kind `usage` where there is no such model, or where its bounds do
  ///   not fit the other options.
  func checkSettings(of operation: AuditedOperation = .softmax) throws -> CheckSettings {
    var settings = CheckSettings()
    switch declare {
    case nil: break
    case "none": settings.model = .none
    case let name?:
      let model = try DeclaredModel.named(name, of: operation)
      guard underflow != .flush || model.coversFlushing else {
        throw UserError(
          .usage,
          "the bounds of \(operation) know nothing of --underflow flush; leave it or --declare \(name) out"
        )
      }
      settings.model = .declared(model)
    }
    settings.underflow = underflow
    return settings
  }

  /// The options as they have to stand in a replay, together with others that say how to judge.
  func words(
    largestLogit: Double? = nil, repeats: Int? = nil, specialLanes: String? = nil
  ) -> [String] {
    MeasurementJudging.words(
      declare: declare, underflow: underflow, largestLogit: largestLogit, repeats: repeats,
      specialLanes: specialLanes)
  }
}

/// The permitted outputs of lanes that have no softmax, for audit, check and verify.
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
    try specialLanes.map { try SpecialLanePolicy(parsing: $0) }
  }
}

/// A limit on errors: what audit, search, exhaust and verify have in common.
struct LimitOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: "Fail where an error in the normal range exceeds this many ULP.")
  var maxUlp: Double?

  func check(_ mistakes: inout Mistakes) {
    if let maxUlp, !(0..<Double.infinity).contains(maxUlp) {
      mistakes.add(.usage, "--max-ulp \(maxUlp): use a finite number that is not negative")
    }
  }
}

/// The judging of measured figures: what audit, search and verify have in common.
struct MeasuringOptions: ParsableArguments {
  @OptionGroup
  var bound: JudgingOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "tolerance (default): an error beyond its bound is a failure; nothing: measure only.",
      valueName: "judge"))
  var judge: MeasurementJudging.Judge = .tolerance

  @OptionGroup
  var limit: LimitOptions

  /// Adds what is wrong with the options, alone and together.
  func check(_ mistakes: inout Mistakes) {
    limit.check(&mistakes)
    guard judge == .nothing else { return }
    let given =
      bound.words().filter { $0.hasPrefix("--") } + (limit.maxUlp == nil ? [] : ["--max-ulp"])
    if !given.isEmpty {
      mistakes.add(
        .usage, "--judge nothing judges nothing; leave \(given.joined(separator: " and ")) out")
    }
  }

  /// The settings that the options amount to.
  ///
  /// - Parameter operation: The operation of the implementations that are judged.
  /// - Throws: ``UserError`` of kind `usage` where there is no such model or policy.
  func settings(
    _ special: SpecialLaneOptions? = nil, _ elsewhere: ElsewhereOptions? = nil,
    of operation: AuditedOperation = .softmax
  ) throws -> MeasurementSettings {
    var settings = MeasurementSettings(
      specialLanes: try special?.policy(), judgesElsewhere: elsewhere?.elsewhere ?? false)
    switch try bound.checkSettings(of: operation).model {
    case .own: break
    case .none: settings.ignoresOwnModel = true
    case .declared(let variant): settings.declaredModel = variant
    }
    settings.underflow = bound.underflow
    settings.judgesNothing = judge == .nothing
    settings.ownTolerance = try elsewhere?.own()
    return settings
  }

  /// The record of the judging in results.
  func note(_ special: SpecialLaneOptions?, largestLogit: Double? = nil) -> MeasurementJudging {
    MeasurementJudging(
      judge: judge, declare: bound.declare, underflow: bound.underflow,
      specialLanes: special?.specialLanes, maxUlp: limit.maxUlp.map { Figure($0) },
      largestLogit: largestLogit.map { Figure($0) })
  }
}

/// The source of exact values: what audit, gate and verify have in common.
struct OracleOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "filtered (default): fast filters with proven bounds, MPFR for what they leave open; or "
        + "mpfr: MPFR alone. Never changes a certified figure.", valueName: "tier"))
  var oracle: OracleTier?

  var tier: OracleTier { oracle ?? .filtered }
}

extension UnderflowPolicy: ExpressibleByArgument {}
extension MeasurementJudging.Judge: ExpressibleByArgument {}
