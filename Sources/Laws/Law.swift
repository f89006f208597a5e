import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

/// Something that is true of every correct implementation of an operation, and a way to find out.
///
/// A law is a small value. To add one: a file in this folder with a `static let` in an extension of
/// `Law`, and its name in ``Law/all``. The self-test then says which faults it catches, and whether
/// it flags a sound implementation.
public struct Law: Sendable {
  /// The name on the command line, in policies and in results.
  public let name: String
  /// The law in one sentence, as it is said of a softmax.
  public let statement: String
  /// The operations that it is a law of.
  public let operations: [AuditedOperation]
  /// The law in one sentence for operations of which another one is said.
  private let wordings: [AuditedOperation: String]
  public let grade: LawGrade
  /// The permitted error of outputs, and its reason.
  public let tolerance: String
  /// The classes of real defects that the law is there for, see ``BugClass``.
  package let catches: [BugClass]
  /// The work that the law is worth.
  let budget: Budget
  /// The form of the cases that the law can be checked on.
  let form: CaseForm
  /// Whether the law is about lanes of certain lengths, so that others in their place are no cases
  /// of it.
  let isAboutLengths: Bool
  /// Whether the law's first alternative holds every lane, so that a failing one can be written
  /// down in it.
  let takesAnyLane: Bool
  /// The modifiers of logits that the law is about; empty for a law of plain logits.
  ///
  /// Its cases have a rule for them. One that is offered is enough for the law to apply.
  let modifiers: Set<ModifierKind>
  private let inapplicability: @Sendable (Subject) -> String?
  /// Changes the rule for the inputs beside the first to what the law is about.
  private let adjustment: @Sendable (inout AccompanyingInputs) -> Void
  /// The cases of the law for logits of a format.
  let cases: @Sendable (FloatFormat) -> Generator<LawCase>
  /// Checks one case; errors are those of the call.
  let check: @Sendable (LawCase, LawTrial, inout Observations) throws -> LawOutcome

  init(
    _ name: String, _ statement: String, grade: LawGrade, tolerance: String, catches: [BugClass],
    of operations: [AuditedOperation] = AuditedOperation.all,
    wordings: [AuditedOperation: String] = [:],
    budget: Budget = Budget(), form: CaseForm = .lane(), isAboutLengths: Bool = false,
    takesAnyLane: Bool = false, modifiers: Set<ModifierKind> = [],
    inapplicability: @escaping @Sendable (Subject) -> String? = { _ in nil },
    accompanying adjustment: @escaping @Sendable (inout AccompanyingInputs) -> Void = { _ in },
    cases: @escaping @Sendable (FloatFormat) -> Generator<LawCase>,
    check: @escaping @Sendable (LawCase, LawTrial, inout Observations) throws -> LawOutcome
  ) {
    self.name = name
    self.statement = statement
    self.operations = operations
    self.wordings = wordings
    self.grade = grade
    self.tolerance = tolerance
    self.catches = catches
    self.budget = budget
    self.form = form
    self.isAboutLengths = isAboutLengths
    self.takesAnyLane = takesAnyLane
    self.modifiers = modifiers
    self.inapplicability = inapplicability
    self.adjustment = adjustment
    self.cases = cases
    self.check = check
  }

  /// The reason why the law does not apply to a subject; `nil` where it does.
  func reasonNotToApply(to subject: Subject) -> String? {
    guard operations.contains(subject.operation) else {
      return "it is no law of \(subject.operation.name)"
    }
    if !modifiers.isEmpty, modifiers.isDisjoint(with: subject.modifiers) {
      let names = ModifierKind.allCases.filter(modifiers.contains).map(\.rawValue)
      return "it offers no \(names.joined(separator: ", "))"
    }
    return inapplicability(subject)
  }

  /// The law in one sentence, as it is said of an operation.
  public func statement(of operation: AuditedOperation) -> String {
    wordings[operation]
      ?? statement.replacing("probabilities", with: operation.output.plural)
  }

  /// Whether it is a law of attention, whose cases are ``AttentionCase``.
  var isOfAttention: Bool { operations.contains(.attention) }

  /// The number of cases that a law is given at effort 1.
  struct Budget: Sendable {
    /// Cases at random.
    var random = 100
    /// Cases in which every choice takes an edge value; not scaled by the effort.
    ///
    /// A law that goes through a list gives its length here.
    var edges = 12
    /// Cases that search for a large error, over all islands.
    var targeted = 0
  }
}

