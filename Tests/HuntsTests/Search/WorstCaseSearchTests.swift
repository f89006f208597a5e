import FloatFormats
import Oracle
import PropertyTesting
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics
@testable import ErrorMeasurement
@testable import Hunts

@Suite("The search for the worst lane")
struct WorstCaseSearchTests {
  private func plan(
    _ name: String, _ format: FloatFormat = .float32, length: Int = 64, budget: Int = 64 * 64 * 30
  ) throws -> WorstCaseSearch {
    let variant = try #require(SoftmaxVariant(named: name))
    var plan = WorstCaseSearch(BuiltInImplementation(variant), input: format, length: length)
    plan.budget = budget
    return plan
  }

  @Test("Threads and shards change nothing; another seed finds something else")
  func reproducible() async throws {
    var plan = try plan("online", length: 17, budget: 64 * 17 * 20)
    let whole = try await plan.run()
    #expect(whole.islands == Array(0..<64))
    #expect(whole.lanes == 64 * 20 && whole.elements == whole.lanes * 17)
    plan.threads = 3
    #expect(try await plan.run() == whole)
    for count in [2, 3] {
      var merged = plan.emptyRow
      for index in (1...count).reversed() {
        plan.shard = try Shard(index: index, count: count)
        merged.merge(try await plan.run())
      }
      #expect(merged == whole)
    }
    plan.shard = nil
    plan.seed = 7
    #expect(try await plan.run().found?.logits != whole.found?.logits)
  }

  @Test("It finds what random lanes of sequential sums do not show")
  func beatsSampling() async throws {
    let row = try await plan("max-trick").run()
    let found = try #require(row.found)
    let random = try #require(row.random)
    #expect(abs(found.ulp?.value ?? 0) > 1.2 * abs(random.ulp?.value ?? .infinity))
    #expect((found.ratio?.value ?? 2) <= 1)
    #expect(!row.isFailure)
  }

  @Test("What is found is what the measurement of an audit says of the lane")
  func findingsAreCertified() async throws {
    for objective in SearchObjective.allCases {
      var plan = try plan("logsumexp", .float16, length: 5, budget: 64 * 5 * 10)
      plan.objective = objective
      let found = try #require(await plan.run().found)
      let lane = found.logits.map { Float16(rounding: Double($0) ?? .nan) }
      let genome = try #require(found.genome)
      #expect(genome.lane(length: 5, as: Float16.self).bitPatterns == lane.bitPatterns)
      #expect(try plan.replay(genome).found?.ulp == found.ulp)

      let outputs = try plan.implementation.softmax(
        Tensor(geometry: LaneGeometry(shape: [1, 5], axis: 1), elements: lane), as: Float16.self
      ).elements
      let oracle = SoftmaxOracle()
      var statistics = AccuracyStatistics()
      var measurement = LaneMeasurement(oracle: oracle)
      measurement.measure(
        outputs, lane: 0, reference: oracle.softmax(of: lane, in: .float16), policy: .nanSomewhere,
        promise: try LanePromise(
          of: plan.implementation.ownModel(for: .float16)?.variant, on: LaneProfile(lane),
          input: .float16, output: .float16),
        into: &statistics)
      if objective == .scaled {
        measurement.measureScaled(
          outputs, lane: 0, oracle.softmax(of: lane, in: .float16), into: &statistics)
      }
      let figure =
        switch objective {
        case .ulp: statistics.maxUlp.figure
        case .bound: statistics.maxRatio.figure
        case .scaled: statistics.largestScaledError?.figure
        }
      #expect(figure == found.value(objective))
    }
  }

  @Test(
    "The estimate that guides it is close to the certified error", arguments: FloatFormat.allCases)
  func estimates(format: FloatFormat) throws {
    try format.open(Estimates())
  }

