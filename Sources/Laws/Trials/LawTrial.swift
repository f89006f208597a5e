import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// A case that an implementation is not made for: it is not called with it.
struct OutsideDomain: Error {}

/// One law on one instance of one implementation: calls it, and judges what comes back.
///
/// A trial belongs to one thread at a time, as the instance does.
final class LawTrial {
  let subject: Subject
  private var implementation: any SoftmaxImplementation
  private let references: ReferenceCache
  let oracle = SoftmaxOracle()

  /// The calls so far.
  private(set) var calls = 0
  private var latestCalls: [LoggedCall] = []
  /// The deeds of the implementation that no softmax may do, since the law began with its case.
  private(set) var misconduct: [Misconduct] = []
  /// The outputs of the first call for the case.
  private(set) var firstOutputs: [Double]?
  private var renewals = 0
  /// The number of outputs that the oracle left undecided.
  private(set) var undecided = 0

  /// The tolerance made last: laws ask for the same one more than once.
  private var latest: (lane: [Double], tolerance: LaneTolerance?)?
  /// The rule for the inputs beside the first, of the case that is checked.
  private var accompanying = AccompanyingInputs()

  /// The number of calls that the log keeps.
  private static var loggedCalls: Int { 32 }

  init(
    _ subject: Subject, implementation: any SoftmaxImplementation, references: ReferenceCache
  ) {
    self.subject = subject
    self.implementation = implementation
    self.references = references
  }

  /// Forgets what was seen with earlier cases, and takes over the rule for inputs of a new one.
  func beginCase(_ input: LawCase) {
    misconduct = []
    latest = nil
    accompanying = subject.called(with: input).accompanying ?? AccompanyingInputs()
    firstOutputs = nil
  }

  /// Whether the logits of the case have modifiers.
  var hasModifiers: Bool { accompanying.modifiers != nil }

  /// Judges by another rule for the modifiers of the case's logits from here on.
  func consider(_ rule: ModifierRule?) {
    accompanying.modifiers = rule
    latest = nil
  }

  // MARK: Calls

  /// The last calls, the latest last, in words.
  var callLog: [String] {
    latestCalls.enumerated().map { place, call in
      "call \(calls - latestCalls.count + place + 1): \(call.text)"
    }
  }

  /// One call as the log keeps it.
  private struct LoggedCall {
    let geometry: LaneGeometry
    /// The case, while it is small enough to be kept until somebody asks for the log.
    let input: LawCase?
    /// The format of the logits, where it is not that of the law.
    let format: FloatFormat?

    init(_ input: LawCase, _ format: FloatFormat?) {
      geometry = input.geometry
      self.input = input.logits.count <= 1 << 17 ? input : nil
      self.format = format
    }

    var text: String {
      "shape \(geometry.shape), axis \(geometry.axis)"
        + (input.map { ", logits \($0.digest)" } ?? "")
        + (format.map { ", in \($0.rawValue)" } ?? "")
    }
  }

  /// The instance that is called.
  var instance: any SoftmaxImplementation { implementation }

  /// The number of times that a law may have an instance without a past where that costs seconds.
  private static var slowRenewals: Int { 2 }

  /// Goes on with an instance that nobody has called yet; where those are costly, a few times only.
  func renew() throws {
    guard !implementation.startsSlowly || renewals < Self.slowRenewals else { return }
    renewals += 1
    implementation = try implementation.renewed()
  }

  /// The outputs for a case, row-major, as binary64 numbers.
  ///
  /// - Throws: ``CallFailure`` where none come back, ``OutsideDomain`` where the implementation is
  ///   not made for the case; anything else is a fault of the run.
  func outputs(
    of input: LawCase, laidOut layout: TensorLayout = .rowMajor
  ) throws -> [Double] {
    guard isAsked(input) else { throw OutsideDomain() }
    log(input, in: nil)
    let outputs = try subject.input.open(
      with: subject.output, Call(trial: self, input: input, layout: layout))
    if firstOutputs == nil { firstOutputs = outputs }
    return outputs
  }

