import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Oracle

extension AccuracyRow.Witness {
  /// The number of logits of a witness that are written out.
  static var shownLogits: Int { 32 }

  /// The witness of a maximum.
  ///
  /// - Parameters:
  ///   - lane: The logits of its lane.
  ///   - computed: The output at its place.
  ///   - figure: The certified magnitude of the error; nil where the place was found by something
  ///     else.
  ///   - scaled: The certified scaled error; nil where the place was found by something else.
  ///   - family: What the logits are called in messages.
  ///   - promise: What is promised of the lane.
  /// - Throws: ``InternalError`` where the arbiter measures another error.
  package init<F: BinaryFloat, G: BinaryFloat>(
    _ lane: [F], computed: G, reference: some ExactLane, at location: ElementLocation,
    figure: Double?, scaled: Double? = nil, family: String, promise: LanePromise = .none,
    oracle: SoftmaxOracle
  ) throws {
    let exact = reference.value(at: location.index)
    let error = UlpError(of: computed, against: exact)
    // Whatever tier found it, the arbiter has seen every witness.
    let confirmed = CertifiedUlp.figure(
      of: computed.exactDouble, slot: reference.slot(at: location.index), of: reference.inputs,
      quantumExponent: Int(exact.quantumExponent), oracle: oracle)
    if let figure, let confirmed,
      CertifiedUlp.disagree(figure, confirmed, for: reference.inputs)
    {
      throw InternalError(
        "a filter measured \(figure) ulp where MPFR measures \(confirmed): "
          + "\(family), lane \(location.lane), index \(location.index)")
    }
    if let scaled {
      let confirmed = ErrorScale(of: exact, at: location.index, in: reference, oracle: oracle)?
        .figure(
          of: computed.exactDouble, isBelow: error.isNegative,
          slot: reference.slot(at: location.index), inputs: reference.inputs, oracle: oracle)
      if let confirmed,
        CertifiedUlp.disagree(scaled, confirmed, for: reference.inputs)
      {
        throw InternalError(
          "a scaled error of \(scaled) was measured where MPFR measures \(confirmed): "
            + "\(family), lane \(location.lane), index \(location.index)")
      }
    }
    let magnitude = figure ?? confirmed ?? CertifiedUlp.roundedUp(error.magnitudeUpperBound)
    let text = oracle.decimalText(
      slot: reference.slot(at: location.index), of: reference.inputs, digits: 40)
    var bound: Figure?
    if let bounds = promise.bounds {
      bound = Figure(
        bounds[location.index].scaled(byPowerOfTwo: -Int(exact.quantumExponent)))
    }
    self.init(
      logits: lane.prefix(Self.shownLogits).map(\.hexText),
      elided: max(0, lane.count - Self.shownLogits), sample: location.lane,
      index: location.index, computed: computed.hexText, exact: text ?? "undecided",
      ulp: Figure(error.isNegative ? -magnitude : magnitude), scaled: scaled.map { Figure($0) },
      bound: bound,
      accompanying: WitnessInputs(
        reference.inputs, channel: location.index, upTo: Self.shownLogits))
  }
}

extension WitnessInputs {
  /// The inputs of a lane beside its first; `nil` where the operation takes one alone.
  ///
  /// - Parameter channel: The output of a row of attention that values are told for.
  package init?(_ lane: OperationLane, channel: Int = 0, upTo most: Int) {
    guard lane.operation.hasAccompanyingInputs || lane.modified != nil else { return nil }
    self.init()
    if let attention = lane.attention {
      let row = attention.row
      take(row.modifiers, upTo: most)
      if attention.part == .output {
        values = (0..<min(row.head.count, most)).map { row.head.value($0, channel).hexText }
      }
    }
    if let modified = lane.modified { take(modified.modifiers, upTo: most) }
    if lane.operation.inputs.contains(.upstream) {
      upstream = lane.upstream.prefix(most).map(\.hexText)
    }
    if let target = lane.target { take([target], lane.parameters, upTo: most) }
  }
}
