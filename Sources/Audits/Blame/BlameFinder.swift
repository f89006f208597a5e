import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import LogitFamilies
import MultiPrecision
import Oracle
import PropertyTesting
import SoftmaxVariants

/// Finds out which stage makes the error of a witness.
///
/// The variant is run again on the lane of the witness, every stage followed; see `StageTrace`. The
/// witness is that of the leading figure: of a softmax the largest error in ULP, of its logarithms
/// the largest scaled error. Other operations have no stages that are known.
package struct BlameFinder: Sendable {
  /// The plan whose rows are to be explained.
  package let plan: AuditPlan
  /// The variant that an implementation is taken for that is no built-in variant, by its name and
  /// format; `nil` for none.
  package let model: @Sendable (_ implementation: String, _ input: FloatFormat) -> SoftmaxVariant?

  /// - Parameters:
  ///   - plan: The plan whose rows are to be explained.
  ///   - model: The variant that an implementation is taken for that is no built-in variant.
  package init(
    _ plan: AuditPlan,
    model: @escaping @Sendable (_ implementation: String, _ input: FloatFormat) -> SoftmaxVariant? =
      { _, _ in nil }
  ) {
    self.plan = plan
    self.model = model
  }

  /// The rows, the worst witness of each implementation and pair of formats explained.
  ///
  /// - Throws: `InternalError` where a variant does not give the output that it was measured
  ///   with.
  package func explain(_ rows: [AccuracyRow]) async throws -> [AccuracyRow] {
    let places = Self.places(in: rows)
    let blames = try await WorkQueue.results(of: places.count, threads: plan.threads) {
      { try blame(for: rows[places[$0]]) }
    }
    var explained = rows
    for (index, blame) in zip(places, blames) { explained[index].leadingWitness?.blame = blame }
    return explained
  }

  /// The rows that are explained: the first with the largest error of each implementation and pair
  /// of formats.
  package static func places(in rows: [AccuracyRow]) -> [Int] {
    var worst: [RowScope: Int] = [:]
    for (index, row) in rows.enumerated() where row.leadingWitness != nil {
      let figure = FigureDescriptor.leading(of: row.operation)
      guard let value = row.figures[figure]?.value else { continue }
      if let present = worst[row.scope].flatMap({ rows[$0].figures[figure]?.value }),
        !(value > present)
      {
        continue
      }
      worst[row.scope] = index
    }
    return worst.values.sorted()
  }

  /// The blame for the worst element of a row; nil where its implementation is like no variant.
  func blame(for row: AccuracyRow) throws -> StageBlame? {
    guard let worst = row.leadingWitness else { return nil }
    let (input, output) = (row.inputFormat, row.outputFormat)
    let own = SoftmaxVariant(named: row.implementation, of: row.operation).flatMap { variant in
      variant.name == row.implementation ? variant : nil
    }
    guard let variant = own ?? model(row.implementation, input) else { return nil }
    guard
      let cell = plan.cells.first(where: {
        $0.format == input && $0.holds(family: row.family, length: row.length)
      })
    else { throw InternalError("a row of \(row.family) has no cell in the plan") }
    return try input.open(
      LaneWork(
        cell: cell, seed: plan.seed, worst: worst, variant: variant, isOwn: own != nil,
        output: output))
  }

  /// Makes the lane again.
  private struct LaneWork: FormatGenericWork {
    let cell: AuditPlan.Cell
    let seed: UInt64
    let worst: AccuracyRow.Witness
    let variant: SoftmaxVariant
    let isOwn: Bool
    let output: FloatFormat

    func run<F: BinaryFloat>(_ format: F.Type) throws -> StageBlame? {
      let lane = try cell.source.lane(worst.sample, seed: seed, as: format)
      guard zip(lane, worst.logits).allSatisfy({ $0.hexText == $1 }) else {
        throw InternalError("the lane of a witness could not be made again")
      }
      return try output.open(
        OutputWork(
          lane: lane, worst: worst, variant: variant, isOwn: isOwn))
    }
  }

  private struct OutputWork<F: BinaryFloat>: FormatGenericWork {
    let lane: [F]
    let worst: AccuracyRow.Witness
    let variant: SoftmaxVariant
    let isOwn: Bool

    func run<G: BinaryFloat>(_ format: G.Type) throws -> StageBlame? {
      try variant.computingFormat(for: F.format).open(
        TraceWork<F, G>(lane: lane, worst: worst, variant: variant, isOwn: isOwn))
    }
  }

  private struct TraceWork<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let lane: [F]
    let worst: AccuracyRow.Witness
    let variant: SoftmaxVariant
    let isOwn: Bool

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> StageBlame? {
      let trace = StageTrace()
      let result = variant.trace(
        lane.map { C(rounding: $0) }, at: worst.index, output: G.self, trace)
      if isOwn, G(rounding: result.computed).hexText != worst.computed {
        throw InternalError(
          "\(variant.name) gives \(G(rounding: result.computed).hexText) where it was measured with \(worst.computed)"
        )
      }
      let oracle = SoftmaxOracle()
      let reference = oracle.reference(
        of: OperationLane(variant.operation, DistinctLogits(of: lane)), in: G.format)
      let exact = reference.value(at: worst.index)
      let slot = reference.slot(at: worst.index)
      guard slot >= 0, !exact.isUndecided, !exact.isInfinite, !exact.isZero,
        let value = oracle.enclosure(slot: slot, of: reference.inputs, relativeBits: 150)
      else { return nil }
      let unit = Int(exact.quantumExponent)
      var own = BigFloat(precision: 200)
      own.setDifference(BigFloat(result.computed), value.lower, .toNearestOrEven)
      own.formProduct(withPowerOfTwo: -unit)
      let error = Figure(own.double(.toNearestOrEven))
      guard trace.overflow == nil else {
        return StageBlame(
          model: variant.name, isOwn: isOwn, ulp: error, stages: [], overflow: trace.overflow)
      }
      // A stage without an alternative had no part in this output.
      let shares = trace.stages.map { stage -> StageBlame.Share in
        let alternative = result.alternatives.first { $0.stage == stage }
        return StageBlame.Share(
          stage: stage,
          ulpIfExact: alternative.map {
            Figure($0.distance(from: value.lower, unitExponent: unit))
          } ?? error)
      }
      return StageBlame(model: variant.name, isOwn: isOwn, ulp: error, stages: shares)
    }
  }
}
