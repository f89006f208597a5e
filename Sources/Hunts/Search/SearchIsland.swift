import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import PropertyTesting
import SoftmaxVariants

/// One island of a search, for known formats.
struct SearchIsland<F: BinaryFloat, G: BinaryFloat> {
  let plan: WorstCaseSearch
  let island: Int
  private let oracle = SoftmaxOracle()
  private let scoring: LaneScoring
  /// The shape of one lane.
  private let oneLane: LaneGeometry
  private var row: SearchRow

  /// The two ways to score a lane.
  private enum LaneScoring {
    /// By an estimate from above, for softmax.
    case filtered(LaneScore<F, G>)
    /// By the arbiter, for everything else.
    case arbitrated(ArbitratedScore<G>)
  }

  /// A lane that was looked at.
  struct Candidate {
    var inputs: OperationInputs<F>
    var outputs: [G]
    var genome: LaneGenome?
    var value = -1.0
    /// Its place among the lanes of its call, and their number.
    var place: (lane: Int, lanes: Int)?
  }

  init(_ plan: WorstCaseSearch, _ island: Int) throws(UserError) {
    self.plan = plan
    self.island = island
    oneLane = try LaneGeometry(shape: [1, plan.length], axis: 1)
    // Filters know the softmax, and its errors in ULP and in parts of a bound.
    scoring =
      plan.operation == .softmax && plan.objective != .scaled
      ? .filtered(LaneScore(objective: plan.objective, laneJudge: plan.judge, oracle: oracle))
      : .arbitrated(
        ArbitratedScore(objective: plan.objective, laneJudge: plan.judge, oracle: oracle))
    row = plan.emptyRow
  }

  mutating func run() throws -> SearchRow {
    let own = plan.lanes(ofIsland: island)
    row.found = try search(lanes: own)
    row.lanes = UInt64(own)
    row.elements = UInt64(own * plan.outputsOfLane)
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
    guard plan.objective != .bound, plan.judge.expectsBounds else { return }
    let unjudged = findings.count { $0.map { $0.bound == nil } ?? false }
    if unjudged > 0 { row.notJudged = (row.notJudged ?? 0) + UInt64(unjudged) }
  }

