import FloatFormats
import MultiPrecision
import Oracle
import RealModule
import SoftmaxVariants
import Synchronization
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics
@testable import ErrorMeasurement
@testable import Hunts

@Suite("Exhaustion of a domain")
struct ExhaustionTests {
  private func plan(
    _ name: String, _ domain: ExhaustiveDomain, blockLanes: UInt64 = 500
  ) throws -> Exhaustion {
    let variant = try #require(SoftmaxVariant(named: name))
    var plan = try Exhaustion(BuiltInImplementation(variant), on: domain)
    plan.blockLanes = blockLanes
    return plan
  }

  private static let domains: [(String, FloatFormat, ExhaustiveDomain.Kind, Double, Double?)] = [
    ("max-trick", .float16, .pairs, 0x1p-19, nil),
    ("naive", .bfloat16, .pairs, 0x1p-131, nil),
    ("max-trick", .float16, .tuples, 12, 0.25),
    ("logsumexp", .bfloat16, .tuples, 90, 1),
    ("online", .float16, .tuples, 20, 0.5),
    ("exp2/sequential/float32", .bfloat16, .tuples, 100, 2),
    ("naive", .float16, .tuples, 20, 0.5),
    ("max-trick", .float32, .tuples, 110, 4),
    ("max-trick", .float32, .differences, 0x1p-138, nil),
    ("max-trick", .float64, .tuples, 800, 32),
    // Zeros in the place of nearly 1, and results just below it.
    ("two-pass", .float16, .tuples, 8192, 128),
    ("two-pass", .bfloat16, .tuples, 1024, 16),
  ]

  @Test(
    "Every figure is that of a measurement by MPFR alone, lane by lane",
    arguments: domains.indices)
  func agreesWithBruteForce(number: Int) async throws {
    let (name, format, kind, limit, step) = Self.domains[number]
    for length in kind == .tuples ? [2, 3] : [2] {
      let coarse = length == 3 ? step.map { $0 * 4 } : step
      let domain = try ExhaustiveDomain(
        kind, format: format, length: kind == .tuples ? length : nil, limit: limit, step: coarse)
      let plan = try plan(name, domain)
      let state = try await plan.run(from: plan.start)
      #expect(state.isComplete)
      let expected = try format.open(BruteForce(plan: plan))
      var tally = state.tally
      tally.arbitrated = 0
      #expect(tally == expected, "\(name) in \(format.rawValue): \(domain.summary)")
      #expect(tally.lanes == domain.lanes)
    }
  }

  /// The tally that the measurement of an audit gives, one lane at a time.
  private struct BruteForce: FormatGenericWork {
    let plan: Exhaustion

    func run<F: BinaryFloat>(_ format: F.Type) throws -> ExhaustiveTally {
      let oracle = SoftmaxOracle()
      var writer = ExhaustiveDomain.Writer<F>(plan.domain)
      var tally = ExhaustiveTally()
      for number in 0..<plan.domain.lanes {
        let lane = writer.lane(number)
        let outputs = try plan.implementation.softmax(
          Tensor(geometry: LaneGeometry(shape: [1, lane.count], axis: 1), elements: lane),
          as: F.self
        ).elements
        var statistics = AccuracyStatistics()
        var measurement = LaneMeasurement(oracle: oracle)
        measurement.measure(
          outputs, lane: Int(number), reference: oracle.softmax(of: lane, in: F.format),
          policy: .nanSomewhere, promise: .none, into: &statistics)
        var one = ExhaustiveTally()
        one.lanes = 1
        one.elements = statistics.elements
        one.finitePairs = statistics.finitePairs
        one.correctlyRounded = statistics.correctlyRounded
        one.faithful = statistics.faithful
        one.mismatches = statistics.mismatches
        one.mismatchedLanes = statistics.mismatchedLanes
        one.negativeZeros = statistics.negativeZeros
        one.undecided = statistics.undecided
        func extremum(_ maximum: CertifiedMaximum) -> ExhaustiveTally.Extremum? {
          guard let figure = maximum.figure, let index = maximum.location?.index else { return nil }
          return .init(
            figure: Figure(figure),
            place: .init(lane: number, index: index, output: UInt64(outputs[index].bitPattern)))
        }
        one.maxUlp = extremum(statistics.maxUlp)
        one.maxUlpSubnormal = extremum(statistics.maxUlpSubnormal)
        if let index = outputs.firstIndex(where: { !$0.isFinite || $0.isNegative && !$0.isZero }) {
          one.firstMismatch = .init(
            lane: number, index: index, output: UInt64(outputs[index].bitPattern))
        }
        tally.merge(one)
      }
      // What is undeclared is looked for once in a block.
      tally.undeclaredMismatch = nil
      return tally
    }
  }