  private struct Estimates: FormatGenericWork {
    func run<F: BinaryFloat>(_ format: F.Type) throws {
      let variant = try #require(SoftmaxVariant(named: "max-trick"))
      let oracle = SoftmaxOracle()
      let scores = [SearchObjective.ulp, .bound].map {
        LaneScore<F, F>(
          objective: $0,
          laneJudge: LaneJudge(
            BuiltInImplementation(variant), input: F.format, output: F.format, settings: .init()),
          oracle: oracle)
      }
      var random = SplitMix64(seed: 3)
      for lane in TestLanes.planned(F.self) + TestLanes.random(F.self, count: 60, &random)
      where lane.contains(where: { $0.isFinite }) {
        let outputs = try BuiltInImplementation(variant).softmax(
          Tensor(geometry: LaneGeometry(shape: [1, lane.count], axis: 1), elements: lane),
          as: F.self
        ).elements
        var statistics = AccuracyStatistics()
        var measurement = LaneMeasurement(oracle: oracle)
        measurement.measure(
          outputs, lane: 0, reference: oracle.softmax(of: lane, in: F.format),
          policy: .nanSomewhere,
          promise: try LanePromise(
            of: variant, on: LaneProfile(lane), input: F.format, output: F.format),
          into: &statistics)
        for (score, figure) in zip(scores, [statistics.maxUlp.figure, statistics.maxRatio.figure]) {
          let estimate = try score.score(lane, outputs).value ?? 0
          let certified = figure ?? 0
          // Of exact values that vanish the filters know an upper bound only.
          #expect(
            abs(estimate - certified) <= max(certified, 1) * 0x1p-6,
            "\(lane.hexText): \(estimate) instead of \(certified)")
        }
      }
    }
  }

  @Test("A softmax that gives rubbish on a lane in its domain is found out")
  func mismatches() async throws {
    let row = try await WorstCaseSearch(Rubbish(), input: .float32, length: 4).limited.run()
    #expect(row.mismatch?.computed == "nan")
    #expect(row.isFailure)
  }

  private struct Rubbish: SoftmaxImplementation {
    var name: String { "rubbish" }
    var summary: String { "no probability" }
    var formats: [FloatFormat] { [.float32] }
    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      Tensor(geometry: inputs.first.geometry, elements: inputs.first.elements.map { _ in G.nan })
    }
  }

  @Test("Genomes of all kinds make lanes of finite logits and of the length asked for")
  func genomes() throws {
    var random = CounterGenerator(seed: 5, stream: "genomes")
    for format in FloatFormat.allCases {
      for length in [1, 2, 3, 40] {
        var genome = LaneGenome.random(format, &random)
        for _ in 0..<200 {
          let previous = genome
          genome = genome.changed(format, &random)
          if random.next() & 7 == 0 { genome = LaneGenome.cross(genome, previous, &random) }
          let isSound = try format.open(FiniteLane(genome: genome, length: length))
          #expect(isSound, "\(genome)")
        }
      }
    }
  }

  private struct FiniteLane: FormatGenericWork {
    let genome: LaneGenome
    let length: Int
    func run<F: BinaryFloat>(_ format: F.Type) -> Bool {
      let lane: [F] = genome.lane(length: length)
      return lane.count == length && lane.allSatisfy(\.isFinite)
    }
  }

  @Test("Lanes without a bound by a declared model are not judged; by its own they are excused")
  func notJudged() async throws {
    let naive = try #require(SoftmaxVariant(named: "naive"))
    for objective in SearchObjective.allCases {
      var plan = WorstCaseSearch(AlteredSoftmax(), input: .float32, length: 17)
      plan.budget = 64 * 17 * 8
      plan.objective = objective
      plan.settings.declaredModel = DeclaredModel(naive)
      let row = try await plan.run()
      #expect((row.notJudged ?? 0) > 0, "\(objective)")
      #expect(row.reasonWithoutBound == "the declared naive/sequential has no bound on them")
      var own = WorstCaseSearch(BuiltInImplementation(naive), input: .float32, length: 17)
      own.budget = plan.budget
      own.objective = objective
      #expect(try await own.run().notJudged == nil)
      plan.settings.declaredModel = nil
      #expect(try await plan.run().notJudged == nil)
    }
  }
}

extension WorstCaseSearch {
  /// The same with a small budget.
  fileprivate var limited: WorstCaseSearch {
    var plan = self
    plan.budget = 64 * 4 * 2
    return plan
  }
}