  func score(_ candidate: Candidate) throws -> ScoredLane {
    switch scoring {
    case .filtered(let score): try score.score(candidate.inputs.first.elements, candidate.outputs)
    case .arbitrated(let score): try score.score(lane(of: candidate), candidate.outputs)
    }
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
      let made = genomes.map { inputs(of: $0) }
      let outputs = try outputs(of: made)
      for index in genomes.indices {
        looked += 1
        sinceBetter += 1
        var candidate = Candidate(
          inputs: made[index], outputs: outputs[index], genome: genomes[index],
          place: (index, count))
        let scored = try score(candidate)
        if scored.isUndeclaredMismatch, row.mismatch == nil {
          row.mismatch = mismatch(candidate)
        }
        if scored.isUnjudged { row.notJudged = (row.notJudged ?? 0) + 1 }
        guard let value = scored.value else { continue }
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
      let made = numbers.map { number in
        let family = families[number % families.count]
        return inputs(
          of: family.lane(
            seed: plan.seed, length: plan.length, sample: number / families.count),
          family: family.name, seed: plan.seed)
      }
      let outputs = try outputs(of: made)
      for index in made.indices {
        var candidate = Candidate(
          inputs: made[index], outputs: outputs[index], place: (index, count))
        guard let value = try score(candidate).value else { continue }
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

  // MARK: Lanes

  private var domain: InputDomain {
    var domain = plan.implementation.askedDomain
    if let limit = plan.largestLogit {
      domain.largestLogit = min(limit, domain.largestLogit ?? .infinity)
    }
    return domain
  }

  /// The inputs of one lane that a genome makes, within what the implementation is made for.
  ///
  /// Those beside the first follow from the lane and from the seed of the genome.
  func inputs(of genome: LaneGenome) -> OperationInputs<F> {
    inputs(of: genome.lane(length: plan.length), family: "search", seed: genome.seed)
  }

  private func inputs(of logits: [F], family: String, seed: UInt64) -> OperationInputs<F> {
    OperationInputs(
      of: plan.operation, logits: Tensor(geometry: oneLane, elements: domain.limited(logits)),
      family: family, seed: seed)
  }

  /// The outputs of lanes, by one call.
  func outputs(of lanes: [OperationInputs<F>]) throws -> [[G]] {
    let call = try OperationInputs(joining: lanes)
    let result = try plan.implementation.outputs(for: call, as: G.self)
    let expected = plan.operation.outputGeometry(for: call.first.geometry).elementCount
    guard result.elements.count == expected else {
      throw CallFailure(.rubbish, "the output has \(result.elements.count) elements")
    }
    return lanes.indices.map { result.lane($0) }
  }

  /// The lane of a candidate, as the oracle takes it.
  private func lane(of candidate: Candidate) -> OperationLane {
    OperationLane(plan.operation, candidate.inputs.lane(0), candidate.inputs.parameters)
  }

  // MARK: Findings

  /// The first output of a lane that matches nothing; `nil` where there is none.
  func mismatch(_ candidate: Candidate) -> SearchRow.Finding? {
    let lane = lane(of: candidate)
    let reference = oracle.reference(of: lane, in: G.format)
    guard reference.special == nil else { return nil }
    let index = candidate.outputs.indices.first { index in
      let kind = OutputClass(
        candidate.outputs[index], against: reference.value(at: index), of: plan.operation.output,
        in: G.format)
      if case .mismatch = kind { return true }
      return false
    }
    return index.map { finding(candidate, lane, index: $0, exact: "") }
  }

  private func finding(
    _ candidate: Candidate, _ lane: OperationLane, index: Int, exact: String
  ) -> SearchRow.Finding {
    SearchRow.Finding(
      island: island, logits: candidate.inputs.first.elements.map(\.hexText), index: index,
      computed: candidate.outputs[index].hexText, exact: exact, genome: candidate.genome,
      accompanying: WitnessInputs(lane, upTo: plan.length))
  }

  /// The finding that MPFR makes of a lane; `nil` where it measures nothing that the objective asks
  /// for.
  func certified(_ candidate: Candidate) throws -> SearchRow.Finding? {
    let lane = lane(of: candidate)
    let reference = oracle.reference(of: lane, in: G.format)
    let promise = try plan.judge.promise(on: lane)
    let statistics = AccuracyStatistics(
      of: candidate.outputs, reference, promise, for: plan.objective, oracle)
    guard let location = statistics.largest(plan.objective)?.location else { return nil }
    let exact = reference.value(at: location.index)
    let output = candidate.outputs[location.index]
    let error = UlpError(of: output, against: exact)
    let slot = reference.slot(at: location.index)
    let magnitude = CertifiedUlp.figure(
      of: output.exactDouble, slot: slot, of: reference.inputs,
      quantumExponent: Int(exact.quantumExponent), oracle: oracle)
    var found = finding(
      candidate, lane, index: location.index,
      exact: oracle.decimalText(slot: slot, of: reference.inputs, digits: 40) ?? "undecided")
    found.ulp = magnitude.map { Figure(error.isNegative ? -$0 : $0) }
    found.ratio = statistics.maxRatio.figure.map { Figure($0) }
    found.scaled = statistics.largest(.scaled).map { Figure($0.figure) }
    if let bounds = promise.bounds {
      found.bound = Figure(bounds[location.index].scaled(byPowerOfTwo: -Int(exact.quantumExponent)))
    }
    if let (lane, lanes) = candidate.place, lanes > 1 {
      let alone = try outputs(of: [candidate.inputs])[0]
      if !alone.hasSameBits(as: candidate.outputs) {
        found.batch = .init(lane: lane, lanes: lanes)
      }
    }
    return found
  }
}