  @Test("Two logits in a 16-bit format are judged like MPFR does where the intervals are narrow")
  func intervalsAgree() async throws {
    // Around the binade boundaries of p: every pair of a coarse grid over the whole range of
    // exponents.
    for (name, format) in [("max-trick", FloatFormat.float16), ("logsumexp", .bfloat16)] {
      let domain = try ExhaustiveDomain(.tuples, format: format, length: 2, limit: 100, step: 1)
      var plan = try plan(name, domain)
      let filtered = try await plan.run(from: plan.start)
      plan.arbiterOnly = true
      var arbiter = try await plan.run(from: plan.start)
      #expect(arbiter.tally.arbitrated == arbiter.tally.finitePairs)
      #expect(filtered.tally.arbitrated < 100)
      arbiter.tally.arbitrated = filtered.tally.arbitrated
      #expect(filtered == arbiter)
    }
  }

  @Test("An implementation that errs by an ulp in one place is found out")
  func oneFault() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 8, step: 0.125)
    let sound = try plan("max-trick/sequential/float32", domain)
    let faulty = try Exhaustion(FaultyAt(logits: [3.125, -2.25]), on: domain)
    let before = try await sound.run(from: sound.start).tally
    let state = try await faulty.run(from: faulty.start)
    #expect(state.tally.correctlyRounded + 1 == before.correctlyRounded)
    let worst = try #require(state.tally.maxUlp)
    #expect(worst.figure.value > 1.4 && worst.figure.value < 2.6)
    let certificate = try ExhaustiveCertificate(faulty, state, isShard: false) { "lane \($0)" }
    #expect(certificate.worst?.logits == ["0x1.9p+1", "-0x1.2p+1"])
    #expect(certificate.worst?.index == 0)
    #expect(certificate.worst?.replay == "lane \(worst.place.lane)")
  }

  /// A softmax that does not answer in the middle of a domain.
  private struct Silent: SoftmaxImplementation {
    var name: String { "silent" }
    var summary: String { "stops answering" }
    var formats: [FloatFormat] { [.float16] }

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      let tensor = inputs.first
      guard tensor.lane(0)[0].exactDouble < 0 else { throw CallFailure(.rubbish, "enough") }
      return Tensor(rounding: tensor)
    }
  }

  @Test("Implementations on one domain together give what each gives alone")
  func jointly() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 20, step: 0.25)
    // Orders of summation agree on two logits, but for what overflows; one softmax stops answering.
    var jobs = try [
      "max-trick/sequential", "max-trick/pairwise", "max-trick/compensated", "max-trick/lanes-8",
      "online/sequential", "logsumexp/sequential", "naive/sequential", "naive/compensated",
    ].map { try plan($0, domain) }
    for implementation: any SoftmaxImplementation in [
      FaultyAt(logits: [3.25, -2.25]), Silent(),
    ] {
      var job = try Exhaustion(implementation, on: domain)
      job.blockLanes = 500
      jobs.append(job)
    }
    for threads in [1, 3] {
      for index in jobs.indices { jobs[index].threads = threads }
      let results = try await JointExhaustion(jobs).run(from: jobs.map(\.start))
      for (job, result) in zip(jobs, results).dropLast() {
        let alone = try await job.run(from: job.start)
        #expect(try result.get() == alone, "\(job.implementation.name) on \(threads) threads")
      }
      #expect(throws: CallFailure.self) { try results[9].get() }
    }
    #expect(!jobs[0].isJoinable(with: try plan("naive", domain, blockLanes: 400)))
  }

  /// A correct softmax but for one lane, whose first output is two units too large.
  private struct FaultyAt: SoftmaxImplementation {
    let logits: [Double]
    var name: String { "faulty" }
    var summary: String { "errs once" }
    var formats: [FloatFormat] { [.float16] }

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      let tensor = inputs.first
      let variant = try #require(SoftmaxVariant(named: "max-trick/sequential/float32"))
      var result = try BuiltInImplementation(variant).outputs(for: inputs, as: output)
      for lane in 0..<tensor.geometry.laneCount
      where tensor.lane(lane).map(\.exactDouble) == logits {
        let y = result.elements[2 * lane]
        result.elements[2 * lane] = G(bitPattern: y.bitPattern + 2)
      }
      return result
    }
  }

  @Test("Threads, interruptions and shards change nothing")
  func partsMakeTheWhole() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 20, step: 0.25)
    var plan = try plan("naive", domain)
    let whole = try await plan.run(from: plan.start)
    #expect(whole.blocks == 52)
    plan.threads = 3
    #expect(try await plan.run(from: plan.start) == whole)

    // Stopped after 5 blocks, and again after 20.
    struct Stop: Error {}
    var state = plan.start
    for limit in [5, 20] {
      let kept = Mutex(state)
      await #expect(throws: Stop.self) {
        _ = try await plan.run(from: state) { seen in
          kept.withLock { if seen.done.count > $0.done.count { $0 = seen } }
          if seen.done.count >= limit { throw Stop() }
        }
      }
      state = kept.withLock { $0 }
      #expect(state.done.count >= limit && !state.isComplete)
      #expect(state.objection(to: domain, output: .float16) == nil)
    }
    #expect(try await plan.run(from: state) == whole)

    for count in 1...3 {
      var merged = plan.start
      for index in (1...count).reversed() {
        plan.shard = try Shard(index: index, count: count)
        let part = try await plan.run(from: plan.start)
        // The maxima of a shard are its own, whatever others have.
        #expect(part.tally.maxUlp != nil && part.tally.maxUlpSubnormal != nil)
        try merged.merge(part)
      }
      plan.shard = nil
      #expect(merged == whole)
      #expect(throws: UserError.self) { try merged.merge(whole) }
    }
  }

  @Test("States that are not those of the domain are noticed")
  func damagedStates() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 4, step: 0.25)
    let plan = try plan("naive", domain)
    let state = try await plan.run(from: plan.start)
    func objection(_ change: (inout ExhaustiveState) -> Void) -> String? {
      var changed = state
      change(&changed)
      return changed.objection(to: domain, output: .float16)
    }
    #expect(objection { _ in } == nil)
    #expect(objection { $0.blocks += 1 } != nil)
    #expect(objection { $0.blockLanes = 0 } != nil)
    #expect(objection { $0.done[0] = 1 } != nil)
    #expect(objection { $0.checksums[0] += "0" } != nil)
    #expect(objection { $0.checksums.removeLast() } != nil)
    #expect(objection { $0.tally.lanes += 1 } != nil)
    #expect(
      objection {
        $0.done.removeLast()
        $0.checksums.removeLast()
      } != nil)
  }

  @Test("Domains that do not exist or are too large are refused")
  func badDomains() throws {
    func refused(
      _ kind: ExhaustiveDomain.Kind, _ format: FloatFormat, length: Int? = nil,
      limit: Double? = nil, step: Double? = nil
    ) {
      #expect(throws: UserError.self, "\(kind) \(format)") {
        try ExhaustiveDomain(kind, format: format, length: length, limit: limit, step: step)
      }
    }
    refused(.pairs, .float32)
    refused(.pairs, .float64)
    refused(.pairs, .float16, length: 3)
    refused(.pairs, .float16, limit: 1e6)
    refused(.pairs, .float16, limit: 0.1)
    refused(.pairs, .float16, limit: -1)
    refused(.pairs, .float16, limit: .nan)
    refused(.pairs, .float16, step: 1)
    refused(.differences, .float32)
    refused(.differences, .float16, limit: 0x1p-24)
    refused(.tuples, .float16, limit: 8)
    refused(.tuples, .float16, limit: 8, step: 0.1)
    refused(.tuples, .float16, limit: 8, step: 0x1p-12)
    refused(.tuples, .float16, length: 9, limit: 1, step: 1)
    refused(.tuples, .float16, length: 8, limit: 1024, step: 1)
    #expect(throws: Never.self) { try ExhaustiveDomain(.pairs, format: .bfloat16) }
  }

  @Test("All finite pairs of float16 are 63 488 squared, from the lowest to the largest")
  func allPairs() throws {
    let domain = try ExhaustiveDomain(.pairs, format: .float16)
    #expect(domain.lanes == 63_488 * 63_488)
    var writer = ExhaustiveDomain.Writer<Float16>(domain)
    #expect(writer.lane(0) == [-65504, -65504])
    #expect(writer.lane(1).map(\.hexText) == ["-0x1.ffcp+15", "-0x1.ff8p+15"])
    #expect(writer.lane(31_743).map(\.bitPattern) == [0xFBFF, 0x8000])
    #expect(writer.lane(31_744).map(\.bitPattern) == [0xFBFF, 0x0000])
    #expect(writer.lane(domain.lanes - 1) == [65504, 65504])
  }

  @Test("The exponential keeps its bound")
  func exponential() {
    let exponential = DifferenceExponential()
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let d =
        Double.random(in: 0...200, using: &random) * (Bool.random(using: &random) ? 1 : 0x1p-9)
      var exact = BigFloat(precision: 120)
      exact.setExponential(BigFloat(-d), .toNearestOrEven)
      let computed = exponential(d)
      var error = BigFloat(precision: 120)
      error.setDifference(BigFloat(computed), exact, .toNearestOrEven)
      error.formAbsoluteValue()
      #expect(error.double(.up) <= computed * 3.2 * 0x1p-53, "\(d.hexText)")
    }
    #expect(exponential(0) == 1)
  }

  @Test("SHA-256 gives the digests of FIPS 180-4")
  func knownDigests() {
    #expect(
      SHA256.hexDigest(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexDigest(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hexDigest(
        of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test("The checksum of outputs is what its documentation says, whatever the parts")
  func checksums() {
    let outputs: [Float16] = [1, 0.5, -0.0, Float16(bitPattern: 0xFE01), .infinity, 0.25]
    let encodings: [UInt64] = [0x3C00, 0x3800, 0x8000, 0x7E00, 0x7C00, 0x3400]
    let sum = encodings.reduce(0, &+)
    let weighted = encodings.enumerated().reduce(UInt64(0)) { $0 &+ UInt64($1.0 + 1) &* $1.1 }
    for cut in 0...outputs.count {
      var checksum = OutputChecksum()
      Array(outputs[..<cut]).withUnsafeBufferPointer {
        if let base = $0.baseAddress { checksum.add(base, count: cut) }
      }
      Array(outputs[cut...]).withUnsafeBufferPointer {
        if let base = $0.baseAddress { checksum.add(base, count: outputs.count - cut) }
      }
      #expect(checksum.sum == sum)
      #expect(checksum.weighted == weighted)
    }
  }

  /// A softmax at another temperature: every output is off, by more the larger the difference.
  private struct Warm: SoftmaxImplementation {
    let factor: Double
    var underflow: UnderflowPolicy = .gradual
    var name: String { "warm" }
    var summary: String { "divides logits by a temperature" }
    var formats: [FloatFormat] { [.float16, .bfloat16, .float32] }

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      let tensor = inputs.first
      var result = Tensor(rounding: tensor) as Tensor<G>
      for number in 0..<tensor.geometry.laneCount {
        let lane = tensor.lane(number).map(\.exactDouble)
        let largest = lane.max() ?? 0
        let terms = lane.map { Double.exp(($0 - largest) * factor) }
        let sum = terms.reduce(0, +)
        for (place, term) in zip(tensor.geometry.places(ofLane: number), terms) {
          let y = G(rounding: term / sum)
          let isFlushed = underflow == .flush && y.exactDouble < G.format.leastNormal
          result.elements[place] = isFlushed ? .zero : y
        }
      }
      return result
    }
  }

  /// The first element whose part of the default tolerance is above one, lane by lane with MPFR.
  private struct FirstBeyond: FormatGenericWork {
    let plan: Exhaustion

    func run<F: BinaryFloat>(_ format: F.Type) throws -> ExhaustiveTally.Place? {
      let oracle = SoftmaxOracle()
      var writer = ExhaustiveDomain.Writer<F>(plan.domain)
      for number in 0..<plan.domain.lanes {
        let lane = writer.lane(number)
        let outputs = try plan.implementation.softmax(
          Tensor(geometry: LaneGeometry(shape: [1, lane.count], axis: 1), elements: lane),
          as: F.self
        ).elements
        let tolerance = try #require(
          LaneProfile(lane).flatMap {
            DefaultTolerance(output: F.format, underflow: plan.judge.underflow).tolerance(of: $0)
          })
        for (index, y) in outputs.enumerated() {
          let logits = DistinctLogits(of: lane)
          guard
            let distance = oracle.distance(
              from: y.exactDouble, slot: Int(logits.slots[index]),
              of: OperationLane(.softmax, logits), relativeBits: 60)
          else { throw CallFailure(.rubbish, "an undecided distance") }
          let bound = tolerance.bound(at: index, output: y.exactDouble)
          if distance.lower.compare(bound * (1 + 0x1p-28)) > 0 {
            return .init(lane: number, index: index, output: UInt64(y.bitPattern))
          }
          #expect(distance.upper.compare(bound) <= 0, "too near to tell")
        }
      }
      return nil
    }
  }

  @Test(
    "What declares nothing is judged by the default tolerance, at the very first element beyond it",
    arguments: [
      (FloatFormat.float16, 0.99, UnderflowPolicy.gradual), (.float16, 1, .gradual),
      (.bfloat16, 1.02, .gradual), (.bfloat16, 1, .flush), (.float32, 1 + 0x1p-19, .gradual),
      (.float32, 1, .flush),
    ])
  func judgedByDefault(_ format: FloatFormat, _ factor: Double, _ underflow: UnderflowPolicy)
    async throws
  {
    let limit = format == .float16 ? 16.0 : 64
    let domain = try ExhaustiveDomain(
      .tuples, format: format, length: 3, limit: limit, step: limit / 8)
    for policy in [nil, UnderflowPolicy.gradual] {
      var settings = MeasurementSettings()
      settings.underflow = policy
      var job = try Exhaustion(
        Warm(factor: factor, underflow: underflow), on: domain, settings: settings)
      job.blockLanes = 500
      let state = try await job.run(from: job.start)
      let expected = try format.open(FirstBeyond(plan: job))
      #expect(state.tally.beyondTolerance == expected)
      #expect((expected == nil) == (factor == 1 && (underflow == .gradual || policy == nil)))
      let certificate = try ExhaustiveCertificate(job, state, isShard: false) { "\($0)" }
      #expect(certificate.isFailure == (expected != nil))
      #expect(certificate.model == MeasurementJudging.undeclared)
      #expect(certificate.worst?.bound != nil)
      job.arbiterOnly = true
      #expect(try await job.run(from: job.start).tally.beyondTolerance == expected)
    }
    var silent = MeasurementSettings()
    silent.judgesNothing = true
    let job = try Exhaustion(Warm(factor: factor), on: domain, settings: silent)
    let certificate = try ExhaustiveCertificate(
      job, try await job.run(from: job.start), isShard: false
    ) { "\($0)" }
    #expect(!certificate.isFailure && certificate.model == nil && certificate.worst?.bound == nil)
  }

  @Test("A largest error without a bound by the model that a stranger declares is not judged")
  func notJudged() async throws {
    // Beyond 11.09 exponentials overflow in float16, and the naive softmax has no bound.
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 20, step: 0.5)
    let job = try Exhaustion(
      FaultyAt(logits: [19.5, 18.5]), on: domain,
      settings: MeasurementSettings(declaredModel: DeclaredModel(named: "naive", of: .softmax)))
    let state = try await job.run(from: job.start)
    let certificate = try ExhaustiveCertificate(job, state, isShard: false) { "\($0)" }
    #expect(certificate.worst?.logits == ["0x1.38p+4", "0x1.28p+4"])
    #expect(certificate.worst?.bound == nil)
    #expect((certificate.notJudged ?? 0) > 0 && !certificate.isFailure)
    let head = ResultsHead(
      tool: .init(name: "softmax-audit", version: "0"), command: "exhaust",
      oracle: .init(tier: "filtered", library: "MPFR"),
      environment: .init(platform: "Linux", processor: "unknown", threads: 1))
    var parts: [(name: String, document: Certificates)] = []
    for number in 1...3 {
      var part = job
      part.blockLanes = 500
      part.shard = try Shard(index: number, count: 3)
      let shard = try ExhaustiveCertificate(
        part, try await part.run(from: part.start), isShard: true
      ) { "\($0)" }
      parts.append(
        (
          "part \(number)",
          Certificates(head, shard: part.shard, certificates: [shard])
        ))
    }
    let merged = try #require(ShardFiles.merge(parts).certificates.first)
    #expect(merged.worst == certificate.worst && merged.notJudged == certificate.notJudged)
    let own = try plan("naive", domain)
    let known = try await own.run(from: own.start)
    #expect(try ExhaustiveCertificate(own, known, isShard: false) { "\($0)" }.notJudged == nil)
  }
}
