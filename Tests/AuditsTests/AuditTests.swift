import FloatFormats
import MultiPrecision
import Oracle
import SoftmaxVariants
import Synchronization
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import Basics
@testable import ErrorMeasurement
@testable import LogitFamilies

/// A softmax made of a function of lanes, for the tests.
private struct LaneFunction: SoftmaxImplementation {
  var name: String
  var summary: String { name }
  var formats = FloatFormat.allCases
  /// From the exact probabilities, rounded to the output format, to the outputs.
  var change: @Sendable (_ correct: [Double]) throws -> [Double] = { $0 }
  var note: @Sendable (_ logits: [UInt64]) -> Void = { _ in }

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    let logits = inputs.first
    note(logits.elements.map { UInt64($0.bitPattern) })
    var result = Tensor(
      geometry: logits.geometry,
      elements: Array(repeating: G.zero, count: logits.geometry.elementCount))
    for number in 0..<logits.geometry.laneCount {
      let lane = logits.lane(number)
      let isOrdinary = lane.allSatisfy { $0 < F.infinity } && lane.contains { $0.isFinite }
      let correct =
        isOrdinary
        ? try ExactSoftmax.probabilities(of: lane).map { try $0.nearest(G.self).exactDouble }
        : lane.map { _ in Double.nan }
      let start = logits.geometry.start(ofLane: number)
      for (index, y) in try change(correct).enumerated() {
        result.elements[start + index * logits.geometry.inner] = G(rounding: y)
      }
    }
    return result
  }
}

/// The softmax along an axis other than the one asked for.
private struct WrongAxis: SoftmaxImplementation {
  let name = "wrong-axis"
  let summary = "softmax along another axis"
  let formats = FloatFormat.allCases
  let returnsWrongGeometry: Bool

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    let logits = inputs.first
    let other = try LaneGeometry(
      shape: logits.geometry.shape, axis: (logits.geometry.axis + 1) % logits.geometry.shape.count)
    let result = try LaneFunction(name: name).softmax(
      Tensor(geometry: other, elements: logits.elements), as: output)
    if returnsWrongGeometry { return result }
    return Tensor(geometry: logits.geometry, elements: result.elements)
  }
}

private struct Broken: Error, Equatable {}

@Suite("Audits")
struct AuditTests {
  private func cells(
    _ families: [String], _ formats: [FloatFormat], lengths: [Int], samples: Int
  ) throws -> [AuditPlan.Cell] {
    AuditPlan.cells(
      families: try families.map { try LogitFamily.named($0) }, formats: formats, lengths: lengths,
      samples: samples)
  }

  private func untimed(_ rows: [AccuracyRow]) -> [AccuracyRow] {
    rows.map { row in
      var row = row
      row.nsPerElement = nil
      return row
    }
  }

