import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

/// The outcome of one call of an implementation.
enum ImplementationCall<G: BinaryFloat> {
  /// The answer, and the time that the implementation took.
  case answered(SoftmaxAnswer<G>, Duration)
  /// The reason why there is no answer.
  case failed(AccuracyRow.Failure)

  /// Calls an implementation, unless the run is over or it does not offer what is asked.
  init<F: BinaryFloat>(
    of implementation: any SoftmaxImplementation, with inputs: OperationInputs<F>
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    do {
      if let objection = RunDeadline.objection { throw UserError(.notMeasured, objection) }
      try implementation.refuseModifiers(notOffered: inputs)
      let answer = try implementation.answer(to: inputs, laidOut: .rowMajor, as: G.self)
      // What lies between us and a worker is not the implementation's time.
      self = .answered(answer, answer.duration ?? (clock.now - start))
    } catch let error as CallFailure {
      self = .failed(.init(kind: .init(error.kind), explanation: error.explanation))
    } catch let error as UserError where error.kind == .notMeasured {
      self = .failed(.init(kind: .notMeasured, explanation: error.message))
    }
  }
}

extension AccuracyRow {
  /// The row of calls that brought no answer: every output that they should have brought counts as
  /// a mismatch.
  ///
  /// Where none was even made, nothing counts.
  ///
  /// - Parameter outputs: The number of outputs.
  static func unanswered(
    by implementation: any SoftmaxImplementation, _ failure: Failure, input: FloatFormat,
    output: FloatFormat, family: String, geometry: LaneGeometry, outputs: Int,
    parameters: RowParameters?
  ) -> AccuracyRow {
    let wasCalled = failure.kind != .notMeasured
    let elements = wasCalled ? UInt64(outputs) : 0
    var row = AccuracyRow(
      implementation: implementation.name, inputFormat: input, outputFormat: output,
      operation: implementation.operation, family: family, length: geometry.length,
      shape: geometry.shape, axis: geometry.axis, parameters: parameters)
    row.lanes = wasCalled ? UInt64(geometry.laneCount) : 0
    row.elements = elements
    row.mismatches = elements
    row.mismatchedLanes = elements > 0 ? UInt64(geometry.laneCount) : 0
    row.mismatchesInDomain = elements
    row.failure = failure
    return row
  }
}

extension Duration {
  /// The nanoseconds for each of some elements; `nil` for none.
  func nanoseconds(per elements: Int) -> Double? {
    guard elements > 0 else { return nil }
    let (seconds, attoseconds) = components
    return (Double(seconds) * 1e9 + Double(attoseconds) * 1e-9) / Double(elements)
  }
}
