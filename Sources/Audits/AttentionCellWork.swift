import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle

/// Measures the attentions of a plan on the rows of one cell, for a known format of the inputs.
///
/// An implementation gets the whole cell in one call: kernels work on blocks of queries and keys.
struct AttentionCellWork<F: BinaryFloat> {
  private let plan: AuditPlan
  private let family: AttentionFamily
  private let oracle: SoftmaxOracle
  private let inputs: OperationInputs<F>
  private let saved: SavedAttention

  /// - Parameters:
  ///   - keys: The number of keys.
  ///   - rows: The number of rows.
  init(
    _ plan: AuditPlan, _ family: AttentionFamily, keys: Int, rows: Int, oracle: SoftmaxOracle
  ) throws {
    self.plan = plan
    self.family = family
    self.oracle = oracle
    let given = plan.modifiers[F.format] ?? .none
    inputs = try OperationInputs(
      family, keys: keys, rows: rows, seed: plan.seed, modifiers: given)
    let attention = try inputs.ofAttention()
    let shape = attention.shape
    saved = try SavedAttention(
      query: TensorLanes(shape: shape.query, elements: inputs.first.elements),
      key: TensorLanes(shape: shape.key, elements: attention.key),
      value: TensorLanes(shape: shape.value, elements: attention.value),
      given: given)
  }

  /// The rows of results of some of the implementations: of the output, and of the logsumexp where
  /// one gives it.
  func rows(of implementations: [Int]) throws -> [Audit.CellRow] {
    try FloatFormat.everyOne.flatMap { output -> [Audit.CellRow] in
      let chosen = implementations.filter {
        (plan.outputFormat ?? plan.implementations[$0].defaultOutputFormat(for: F.format))
          == output
      }
      return chosen.isEmpty ? [] : try output.open(OutputWork(cell: self, implementations: chosen))
    }
  }

  // MARK: Outputs

  /// Calls implementations with outputs of one format, and measures what they answer.
  private struct OutputWork: FormatGenericWork {
    let cell: AttentionCellWork
    let implementations: [Int]

