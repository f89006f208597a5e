import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import PropertyTesting
import SoftmaxVariants
import Synchronization

/// Hunts for the lane of one length on which one implementation errs most.
///
/// 64 islands, each with its own seed and its own part of the budget, breed genomes of lanes: a
/// lane that scores higher than one of the few best takes its place; what stands still for long
/// starts again. An island depends on nothing but the seed, its number and the plan, so that
/// neither threads nor shards show in what is found.
///
/// With the same number of elements the families of an audit are sampled, for comparison: those
/// that are built against a summation apart from the others, since they know what a search has to
/// find out.
package struct WorstCaseSearch: Sendable {
  /// The number of islands.
  package static let islands = 64
  /// The lanes of one call.
  static let batch = 8
  /// The lanes that an island breeds from.
  static let population = 6

  package let implementation: any SoftmaxImplementation
  package let input: FloatFormat
  package let output: FloatFormat
  package let length: Int
  package var objective = SearchObjective.ulp
  /// The number of outputs looked at, those of all islands together.
  package var budget: Int
  package var seed = RunSeed.standard
  package var threads = 1
  /// The shard whose islands are looked at; `nil` for all.
  package var shard: Shard?
  /// By what errors are judged.
  package var settings = MeasurementSettings()
  /// The largest magnitude of a finite logit that is asked about; nil for any.
  package var largestLogit: Double?

  /// - Parameter output: nil for the implementation's own.
  package init(
    _ implementation: any SoftmaxImplementation, input: FloatFormat, output: FloatFormat? = nil,
    length: Int
  ) {
    self.implementation = implementation
    self.input = input
    self.output = output ?? implementation.defaultOutputFormat(for: input)
    self.length = length
    budget = Self.defaultBudget(of: implementation.operation)
  }

  /// The outputs that are looked at where nobody says how many.
  ///
  /// Only softmax has filters; the arbiter takes some microseconds for an output.
  package static func defaultBudget(of operation: AuditedOperation) -> Int {
    operation == .softmax ? 1 << 24 : 1 << 18
  }

  var judge: LaneJudge {
    LaneJudge(implementation, input: input, output: output, settings: settings)
  }

  package var operation: AuditedOperation { implementation.operation }

  /// The number of outputs of a lane.
  var outputsOfLane: Int { operation.outputCount(ofLength: length) }

  /// The islands to be looked at.
  package var chosenIslands: [Int] {
    (0..<Self.islands).filter { shard?.contains($0) ?? true }
  }

  /// The number of lanes that an island looks at.
  ///
  /// All look at as many, and what is left over goes to the first ones. Where that is less than a
  /// whole call for each, the first ones make whole calls and the others none: what goes wrong in
  /// one place of a call shows nowhere else.
  func lanes(ofIsland island: Int) -> Int {
    let lanes = max(budget / max(outputsOfLane, 1), Self.batch)
    let unit = lanes / Self.islands >= Self.batch ? 1 : Self.batch
    let units = lanes / unit
    return unit * (units / Self.islands + (island < units % Self.islands ? 1 : 0))
  }

  /// Searches all islands.
  ///
  /// - Parameter progress: Called after each island, from any thread, with the number of islands
  ///   done.
  /// - Throws: ``CallFailure`` where a call brought no answer.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ row: SearchRow) throws -> Void = { _, _ in }
  ) async throws -> SearchRow {
    let shared = Shared(emptyRow)
    let islands = chosenIslands
    _ = try await WorkQueue.share(islands.count, among: threads) { queue in
      try queue.forEach {
        let work = IslandWork(plan: self, island: islands[$0])
        try shared.add(try input.open(with: output, work), progress)
      }
    }
    return shared.row
  }

  /// The state that threads share.
  private final class Shared: Sendable {
    private struct Content: Sendable {
      var done = 0
      var row: SearchRow
    }
    private let content: Mutex<Content>

    init(_ row: SearchRow) { content = Mutex(Content(row: row)) }

    var row: SearchRow { content.withLock { $0.row } }

    func add(_ row: SearchRow, _ progress: @Sendable (Int, SearchRow) throws -> Void) throws {
      let (done, whole) = content.withLock { content in
        content.done += 1
        content.row.merge(row)
        return (content.done, content.row)
      }
      try progress(done, whole)
    }
  }

  /// One lane again, by its genome: its largest error, and an output that matches nothing.
  package func replay(_ genome: LaneGenome) throws -> SearchRow {
    try input.open(with: output, ReplayWork(plan: self, genome: genome))
  }

  /// A row without a finding.
  package var emptyRow: SearchRow {
    SearchRow(
      implementation: implementation.name, inputFormat: input,
      outputFormat: output, operation: operation, length: length,
      objective: objective, model: judge.modelName)
  }

  private struct IslandWork: FormatPairWork {
    let plan: WorstCaseSearch
    let island: Int

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> SearchRow {
      var worker = try SearchIsland<F, G>(plan, island)
      return try worker.run()
    }
  }

  private struct ReplayWork: FormatPairWork {
    let plan: WorstCaseSearch
    let genome: LaneGenome

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> SearchRow {
      let island = try SearchIsland<F, G>(plan, 0)
      let inputs = island.inputs(of: genome)
      let alone = try island.outputs(of: [inputs])[0]
      // What depends on the place in a batch shows in a batch of the same lane.
      let batch = WorstCaseSearch.batch
      let together = try island.outputs(of: Array(repeating: inputs, count: batch))
      var candidates = [
        SearchIsland<F, G>.Candidate(inputs: inputs, outputs: alone, genome: genome)
      ]
      for (place, outputs) in together.enumerated()
      where !outputs.hasSameBits(as: alone) {
        candidates.append(
          .init(inputs: inputs, outputs: outputs, genome: genome, place: (place, batch)))
      }
      var row = plan.emptyRow
      for candidate in candidates {
        if row.mismatch == nil, try island.score(candidate).isUndeclaredMismatch {
          row.mismatch = island.mismatch(candidate)
        }
        guard let finding = try island.certified(candidate) else { continue }
        if finding.value(plan.objective) > row.found?.value(plan.objective) ?? -1 {
          row.found = finding
        }
      }
      return row
    }
  }
}