  /// Makes a call of another form than ``outputs(of:laidOut:)``, and keeps it in the log.
  ///
  /// - Throws: As that does.
  func makeCall<Work: FormatPairWork>(_ input: LawCase, _ work: Work) throws -> Work.Result {
    guard isAsked(input) else { throw OutsideDomain() }
    log(input, in: nil)
    return try subject.input.open(with: subject.output, work)
  }

  /// Keeps the outputs of the first call for the case.
  func keep(_ outputs: [Double]) {
    if firstOutputs == nil { firstOutputs = outputs }
  }

  /// Takes what a call has done besides into account.
  func note(_ more: [Misconduct]) { misconduct += more }

  /// Counts an output that the oracle left undecided.
  func leaveUndecided() { undecided += 1 }

  /// Whether the implementation is made for a case, and the run asks about such logits.
  ///
  /// Masks and sums of logits may be no numbers of an 8-bit format.
  func isAsked(_ input: LawCase) -> Bool {
    subject.domain.includes(input.geometry, input.logits)
      && input.staysWithin(subject.largestLogit)
      && (!subject.input.isOfEightBits
        || input.logits.allSatisfy { $0.isNaN || subject.input.holds($0) })
  }

  /// The other formats of logits that the implementation is offered for.
  var otherFormats: [FloatFormat] { implementation.formats.filter { $0 != subject.input } }

  /// Makes a call in another format, and forgets what comes of it.
  ///
  /// A call that brings no answer is a finding of the laws in that format, not of those in this
  /// one.
  func call(_ input: LawCase, in format: FloatFormat) throws {
    guard isAsked(input) else { return }
    log(input, in: format)
    do {
      _ = try format.open(
        with: implementation.defaultOutputFormat(for: format),
        Call(trial: self, input: input, layout: .rowMajor))
    } catch is CallFailure {}
  }

  private func log(_ input: LawCase, in format: FloatFormat?) {
    calls += 1
    if latestCalls.count == Self.loggedCalls { latestCalls.removeFirst() }
    latestCalls.append(LoggedCall(input, format))
  }

