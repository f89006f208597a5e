import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting
import SoftmaxVariants

extension ExhaustiveCertificate {
  /// The certificate that a state amounts to.
  ///
  /// - Parameters:
  ///   - state: All blocks, or those of a shard.
  ///   - isShard: Whether the state itself has to be kept for a merge.
  ///   - replay: The command that shows a lane again.
  package init(
    _ plan: Exhaustion, _ state: ExhaustiveState, isShard: Bool, replay: (UInt64) -> String
  ) throws {
    try self.init(
      implementation: plan.implementation.name, of: plan.operation, output: plan.output,
      domain: plan.domain,
      judge: plan.judge, state, isShard: isShard, replay: replay)
    // What this program knows is excused where its model has no bound; whoever declares one is not.
    if plan.judge.model != nil, plan.judge.expectsBounds { countUnjudged() }
  }

  /// Counts the largest errors that have no bound.
  mutating func countUnjudged() {
    let unjudged = largestErrors.count { $0.bound == nil && $0.ulp?.value != 0 }
    notJudged = unjudged > 0 ? UInt64(unjudged) : nil
  }

  /// The certificate of an implementation that is known by name alone.
  package init(
    implementation: String, of operation: AuditedOperation, output: FloatFormat,
    domain: ExhaustiveDomain, judge: LaneJudge, _ state: ExhaustiveState, isShard: Bool,
    replay: (UInt64) -> String
  ) throws {
    let tally = state.tally
    self.init(
      implementation: implementation, inputFormat: domain.format, outputFormat: output,
      operation: operation, domain: domain)
    lanes = tally.lanes
    elements = tally.elements
    finitePairs = tally.finitePairs
    correctlyRounded = tally.correctlyRounded
    faithful = tally.faithful
    mismatches = tally.mismatches
    mismatchedLanes = tally.mismatchedLanes
    negativeZeros = tally.negativeZeros
    overflows = tally.overflows
    undecided = tally.undecided
    maxUlp = tally.maxUlp?.figure
    maxUlpSubnormal = tally.maxUlpSubnormal?.figure
    maxScaled = tally.maxScaled?.figure
    model = judge.modelName
    underflow = judge.underflow == .flush ? .flush : nil
    misconduct = state.misconduct.isEmpty ? nil : state.misconduct
    if state.isComplete, let digest = ExhaustiveState.digest(ofChecksums: state.checksums) {
      self.digest = Digest(sha256: digest, blockLanes: state.blockLanes)
    }
    if isShard { self.state = state }
    func witness(
      _ place: ExhaustiveTally.Place?, figure: Figure? = nil, scaled: Figure? = nil
    ) throws -> Witness? {
      guard let place else { return nil }
      return try domain.format.open(
        with: output,
        WitnessWork(
          domain: domain, operation: operation, place: place, figure: figure?.value,
          scaled: scaled?.value, judge: judge, replay: replay(place.lane)))
    }
    worst = try witness(tally.maxUlp?.place, figure: tally.maxUlp?.figure)
    worstSubnormal = try witness(
      tally.maxUlpSubnormal?.place, figure: tally.maxUlpSubnormal?.figure)
    worstScaled = try witness(tally.maxScaled?.place, scaled: tally.maxScaled?.figure)
    firstMismatch = try witness(tally.firstMismatch)
    undeclaredMismatch = try witness(tally.undeclaredMismatch)
    beyondTolerance = try witness(tally.beyondTolerance)
    if let beyondTolerance {
      guard let ulp = beyondTolerance.ulp?.value, let bound = beyondTolerance.bound?.value,
        Self.exceeds(abs(ulp), bound: bound)
      else {
        throw InternalError(
          "lane \(beyondTolerance.lane), index \(beyondTolerance.index) is not beyond the tolerance"
        )
      }
    }
  }

  /// The certificate of calls that brought no answer.
  package init(_ plan: Exhaustion, failure: CallFailure) {
    self.init(
      implementation: plan.implementation.name, inputFormat: plan.input,
      outputFormat: plan.output, operation: plan.operation,
      domain: plan.domain)
    model = plan.judge.modelName
    self.failure = "\(failure.kind.rawValue): \(failure.explanation)"
  }