  @Test("Rows do not depend on the number of threads, and come by implementation, then by cell")
  func threads() async throws {
    let names = ["max-trick", "naive", "online/pairwise", "max-trick/sequential/float32"]
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0)))
    }
    let families = [
      "normal-4", "constant", "overflow-edge", "masked", "special", "subnormal-results",
    ]
    let cells = try cells(families, FloatFormat.allCases, lengths: [0, 1, 2, 17], samples: 3)
    var results: [[AccuracyRow]] = []
    for threads in [1, 2, 3] {
      let plan = AuditPlan(implementations: implementations, cells: cells, threads: threads)
      let progress = Mutex<[Int]>([])
      let rows = try await Audit(plan).run { done, total in
        #expect(total == cells.count)
        progress.withLock { $0.append(done) }
      }
      #expect(progress.withLock { $0.sorted() } == Array(1...cells.count))
      #expect(rows.allSatisfy { ($0.nsPerElement == nil) == ($0.elements == 0) })
      results.append(untimed(rows))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    // The variant that accumulates in float32 is one of two formats.
    #expect(results[0].count == 3 * cells.count + cells.count / 2)
    let expected = implementations.flatMap { implementation in
      cells.compactMap { cell -> String? in
        guard implementation.formats.contains(cell.format),
          case .family(let family, let length, _) = cell.source
        else { return nil }
        return "\(implementation.name) \(cell.format) \(family.name) \(length)"
      }
    }
    #expect(
      results[0].map { "\($0.implementation) \($0.inputFormat) \($0.family) \($0.length)" }
        == expected)
    #expect(results[0].allSatisfy { $0.lanes == 3 && $0.elements == UInt64(3 * $0.length) })
    #expect(results[0].allSatisfy { $0.undecided == 0 && $0.mismatchesInDomain == 0 })
  }

  @Test("Every implementation sees the same lanes, which are those of the family and the seed")
  func sameLanes() async throws {
    let seen = Mutex<[String: [[UInt64]]]>([:])
    let implementations = ["a", "b", "c"].map { name in
      LaneFunction(
        name: name, note: { bits in seen.withLock { $0[name, default: []].append(bits) } })
    }
    let cells = try cells(
      ["normal-1", "special"], [.float32, .bfloat16], lengths: [5], samples: 4)
    for seed in [1, 2] as [UInt64] {
      _ = try await Audit(AuditPlan(implementations: implementations, cells: cells, seed: seed))
        .run()
    }
    let lanes = seen.withLock { $0 }
    #expect(lanes["a"]?.count == 8 && lanes["a"] == lanes["b"] && lanes["a"] == lanes["c"])
    #expect(lanes["a"]?[0] != lanes["a"]?[4])
    let family = try LogitFamily.named("normal-1")
    let expected = (0..<4).flatMap { family.lane(seed: 1, length: 5, sample: $0, as: Float.self) }
    #expect(lanes["a"]?[0] == expected.map { UInt64($0.bitPattern) })
  }

  @Test("A correctly rounded softmax is found to be one", arguments: FloatFormat.allCases)
  func correctlyRounded(format: FloatFormat) async throws {
    let cells = try cells(
      [
        "normal-20", "constant", "near-ties", "one-dominant", "underflow-edge", "masked",
        "llm-peaked",
      ],
      [format], lengths: [1, 2, 9], samples: 4)
    for output in FloatFormat.allCases {
      let plan = AuditPlan(
        implementations: [LaneFunction(name: "correct")], cells: cells, outputFormat: output)
      for row in try await Audit(plan).run() {
        let place = "\(row.family), \(row.length), \(row.inputFormat) to \(row.outputFormat)"
        #expect(row.outputFormat == output)
        #expect(row.correctlyRounded == 1.0 && row.faithful == 1.0, "\(place)")
        #expect(row.maxUlp?.value ?? 0 <= 0.5, "\(place)")
        #expect(row.maxUlpSubnormal?.value ?? 0 <= 0.5, "\(place)")
        #expect(row.maxUlpFlushToZero?.value ?? 0 <= 0.5, "\(place)")
        #expect(row.finitePairs == row.elements && row.mismatches == 0, "\(place)")
        #expect(
          !row.isFailure && row.bound?.model == "undeclared" && row.undecided == 0, "\(place)")
        let error = try #require(row.maxSumError?.value)
        let unit = output.unitRoundoff + 9 * output.leastSubnormal
        #expect(error <= Double(row.length) * unit, "\(place)")
      }
    }
  }

  @Test("Twice the probability is about 2^P ulp off, and its witness says where")
  func doubled() async throws {
    let twice = LaneFunction(name: "twice", change: { $0.map { 2 * $0 } })
    let cells = try cells(["normal-1"], [.float32], lengths: [4], samples: 5)
    let row = try #require(
      try await Audit(AuditPlan(implementations: [twice], cells: cells)).run().first)
    let maximum = try #require(row.maxUlp?.value)
    #expect(maximum > 0x1p23 && maximum <= 0x1p24 + 1)
    #expect((row.meanUlp?.value ?? 0) >= 0x1p23 - 1 && row.meanSignedUlp == row.meanUlp)
    #expect(row.correctlyRounded == 0.0 && row.faithful == 0.0 && row.mismatches == 0)
    #expect(abs((row.maxSumError?.value ?? 0) - 1) < 0x1p-20)
    let witness = try #require(row.worst)
    #expect(witness.ulp.value == maximum && witness.elided == 0)
    let logits = try witness.logits.map { try #require(Float(text: $0)) }
    let family = try LogitFamily.named("normal-1")
    #expect(
      logits == family.lane(seed: RunSeed.standard, length: 4, sample: witness.sample))
    let exact = ExactSoftmax.probabilities(of: logits)[witness.index]
    #expect(Float(text: witness.computed) == 2 * (try exact.nearest(Float.self)))
    #expect(witness.exact == exact.lower.decimalText(digits: 40))
    let ulp = try exact.ulpExponent(Float.self)
    let y = try #require(Float(text: witness.computed)).exactDouble
    #expect(maximum == (try exact.distance(from: y, inUnitsOfPowerOfTwo: ulp).figure()))
  }

  @Test(
    "A witness shows up to 32 logits and the sign of its error, a subnormal one if need be"
  )
  func witnesses() async throws {
    let half = LaneFunction(name: "half", change: { $0.map { $0 / 2 } })
    let long = try cells(["constant"], [.float64], lengths: [100], samples: 2)
    let row = try #require(
      try await Audit(AuditPlan(implementations: [half], cells: long)).run().first)
    let witness = try #require(row.worst)
    #expect(witness.logits.count == 32 && witness.elided == 68)
    #expect(witness.ulp.value == -(row.maxUlp?.value ?? 0) && witness.ulp.value < 0)
    #expect(witness.exact == "1." + String(repeating: "0", count: 39) + "e-2")

    let nothingNormal = LaneFunction(
      name: "hidden", change: { $0.map { $0 >= 0x1p-126 ? .nan : 0x1p-140 } })
    let geometry = try LaneGeometry(shape: [2], axis: 0)
    let tensor = AnyTensor.float32(Tensor(geometry: geometry, elements: [0, -90]))
    let cell = AuditPlan.Cell(format: .float32, source: .tensor(name: "t", tensor))
    let hidden = try #require(
      try await Audit(AuditPlan(implementations: [nothingNormal], cells: [cell])).run().first)
    #expect(hidden.maxUlp == nil && hidden.worst?.index == 1)
    #expect(hidden.worst?.ulp.value.magnitude == hidden.maxUlpSubnormal?.value)
  }

  @Test("NaN for finite logits is a mismatch everywhere and agrees where there is no softmax")
  func notANumber() async throws {
    let nothing = LaneFunction(name: "nothing", change: { $0.map { _ in .nan } })
    let cells = try cells(["normal-1", "special"], [.float16], lengths: [4], samples: 6)
    let rows = try await Audit(AuditPlan(implementations: [nothing], cells: cells)).run()
    #expect(rows[0].mismatches == 24 && rows[0].mismatchedLanes == 6)
    #expect(rows[0].mismatchesInDomain == 24 && rows[0].isFailure)
    #expect(rows[0].maxUlp == nil && rows[0].worst == nil && rows[0].correctlyRounded == nil)
    #expect(rows[1].mismatches == 0 && rows[1].agreedSpecial == 24 && !rows[1].isFailure)
    var plan = AuditPlan(implementations: [nothing], cells: cells)
    plan.settings.specialLanes = [.maskedZero, .infinityOneHot]
    let strict = try await Audit(plan).run()
    // Samples 1, 4 hold +inf, 2, 5 only -inf.
    #expect(strict[1].agreedSpecial == 8 && strict[1].mismatches == 16 && strict[1].isFailure)
  }

  @Test("A declared model outside its domain excuses mismatches, and they are counted apart")
  func outsideDomain() async throws {
    let naive = BuiltInImplementation(try #require(SoftmaxVariant(named: "naive")))
    let geometry = try LaneGeometry(shape: [2, 2], axis: 1)
    let tensor = AnyTensor.float32(Tensor(geometry: geometry, elements: [100, 100, 1, 2]))
    let cell = AuditPlan.Cell(format: .float32, source: .tensor(name: "t", tensor))
    var plan = AuditPlan(implementations: [naive], cells: [cell])
    let row = try #require(try await Audit(plan).run().first)
    #expect(row.mismatches == 2 && row.mismatchesInDomain == 0 && !row.isFailure)
    #expect(row.bound?.outsideDomain == 2 && row.bound?.model == naive.name)
    #expect((row.bound?.maxRatio?.value ?? 2) <= 1)
    // Judged as a max trick, which has no such domain, it fails.
    plan.settings.declaredModel = DeclaredModel(named: "max-trick", of: .softmax)
    let judged = try #require(try await Audit(plan).run().first)
    #expect(judged.mismatchesInDomain == 2 && judged.isFailure && judged.bound?.outsideDomain == 0)
  }

  @Test("A softmax along another axis is caught", arguments: [0, 1, 2])
  func wrongAxis(axis: Int) async throws {
    let geometry = try LaneGeometry(shape: [2, 3, 4], axis: axis)
    var random = SplitMix64(seed: 3)
    let tensor = AnyTensor.float64(
      Tensor(
        geometry: geometry,
        elements: (0..<24).map { _ in Double.random(in: -3...3, using: &random) }))
    let cell = AuditPlan.Cell(format: .float64, source: .tensor(name: "t", tensor))
    let plan = AuditPlan(implementations: [WrongAxis(returnsWrongGeometry: false)], cells: [cell])
    let row = try #require(try await Audit(plan).run().first)
    #expect((row.maxUlp?.value ?? 0) > 0x1p40 && (row.maxSumError?.value ?? 0) > 0.01)
  }

  @Test("A tensor of another geometry than asked for is refused, not measured")
  func wrongGeometry() async throws {
    let geometry = try LaneGeometry(shape: [2, 3], axis: 0)
    let tensor = AnyTensor.float64(Tensor(geometry: geometry, elements: [1, 2, 3, 4, 5, 6]))
    let cell = AuditPlan.Cell(format: .float64, source: .tensor(name: "t", tensor))
    let plan = AuditPlan(implementations: [WrongAxis(returnsWrongGeometry: true)], cells: [cell])
    await #expect(throws: InternalError.self) { try await Audit(plan).run() }
  }

  @Test("An error that an implementation throws comes out", arguments: [1, 3])
  func thrownErrors(threads: Int) async throws {
    let broken = LaneFunction(name: "broken", change: { _ in throw Broken() })
    let cells = try cells(["normal-1"], [.float32, .float64], lengths: [2, 3], samples: 2)
    let plan = AuditPlan(
      implementations: [LaneFunction(name: "sound"), broken], cells: cells, threads: threads)
    await #expect(throws: Broken()) { try await Audit(plan).run() }
  }

  @Test("The user's own tensor is measured along any of its axes", arguments: [0, 1, 2])
  func userTensor(axis: Int) async throws {
    let shape = [2, 3, 4]
    let geometry = try LaneGeometry(shape: shape, axis: axis)
    var random = SplitMix64(seed: 4)
    let elements = (0..<24).map { _ in Double.random(in: -3...3, using: &random) }
    let tensor = AnyTensor.float64(Tensor(geometry: geometry, elements: elements))
    let cells = FloatFormat.allCases.map {
      AuditPlan.Cell(format: $0, source: .tensor(name: "mine", tensor))
    }
    let correct = LaneFunction(name: "correct")
    let rows = try await Audit(AuditPlan(implementations: [correct], cells: cells)).run()
    #expect(rows.map(\.inputFormat) == FloatFormat.allCases)
    for row in rows {
      #expect(row.family == "mine" && row.shape == shape && row.axis == axis)
      #expect(row.length == shape[axis] && row.lanes == UInt64(24 / shape[axis]))
      #expect(row.elements == 24 && row.correctlyRounded == 1.0)
    }
    let builtIn = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))
    for row in try await Audit(AuditPlan(implementations: [builtIn], cells: cells)).run() {
      #expect(!row.isFailure && row.mismatches == 0 && (row.bound?.maxRatio?.value ?? 2) <= 1)
    }
  }

  @Test("Probabilities in a wider format than the logits are measured in that format")
  func widerOutput() async throws {
    let variant = try #require(SoftmaxVariant(named: "max-trick/sequential/float32"))
    let plain = try #require(SoftmaxVariant(named: "max-trick"))
    let cells = try cells(["normal-4"], [.bfloat16], lengths: [6], samples: 8)
    let plan = AuditPlan(
      implementations: [BuiltInImplementation(variant), BuiltInImplementation(plain)], cells: cells,
      outputFormat: .float32)
    let rows = try await Audit(plan).run()
    #expect(rows.allSatisfy { $0.inputFormat == .bfloat16 && $0.outputFormat == .float32 })
    // Computed in float32 it is a few ulp off, computed in bfloat16 thousands.
    #expect((rows[0].maxUlp?.value ?? 0) > 0.5 && (rows[0].maxUlp?.value ?? 100) < 30)
    #expect((rows[1].maxUlp?.value ?? 0) > 1000)
    #expect(rows.allSatisfy { !$0.isFailure && ($0.bound?.maxRatio?.value ?? 2) <= 1 })
  }

  @Test("An implementation is measured in its own formats only, and an empty plan gives no rows")
  func formats() async throws {
    let one = LaneFunction(name: "one", formats: [.float16])
    let cells = try cells(["normal-1"], FloatFormat.allCases, lengths: [2], samples: 1)
    let rows = try await Audit(AuditPlan(implementations: [one], cells: cells)).run()
    #expect(rows.map(\.inputFormat) == [.float16])
    #expect(try await Audit(AuditPlan(implementations: [one], cells: [])).run().isEmpty)
    #expect(try await Audit(AuditPlan(implementations: [], cells: cells)).run().isEmpty)
  }
}
