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
  private static let batch = 8
  /// The lanes that an island breeds from.
  private static let population = 6

  package let implementation: any SoftmaxImplementation
  package let input: FloatFormat
  package let output: FloatFormat
  package let length: Int
  package var objective = SearchObjective.ulp
  /// The number of outputs looked at, those of all islands together.
  package var budget = 1 << 24
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
  }

  private var judge: LaneJudge {
    LaneJudge(implementation, input: input, output: output, settings: settings)
  }

  /// The islands to be looked at.
  package var chosenIslands: [Int] {
    (0..<Self.islands).filter { shard?.contains($0) ?? true }
  }

  /// The number of lanes that an island looks at.
  ///
  /// All look at as many, and what is left over goes to the first ones. Where that is less than a
  /// whole call for each, the first ones make whole calls and the others none: what goes wrong in
  /// one place of a call shows nowhere else.
  private func lanes(ofIsland island: Int) -> Int {
    let lanes = max(budget / max(length, 1), Self.batch)
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
        try shared.add(try input.open(InputWork(plan: self, island: islands[$0])), progress)
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

  /// One lane again, by its genome.
  package func replay(_ genome: LaneGenome) throws -> SearchRow.Finding? {
    try input.open(ReplayInput(plan: self, genome: genome))
  }

  /// A row without a finding.
  package var emptyRow: SearchRow {
    SearchRow(
      implementation: implementation.name, inputFormat: input,
      outputFormat: output, operation: AuditedOperation.softmax.name, length: length,
      objective: objective, model: judge.modelName)
  }

  private struct InputWork: FormatGenericWork {
    let plan: WorstCaseSearch
    let island: Int
    func run<F: BinaryFloat>(_ format: F.Type) throws -> SearchRow {
      try plan.output.open(OutputWork<F>(plan: plan, island: island))
    }
  }

  private struct OutputWork<F: BinaryFloat>: FormatGenericWork {
    let plan: WorstCaseSearch
    let island: Int
    func run<G: BinaryFloat>(_ format: G.Type) throws -> SearchRow {
      var worker = SearchIsland<F, G>(plan, island)
      return try worker.run()
    }
  }

  private struct ReplayInput: FormatGenericWork {
    let plan: WorstCaseSearch
    let genome: LaneGenome
    func run<F: BinaryFloat>(_ format: F.Type) throws -> SearchRow.Finding? {
      try plan.output.open(ReplayOutput<F>(plan: plan, genome: genome))
    }
  }

  private struct ReplayOutput<F: BinaryFloat>: FormatGenericWork {
    let plan: WorstCaseSearch
    let genome: LaneGenome
    func run<G: BinaryFloat>(_ format: G.Type) throws -> SearchRow.Finding? {
      let island = SearchIsland<F, G>(plan, 0)
      let lane = island.lane(of: genome)
      let alone = try island.outputs(of: [lane])[0]
      // What depends on the place in a batch shows in a batch of the same lane.
      let batch = WorstCaseSearch.batch
      let together = try island.outputs(of: Array(repeating: lane, count: batch))
      var candidates = [SearchIsland<F, G>.Candidate(lane: lane, outputs: alone, genome: genome)]
      for (place, outputs) in together.enumerated()
      where outputs.map(\.bitPattern) != alone.map(\.bitPattern) {
        candidates.append(
          .init(lane: lane, outputs: outputs, genome: genome, place: (place, batch)))
      }
      let findings = try candidates.compactMap { try island.certified($0) }
      return findings.reduce(nil) { worst, finding in
        guard let worst else { return finding }
        return finding.value(plan.objective) > worst.value(plan.objective) ? finding : worst
      }
    }
  }

  /// One island, for known formats.
  private struct SearchIsland<F: BinaryFloat, G: BinaryFloat> {
    let plan: WorstCaseSearch
    let island: Int
    private let oracle = SoftmaxOracle()
    private let score: LaneScore<F, G>
    private var row: SearchRow

    /// A lane that was looked at.
    struct Candidate {
      var lane: [F]
      var outputs: [G]
      var genome: LaneGenome?
      var value = -1.0
      /// Its place among the lanes of its call, and their number.
      var place: (lane: Int, lanes: Int)?
    }

    init(_ plan: WorstCaseSearch, _ island: Int) {
      self.plan = plan
      self.island = island
      score = LaneScore(objective: plan.objective, laneJudge: plan.judge, oracle: oracle)
      row = plan.emptyRow
    }

    mutating func run() throws -> SearchRow {
      let own = plan.lanes(ofIsland: island)
      row.found = try search(lanes: own)
      row.lanes = UInt64(own)
      row.elements = UInt64(own * plan.length)
      let families = LogitFamily.all.filter { $0.applies(to: F.format) }
      let constructedNames = Set(adversarial.map(\.name))
      row.random = try sample(families.filter { !constructedNames.contains($0.name) }, lanes: own)
      row.constructed = try sample(
        families.filter { constructedNames.contains($0.name) }, lanes: min(own, 4))
      row.islands = [island]
      countUnjudged([row.found, row.random, row.constructed])
      return row
    }

    /// Counts the lanes with the largest errors that have no bound, where nothing else has.
    private mutating func countUnjudged(_ findings: [SearchRow.Finding?]) {
      guard plan.objective == .ulp, plan.judge.expectsBounds else { return }
      let unjudged = findings.count { $0.map { $0.bound == nil } ?? false }
      if unjudged > 0 { row.notJudged = (row.notJudged ?? 0) + UInt64(unjudged) }
    }

    /// Breeds lanes.
    private mutating func search(lanes: Int) throws -> SearchRow.Finding? {
      var random = CounterGenerator(
        seed: plan.seed, stream: "search/\(F.format.rawValue)/\(plan.length)/\(island)")
      var population: [Candidate] = []
      var best: Candidate?
      var (looked, sinceBetter) = (0, 0)
      // As many at random as make a population, and more where there is room for more.
      let patience = max(24, lanes / 6)
      var scouting = max(WorstCaseSearch.population, min(lanes / 4, 64))
      while looked < lanes {
        let count = min(WorstCaseSearch.batch, lanes - looked)
        let genomes = (0..<count).map { _ -> LaneGenome in
          guard scouting <= 0, let parent = pick(population, &random)?.genome else {
            scouting -= 1
            return LaneGenome.random(F.format, &random)
          }
          if random.integer(0...7) == 0, let other = pick(population, &random)?.genome {
            return LaneGenome.cross(parent, other, &random).changed(F.format, &random)
          }
          return parent.changed(F.format, &random)
        }
        let made = genomes.map { lane(of: $0) }
        let outputs = try outputs(of: made)
        for index in genomes.indices {
          looked += 1
          sinceBetter += 1
          var candidate = Candidate(
            lane: made[index], outputs: outputs[index], genome: genomes[index],
            place: (index, count))
          let estimate = try score.score(candidate.lane, candidate.outputs)
          if estimate.isUndeclaredMismatch, row.mismatch == nil {
            row.mismatch = mismatch(candidate)
          }
          if estimate.isUnjudged { row.notJudged = (row.notJudged ?? 0) + 1 }
          guard let value = estimate.value else { continue }
          candidate.value = value
          if value > best?.value ?? -1 {
            best = candidate
            sinceBetter = 0
          }
          insert(candidate, into: &population)
        }
        if sinceBetter >= patience {
          // Nothing better for long: breed from others. The best is kept apart.
          population = []
          scouting = WorstCaseSearch.population
          sinceBetter = 0
        }
      }
      return try best.flatMap { try certified($0) }
    }

    /// One of a population, the better of two.
    private func pick(
      _ population: [Candidate], _ random: inout CounterGenerator
    ) -> Candidate? {
      guard !population.isEmpty else { return nil }
      let (a, b) = (
        random.integer(0...population.count - 1), random.integer(0...population.count - 1)
      )
      return population[min(a, b)]
    }

    /// Keeps a population sorted and without two of one score.
    private func insert(_ candidate: Candidate, into population: inout [Candidate]) {
      if population.contains(where: { $0.value == candidate.value }) { return }
      let place = population.firstIndex { $0.value < candidate.value } ?? population.count
      population.insert(candidate, at: place)
      if population.count > WorstCaseSearch.population { population.removeLast() }
    }

    /// The worst of the island's part of the families' lanes.
    private mutating func sample(
      _ families: [LogitFamily], lanes: Int
    ) throws -> SearchRow.Finding? {
      guard !families.isEmpty else { return nil }
      var best: Candidate?
      var bestName = ""
      var looked = 0
      while looked < lanes {
        let count = min(WorstCaseSearch.batch, lanes - looked)
        let numbers = (looked..<looked + count).map { $0 * WorstCaseSearch.islands + island }
        let made: [[F]] = numbers.map { number in
          domain.limited(
            families[number % families.count].lane(
              seed: plan.seed, length: plan.length, sample: number / families.count) as [F])
        }
        let outputs = try outputs(of: made)
        for index in made.indices {
          var candidate = Candidate(
            lane: made[index], outputs: outputs[index], place: (index, count))
          guard let value = try score.score(candidate.lane, candidate.outputs).value else {
            continue
          }
          candidate.value = value
          if value > best?.value ?? -1 {
            best = candidate
            bestName = families[numbers[index] % families.count].name
          }
        }
        looked += count
      }
      var finding = try best.flatMap { try certified($0) }
      finding?.family = bestName
      return finding
    }

    private var domain: InputDomain {
      var domain = plan.implementation.askedDomain
      if let limit = plan.largestLogit {
        domain.largestLogit = min(limit, domain.largestLogit ?? .infinity)
      }
      return domain
    }

    /// The lane of a genome, within what the implementation is made for.
    func lane(of genome: LaneGenome) -> [F] { domain.limited(genome.lane(length: plan.length)) }

    /// The outputs of lanes of one length.
    func outputs(of lanes: [[F]]) throws -> [[G]] {
      let tensor = Tensor(
        geometry: try LaneGeometry(shape: [lanes.count, plan.length], axis: 1),
        elements: lanes.flatMap { $0 })
      let result = try plan.implementation.softmax(tensor, as: G.self)
      guard result.elements.count == tensor.elements.count else {
        throw CallFailure(.rubbish, "the output has \(result.elements.count) elements")
      }
      return lanes.indices.map { result.lane($0) }
    }

    private func mismatch(_ candidate: Candidate) -> SearchRow.Finding? {
      let index = candidate.outputs.firstIndex { !$0.isFinite || $0.isNegative && !$0.isZero }
      guard let index else { return nil }
      return finding(candidate, index: index, exact: "", ulp: nil, ratio: nil, bound: nil)
    }

    private func finding(
      _ candidate: Candidate, index: Int, exact: String, ulp: Figure?, ratio: Figure?,
      bound: Figure?
    ) -> SearchRow.Finding {
      SearchRow.Finding(
        island: island, logits: candidate.lane.map(\.hexText), index: index,
        computed: candidate.outputs[index].hexText, exact: exact, ulp: ulp, ratio: ratio,
        bound: bound, genome: candidate.genome)
    }

    /// Certifies a lane by MPFR; `nil` where it measures nothing that the objective asks for.
    func certified(_ candidate: Candidate) throws -> SearchRow.Finding? {
      let reference = oracle.softmax(of: candidate.lane, in: G.format)
      let promise = try plan.judge.promise(on: LaneProfile(candidate.lane))
      var statistics = AccuracyStatistics()
      var measurement = LaneMeasurement(oracle: oracle)
      measurement.measure(
        candidate.outputs, lane: 0, reference: reference, policy: .nanSomewhere, promise: promise,
        into: &statistics)
      let maximum = plan.objective == .ulp ? statistics.maxUlp : statistics.maxRatio
      guard let location = maximum.location, maximum.figure != nil else { return nil }
      let exact = reference.value(at: location.index)
      let output = candidate.outputs[location.index]
      let error = UlpError(of: output, against: exact)
      let slot = reference.slot(at: location.index)
      let magnitude = CertifiedUlp.figure(
        of: output.exactDouble, slot: slot, of: reference.inputs,
        quantumExponent: Int(exact.quantumExponent), oracle: oracle)
      var bound: Figure?
      if let bounds = promise.bounds {
        bound = Figure(bounds[location.index].scaled(byPowerOfTwo: -Int(exact.quantumExponent)))
      }
      var found = finding(
        candidate, index: location.index,
        exact: oracle.decimalText(slot: slot, of: reference.inputs, digits: 40)
          ?? "undecided",
        ulp: magnitude.map { Figure(error.isNegative ? -$0 : $0) },
        ratio: statistics.maxRatio.figure.map { Figure($0) }, bound: bound)
      if let (lane, lanes) = candidate.place, lanes > 1 {
        let alone = try outputs(of: [candidate.lane])[0]
        if alone.map(\.bitPattern) != candidate.outputs.map(\.bitPattern) {
          found.batch = .init(lane: lane, lanes: lanes)
        }
      }
      return found
    }
  }
}