  /// All elements of one lane as the implementation answers now, each as a witness.
  package static func elements(
    ofLane lane: UInt64, _ plan: Exhaustion, replay: String
  ) throws -> [Witness] {
    try plan.input.open(with: plan.output, LaneWork(plan: plan, lane: lane, replay: replay))
  }

  private struct WitnessWork: FormatPairWork {
    let domain: ExhaustiveDomain
    let operation: AuditedOperation
    let place: ExhaustiveTally.Place
    let figure: Double?
    let scaled: Double?
    let judge: LaneJudge
    let replay: String

    func run<F: BinaryFloat, G: BinaryFloat>(_ input: F.Type, _ output: G.Type) throws -> Witness {
      var writer = ExhaustiveDomain.Writer<F>(domain)
      return try Witness(
        writer.lane(place.lane), of: operation,
        computed: G(bitPattern: G.BitPattern(place.output)), at: place.index, lane: place.lane,
        figure: figure, scaled: scaled, judge: judge, replay: replay)
    }
  }

  private struct LaneWork: FormatPairWork {
    let plan: Exhaustion
    let lane: UInt64
    let replay: String

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> [Witness] {
      var writer = ExhaustiveDomain.Writer<F>(plan.domain)
      let logits = writer.lane(lane)
      let tensor = Tensor(
        geometry: try LaneGeometry(shape: [1, logits.count], axis: 1), elements: logits)
      let outputs = try plan.implementation.answer(
        to: tensor, laidOut: .rowMajor, as: output
      ).probabilities.elements
      return try outputs.indices.map {
        try Witness(
          logits, of: plan.operation, computed: outputs[$0], at: $0, lane: lane,
          judge: plan.judge, replay: replay)
      }
    }
  }
}

extension ExhaustiveCertificate.Witness {
  /// The witness of one output.
  ///
  /// - Parameters:
  ///   - figure: The error in ULP that a measurement has certified, to be confirmed.
  ///   - scaled: The scaled error, likewise.
  package init<F: BinaryFloat, G: BinaryFloat>(
    _ logits: [F], of operation: AuditedOperation, computed: G, at index: Int, lane: UInt64,
    figure: Double? = nil, scaled expectedScaled: Double? = nil, judge: LaneJudge, replay: String
  ) throws {
    let oracle = SoftmaxOracle()
    let reference = oracle.reference(
      of: OperationLane(operation, DistinctLogits(of: logits)), in: G.format)
    let exact = reference.value(at: index)
    var (ulp, scaled) = (Figure?.none, Figure?.none)
    if !exact.isUndecided,
      OutputClass(computed, against: exact, of: operation.output, in: G.format) == .measured
    {
      let magnitude = CertifiedUlp.figure(
        of: computed.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
        quantumExponent: Int(exact.quantumExponent), oracle: oracle)
      guard let magnitude, figure == nil || figure == magnitude else {
        throw InternalError(
          "a filter measured \(figure ?? .nan) ulp where MPFR measures \(magnitude ?? .nan): lane \(lane), index \(index)"
        )
      }
      let isNegative = UlpError(of: computed, against: exact).isNegative
      ulp = Figure(isNegative ? -magnitude : magnitude)
      if operation != .softmax {
        let own = CertifiedScaled.figure(of: computed, at: index, in: reference, oracle: oracle)
        guard let own, expectedScaled == nil || expectedScaled == own else {
          throw InternalError(
            "a scaled error of \(expectedScaled ?? .nan) was measured where MPFR measures \(own ?? .nan): lane \(lane), index \(index)"
          )
        }
        scaled = Figure(own)
      }
    }
    var bound: Figure?
    let promise = try judge.promise(on: LaneProfile(logits))
    if let limit = promise.limit(at: index, isZero: computed.isZero) {
      let size = limit.bound.scaled(byPowerOfTwo: -Int(exact.quantumExponent))
      // A zero that is accepted whatever the bound is within it.
      bound = Figure(limit.largestRatio > 1 ? size : max(size, abs(ulp?.value ?? 0)))
    }
    self.init(
      lane: lane, index: index, logits: logits.map(\.hexText), computed: computed.hexText,
      exact: oracle.decimalText(
        slot: reference.slot(at: index), of: reference.inputs, digits: 40) ?? "undecided",
      ulp: ulp, scaled: scaled, bound: bound, replay: replay)
  }
}