    func run<G: BinaryFloat>(_ output: G.Type) throws -> [Audit.CellRow] {
      var rows: [Audit.CellRow] = []
      var outputs: [Answer<G>] = []
      var logSumExps: [FloatFormat: [LogSumExpWork.Given]] = [:]
      for index in implementations {
        switch try cell.call(index, as: output) {
        case .answered(let answer, let duration):
          outputs.append(
            Answer(
              implementation: index, tensor: answer.probabilities, duration: duration,
              misconduct: answer.misconduct))
          if let logSumExp = answer.logSumExp {
            logSumExps[logSumExp.format, default: []].append(
              (index, answer.misconduct, logSumExp.numbers))
          }
        case .failed(let failure):
          rows.append(
            .init(implementation: index, row: try cell.unanswered(index, failure, output)))
        }
      }
      rows += try cell.measure(outputs, .output)
      for (format, given) in logSumExps.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        rows += try format.open(LogSumExpWork(cell: cell, answers: given))
      }
      return rows
    }
  }

  /// Measures the logsumexps that implementations gave in one format.
  private struct LogSumExpWork: FormatGenericWork {
    typealias Given = (implementation: Int, misconduct: [Misconduct], numbers: [Double])
    let cell: AttentionCellWork
    let answers: [Given]

    func run<H: BinaryFloat>(_ format: H.Type) throws -> [Audit.CellRow] {
      let geometry = AttentionShape.rows(of: cell.saved.laneShape(of: .logSumExp))
      return try cell.measure(
        answers.map {
          Answer<H>(
            implementation: $0.implementation,
            tensor: Tensor(geometry: geometry, elements: [H](rounding: $0.numbers)),
            duration: nil, misconduct: $0.misconduct)
        }, .logSumExp)
    }
  }

  /// An output of an implementation.
  private struct Answer<G: BinaryFloat> {
    let implementation: Int
    let tensor: Tensor<G>
    /// The time that the call took; `nil` for what came along.
    let duration: Duration?
    let misconduct: [Misconduct]
  }

  private func call<G: BinaryFloat>(
    _ index: Int, as output: G.Type
  ) throws -> ImplementationCall<G> {
    let call = try ImplementationCall<G>(of: plan.implementations[index], with: inputs)
    guard case .answered(let answer, _) = call else { return call }
    let shape = answer.probabilities.geometry.shape
    if shape != saved.shape.output {
      return .failed(
        .init(
          kind: .rubbish,
          explanation: "the output has the shape \(shape), not \(saved.shape.output)"))
    }
    if let given = answer.logSumExp, given.numbers.count != saved.shape.rowCount {
      return .failed(
        .init(
          kind: .rubbish,
          explanation:
            "there are \(given.numbers.count) logsumexps of \(saved.shape.rowCount) queries"))
    }
    return call
  }

  private func unanswered<G: BinaryFloat>(
    _ index: Int, _ failure: AccuracyRow.Failure, _ output: G.Type
  ) throws -> AccuracyRow {
    let geometry = AttentionShape.rows(of: saved.shape.output)
    var row = AccuracyRow.unanswered(
      by: plan.implementations[index], failure, input: F.format, output: G.format,
      family: family.name, geometry: geometry, outputs: geometry.elementCount,
      parameters: saved.parameters)
    row.outputRole = AttentionPart.output.rawValue
    row.length = saved.shape.keys
    return row
  }

  // MARK: Measuring

  /// Measures outputs of several implementations against the same exact values.
  private func measure<G: BinaryFloat>(
    _ answers: [Answer<G>], _ part: AttentionPart
  ) throws -> [Audit.CellRow] {
    guard !answers.isEmpty else { return [] }
    let measurement = try Measurement(
      answers.map { answer in
        let implementation = plan.implementations[answer.implementation]
        return AttentionOutputs<G>(
          try AttentionPair(
            family: family.name, inputs: saved, part: part,
            outputs: TensorLanes(
              shape: saved.laneShape(of: part), elements: answer.tensor.elements)),
          by: LaneJudge(
            implementation, input: F.format, output: G.format, settings: plan.settings),
          specialLanes: plan.settings.specialLanes ?? implementation.specialLanes)
      })
    let evaluation = RowEvaluation(
      saved, part, tier: plan.oracleTier, settings: plan.settings, oracle: oracle)
    for number in 0..<evaluation.partCount {
      try measurement.measure(part: number, in: G.format, by: evaluation)
    }
    return try zip(answers, measurement.outputs).map { answer, outputs in
      let implementation = plan.implementations[answer.implementation]
      var row = try outputs.row(
        of: implementation.name, outputs.statistics,
        excusesMismatches: plan.settings.declaredModel != nil || implementation.excusesOwnDomain,
        nsPerElement: answer.duration?.nanoseconds(per: answer.tensor.elements.count),
        oracle: oracle)
      if !answer.misconduct.isEmpty { row.misconduct = answer.misconduct }
      return Audit.CellRow(implementation: answer.implementation, row: row)
    }
  }

  /// The outputs of several implementations, on their way to figures.
  private final class Measurement<G: BinaryFloat>: RowMeasuring {
    private(set) var outputs: [AttentionOutputs<G>]

    init(_ outputs: [AttentionOutputs<G>]) { self.outputs = outputs }

    func measure(_ rows: Range<Int>, _ exact: ExactLanes<some ExactLane>) throws {
      // What declares the same is promised the same.
      var known: [LaneJudge: LanePromises] = [:]
      for place in outputs.indices {
        let judge = outputs[place].judge
        let promises =
          try known[judge] ?? judge.promises(on: exact.references.map(\.inputs))
        known[judge] = promises
        outputs[place].measure(rows, exact, promises: promises)
      }
    }
  }
}