/// The form of the cases that a law can be checked on; a case from a file or a token is held to it.
enum CaseForm: Sendable {
  /// One lane of one logit or more, with arguments in the given ranges.
  case lane([ClosedRange<Int>] = [])
  /// Any tensor, with arguments in the given ranges.
  case tensor([ClosedRange<Int>] = [])

  func permits(_ input: LawCase) -> Bool {
    let ranges: [ClosedRange<Int>]
    switch self {
    case .lane(let arguments):
      guard input.isSingleLane, !input.logits.isEmpty else { return false }
      ranges = arguments
    case .tensor(let arguments): ranges = arguments
    }
    return input.arguments.count == ranges.count
      && zip(ranges, input.arguments).allSatisfy { $0.contains($1) }
  }
}

extension Law {
  /// The cases of the law for an operation, whose finite logits are at most so large; larger ones
  /// are moved to the limit.
  ///
  /// Masks of -inf, infinities and NaNs stay. The choices mean the same whatever the limit is, so
  /// that cases shrink and are replayed as ever.
  ///
  /// - Parameter domain: The tensors that the implementation is made for: cases of other lengths
  ///   get the nearest one in it, where the law is not about certain lengths.
  func cases(
    _ format: FloatFormat, of operation: AuditedOperation = .softmax, within largest: Double,
    domain: InputDomain = .everything
  ) -> Generator<LawCase> {
    logitCases(format, within: largest, domain: domain)
      .accompanied(for: operation, format, adjustment)
  }

  private func logitCases(
    _ format: FloatFormat, within largest: Double, domain: InputDomain
  ) -> Generator<LawCase> {
    var cases = cases(format)
    if !isAboutLengths, domain.lengthMultipleOf > 1 || domain.largestLength != nil {
      cases = cases.map { $0.fitted(to: domain) }
    }
    if format.isOfEightBits {
      cases = cases.map { $0.replacing(logits: $0.logits.map { format.nearest($0) }) }
    }
    guard largest < format.greatestFinite else { return cases }
    let limit = format.largestNumber(upTo: largest)
    return cases.map { input in
      input.staysWithin(limit)
        ? input
        : input.replacing(
          logits: input.logits.map { $0.isFinite ? max(-limit, min(limit, $0)) : $0 })
    }
  }

  /// The choices by which the law makes a case of one lane, element by element; nil where it has
  /// none for it.
  func rewriting(_ input: LawCase, _ format: FloatFormat) -> [ChoiceValue]? {
    guard takesAnyLane, input.isSingleLane, input.accompanying == nil else { return nil }
    return LaneCases.choices(for: input.lane(0), format).map { choices in
      choices + input.arguments.map { .integer(Int64($0)) }
    }
  }
}

extension Law {
  /// The laws, in the order in which they are listed and reported.
  public static let all: [Law] = [
    .answers, .range, .componentwiseError, .sumToOne, .axis, .largeTensors, .manyLanes,
    .longBatches, .batchLengths, .featureMaps, .neighbours, .overflow, .underflow,
    .largeLogits,
    .maskedZero, .maskedRuns, .specialLanes, .lengthSweep, .longLanes, .single, .empty,
    .inputUntouched,
    .outputContained, .environmentKept,
    .determinism, .mixedCalls, .repeatedCalls, .laneIndependence, .batchInvariance, .equalLogits,
    .uniform, .noBias, .exponentialsSum, .logarithmDifferences, .logSumExpRange, .shiftAdds,
    .duplicationAdds, .constantUpstream, .gradientSum, .upstreamScale, .storedOutputs,
    .jacobianSymmetry,
    .ignoredTargets,
    .modifiedError, .modifiersReact, .sinkAbsent, .sinkShare, .maskedWhatever, .cappedFirst,
    .scaledLogits, .causalMask,
    .attentionError, .attentionLogSumExp, .unitValues, .valueShift, .convexity, .weightsShown,
    .keysPermuted, .hiddenKeys, .laterKeys, .noKey, .attentionReacts, .queryAlone, .headsAlone,
    .attentionRepeats,
    .shift, .largeShift, .permutation, .padding, .duplication, .monotone, .argMax, .layout,
  ]

  /// The law of a name.
  public static func named(_ name: String) -> Law? { all.first { $0.name == name } }
}