  private struct Call: FormatPairWork {
    let trial: LawTrial
    let input: LawCase
    let layout: TensorLayout

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ format: F.Type, _ output: G.Type
    ) throws -> [Double] {
      let tensor = Tensor<F>(
        geometry: input.geometry, elements: input.logits.map { F(rounding: $0) })
      var rule = input.accompanying ?? trial.accompanying
      rule.given = trial.subject.givenLoss
      let answer: SoftmaxAnswer<G>
      do {
        answer = try trial.implementation.answer(
          to: rule.inputs(of: trial.subject.operation, tensor), laidOut: layout, as: output)
      } catch let error as UserError where error.kind == .notMeasured && rule.hasParameters {
        // A parameter that is not offered is no finding.
        throw OutsideDomain()
      }
      let expected = trial.subject.operation.outputGeometry(for: tensor.geometry)
      guard answer.probabilities.geometry == expected else {
        throw CallFailure(
          .rubbish,
          "the output has the shape \(answer.probabilities.geometry.shape), the input \(tensor.geometry.shape)"
        )
      }
      trial.misconduct += answer.misconduct
      // A NaN keeps its bits, which tell what was never written.
      return answer.probabilities.elements.map { Double(bitPattern: $0.binary64Encoding) }
    }
  }

  /// The outputs of a lane of a case.
  func lane(_ number: Int, of outputs: [Double], _ input: LawCase) -> [Double] {
    subject.operation.outputGeometry(for: input.geometry).lane(number, of: outputs)
  }

  // MARK: Exact values

  /// The exact values of a lane, in the output format.
  func reference(of lane: [Double]) -> LaneReference {
    references.reference(
      of: lane, subject.operation, accompanied: accompanying, from: subject.input,
      in: subject.output, oracle)
  }

  /// The permitted distance of the outputs for a lane; `nil` where nothing is promised about it.
  func tolerance(of lane: [Double]) throws -> LaneTolerance? {
    if let latest, latest.lane == lane { return latest.tolerance }
    let tolerance = try makeTolerance(of: lane)
    latest = (lane, tolerance)
    return tolerance
  }

  private func makeTolerance(of lane: [Double]) throws -> LaneTolerance? {
    if DerivedTolerance.covers(subject.operation) || accompanying.modifiers != nil {
      let inputs = OperationLane(
        subject.operation, exactly: lane, accompanied: accompanying, in: subject.input)
      if let model = subject.model?.variant {
        return try ModelTolerance(
          model: model, input: subject.input, output: subject.output, underflow: subject.underflow
        ).tolerance(of: inputs)
      }
      if let model = subject.model?.derivedVariant {
        return DerivedModelTolerance(
          model: model, input: subject.input, output: subject.output, underflow: subject.underflow
        ).tolerance(of: inputs)
      }
      return DefaultTolerance(
        subject.operation, output: subject.output, underflow: subject.underflow
      ).tolerance(of: inputs)
    }
    guard let profile = LaneProfile(exactly: lane) else { return nil }
    if let model = subject.model?.variant {
      return try ModelTolerance(
        model: model, input: subject.input, output: subject.output, underflow: subject.underflow
      ).tolerance(of: profile)
    }
    return DefaultTolerance(
      subject.operation, output: subject.output, underflow: subject.underflow
    )
    .tolerance(of: profile)
  }

  /// The largest |y - p| in units of the tolerance, and where it is.
  ///
  /// - Parameter outputs: None of which is a mismatch.
  func largestError(
    of outputs: [Double], lane: [Double], tolerance: LaneTolerance
  ) -> (ratio: Double, index: Int)? {
    var ratio = BoundRatio()
    let bounds = outputs.indices.map { tolerance.bound(at: $0, output: outputs[$0]) }
    ratio.compare(
      outputs, with: bounds, reference: reference(of: lane), lane: 0,
      figures: FigureCache(oracle: oracle))
    undecided += Int(ratio.undecided)
    guard let largest = ratio.largest, let index = ratio.index else { return nil }
    return (largest, index)
  }

  /// The exact value of an output to some digits, for people to read.
  func exactText(_ index: Int, of lane: [Double], digits: Int) -> String {
    let reference = reference(of: lane)
    guard reference.special == nil else { return "undefined" }
    let slot = reference.slot(at: index)
    let value = reference.value(at: index)
    guard slot >= 0 else { return value.isZero ? "0" : "-inf" }
    if value.width == 0, !value.isUndecided { return "\(value.approximate)" }
    return oracle.decimalText(slot: slot, of: reference.inputs, digits: digits)
      ?? reference.inputs.vanishingText(slot: slot)
      ?? (value.isUndecided ? "undecided" : "about \(value.approximate)")
  }

  /// The exact value for every output of a case, in decimal; empty where some lane has no softmax.
  ///
  /// Twenty digits where the lanes are short; a digit costs a whole lane of exponentials, so long
  /// ones have the fifteen that the enclosure holds.
  ///
  /// - Parameter most: How many outputs of the case are told of, from the first on.
  func expected(for input: LawCase, upTo most: Int = .max) -> [String] {
    if subject.operation == .attention { return expected(ofAttention: input, upTo: most) }
    let geometry = subject.operation.outputGeometry(for: input.geometry)
    let count = min(most, geometry.elementCount)
    var texts = [String](repeating: "", count: count)
    for number in 0..<geometry.laneCount
    where geometry.length > 0 && geometry.start(ofLane: number) < count {
      let lane = input.lane(number)
      let reference = reference(of: lane)
      guard reference.special == nil else { return [] }
      var known: [Int: String] = [:]
      for index in 0..<geometry.length {
        let place = geometry.start(ofLane: number) + index * geometry.inner
        guard place < count else { break }
        let slot = reference.slot(at: index)
        let text =
          known[slot]
          ?? (lane.count <= 64
            ? exactText(index, of: lane, digits: 20)
            : "\(reference.value(at: index).approximate)")
        known[slot] = text
        texts[place] = text
      }
    }
    return texts
  }

  /// The signed error of an output in ulps of the exact value, to statistical accuracy; nil where
  /// there is none, or the exact value is not normal.
  func signedUlps(of output: Double, at index: Int, in reference: LaneReference) -> Double? {
    let exact = reference.value(at: index)
    guard output.isFinite, output >= 0, exact.isNormal, !exact.isUndecided, !exact.isZero else {
      return nil
    }
    let error = UlpError(of: output, against: exact)
    return error.isNegative ? -error.magnitude : error.magnitude
  }
}
