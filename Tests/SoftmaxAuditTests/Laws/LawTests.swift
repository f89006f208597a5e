import FloatFormats
import PropertyTesting
import SoftmaxOracle
import SoftmaxVariants
import Testing

@testable import SoftmaxAudit

@Suite("The laws")
struct LawTests {
  @Test("Have names of their own, words of their own and something to catch")
  func names() {
    #expect(Set(Law.all.map(\.name)).count == Law.all.count)
    #expect(Set(Law.all.map(\.statement)).count == Law.all.count)
    for law in Law.all {
      #expect(law.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(law.name)")
      #expect(law.statement.hasSuffix("."), "\(law.name)")
      #expect(!law.tolerance.isEmpty && !law.catches.isEmpty, "\(law.name)")
    }
  }

  @Test("Are there for every class of bugs that a forward softmax can have")
  func classes() {
    let caught = Set(Law.all.flatMap(\.catches))
    for bugClass in BugClass.allCases { #expect(caught.contains(bugClass), "\(bugClass)") }
  }

  @Test(
    "Make cases of the input format and of the form that they take, the same for the same seed",
    arguments: FloatFormat.allCases)
  func cases(format: FloatFormat) {
    for law in Law.all
    where !["large-tensors", "many-lanes", "long-batches"].contains(law.name) {
      let generator = law.cases(format)
      let samples = generator.samples(6, seed: 7)
      #expect(!samples.isEmpty, "\(law.name)")
      // By digest: a NaN does not equal itself.
      let digests = samples.map(\.digest)
      #expect(digests == generator.samples(6, seed: 7).map(\.digest), "\(law.name)")
      for input in samples {
        #expect(law.form.permits(input), "\(law.name): \(input.geometry.shape) \(input.arguments)")
        for logit in input.logits where !logit.isNaN {
          #expect(format.rounded(logit) == logit, "\(law.name): \(logit.hexText)")
        }
      }
    }
  }

  @Test("Can write any lane down in their first alternative, where they say so")
  func rewriting() throws {
    let lanes: [[Double]] = [[1], [0, 0, 0], [3, -2.5, 3, 100], [-0.0, 0, 7]]
    for law in Law.all where law.takesAnyLane {
      for lane in lanes {
        var arguments: [Int] = []
        if case .lane(let ranges) = law.form { arguments = ranges.map(\.lowerBound) }
        let input = LawCase(lane: lane, arguments: arguments)
        let choices = try #require(law.rewriting(input, .float32), "\(law.name)")
        let property = Property<LawCase>(law.name, for: law.cases(.float32)) { _, _ in .passed }
        let made = try PropertyRunner().replay(choices, of: property).value
        #expect(made.logits.map(\.bitPattern) == lane.map(\.bitPattern), "\(law.name)")
        #expect(made.arguments == arguments, "\(law.name)")
      }
    }
  }

  @Test("Sweep over every length to 300 and around every power of two to 131072")
  func sweep() {
    let lengths = Set(LengthSweep.all.map(\.count))
    #expect(lengths.isSuperset(of: 1...300))
    for exponent in 9...17 {
      #expect(lengths.isSuperset(of: (1 << exponent) - 1...(1 << exponent) + 1), "\(exponent)")
    }
    for sample in LengthSweep.all where sample.count > 1 && sample.count < 300 {
      let lane = sample.lane(.float32)
      let largest = lane.max() ?? 0
      let rest = lane.filter { $0 != largest }.max() ?? largest
      let isDominated = ![.uniform, .ramp].contains(sample.pattern)
      if isDominated { #expect(largest - rest > 110, "\(sample)") }
    }
  }

  @Test("Sweep over the vocabularies of today, a million and beyond powers of two")
  func vocabularies() {
    let lengths = Set(LengthSweep.all.map(\.count))
    #expect(lengths.isSuperset(of: [128_256, 151_936, 200_064, 262_144, 262_145, 1_000_003]))
  }

  @Test(
    "Have batches of up to 64 lanes past every power of two to 2^20, of 8 million logits at most")
  func batches() {
    let batches = LongBatch.all
    for exponent in 9...20 {
      let past = batches.filter { $0.length == (1 << exponent) + 1 }
      #expect(past.contains { $0.lanes >= 4 }, "\(exponent)")
      // Lane 3 and the last one are of every kind that the batches have.
      for place in [3, -1] {
        let kinds = past.filter { $0.inner == 1 }.map { batch in
          let lane = place < 0 ? batch.lanes - 1 : place
          return batch.kinds[(lane + batch.phase) % batch.kinds.count]
        }
        if exponent < 14 {
          #expect(Set(kinds).count == LongBatch.Maxima.allCases.count, "\(exponent)")
        }
      }
    }
    #expect(batches.contains { $0.lanes >= 64 && $0.length > 4096 })
    #expect(batches.allSatisfy { $0.lanes * $0.length <= 8_000_000 })
    #expect(batches.allSatisfy { $0.lanes % $0.inner == 0 })
  }

  @Test("Lay the lanes of a batch side by side without changing them")
  func stridedBatch() {
    let apart = LongBatch(lanes: 6, length: 40, phase: 1).input(.float32)
    let strided = LongBatch(lanes: 6, length: 40, inner: 3, phase: 1).input(.float32)
    #expect(strided.geometry.shape == [2, 40, 3])
    for lane in 0..<6 { #expect(strided.lane(lane) == apart.lane(lane)) }
  }

  @Test("Have tensors of more lanes than 16, 17, 18 and 20 bits count, before and after the axis")
  func lanes() throws {
    let geometries = try ManyLanes.all.map { try LaneGeometry(shape: $0.shape, axis: $0.axis) }
    for bits in [16, 17, 18, 20] { #expect(geometries.contains { $0.outer > 1 << bits }) }
    for bits in [16, 17, 18] { #expect(geometries.contains { $0.inner > 1 << bits }) }
    #expect(geometries.allSatisfy { $0.elementCount <= 8_000_000 })
  }

  @Test("Ask nothing beyond the largest logit", arguments: FloatFormat.allCases, [16, 100, 9999.5])
  func largestLogit(format: FloatFormat, largest: Double) {
    for law in Law.all where !["large-tensors", "many-lanes", "long-batches"].contains(law.name) {
      let generator = law.cases(format, within: largest)
      for input in generator.samples(6, seed: 3) {
        #expect(input.staysWithin(largest), "\(law.name)")
        for logit in input.logits where !logit.isNaN {
          #expect(format.rounded(logit) == logit, "\(law.name): \(logit.hexText)")
        }
      }
    }
  }

  @Test("Round a limit down to a number of the format")
  func limits() {
    #expect(FloatFormat.bfloat16.largestNumber(upTo: 9999.5) == 9984)
    #expect(FloatFormat.float16.largestNumber(upTo: 9999.5) == 9992)
    #expect(FloatFormat.float16.largestNumber(upTo: 1e9) == 65_504)
    #expect(FloatFormat.float32.largestNumber(upTo: 16) == 16)
  }

  @Test("Are all kept by the max trick where logits end at 100, in any format")
  func keptWithin() async throws {
    for format in FloatFormat.allCases {
      var settings = CheckSettings()
      settings.largestLogit = 100
      settings.repeats = 20
      let laws = Law.all.filter {
        !["length-sweep", "large-tensors", "long-lanes", "long-batches", "many-lanes"]
          .contains($0.name)
      }
      let plan = CheckPlan(
        implementations: [BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))],
        formats: [format], laws: laws, effort: 0.1, settings: settings)
      for row in try await Check(plan).run() {
        #expect(row.verdict == .passed, "\(format) \(row.law): \(row.reason ?? "")")
      }
    }
  }

  @Test("Read the same logits along other axes and in other shapes, each once")
  func otherReadings() throws {
    let input = LawCase(
      geometry: try LaneGeometry(shape: [3, 4], axis: 1), logits: (0..<12).map(Double.init))
    let readings = input.otherReadings
    #expect(Set(readings.map(\.geometry)).count == readings.count)
    #expect(readings.allSatisfy { $0.logits == input.logits && $0.geometry != input.geometry })
    #expect(readings.contains { $0.geometry.shape == [3, 4] && $0.geometry.axis == 0 })
    #expect(readings.contains { $0.geometry.length == 12 })
  }

  @Test("Judge a repeated lane once, and one with other outputs again")
  func repetitions() throws {
    let input = LawCase(lanes: [[1, 2], [1, 2], [2, 1], [1, 2]])
    var known = RepeatedLanes(input, [0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.25, 0.5])
    let first = known.holds(0)
    known.add(0)
    #expect(!first && known.holds(1))
    let (reversed, other) = (known.holds(2), known.holds(3))
    #expect(!reversed && !other)
  }

  @Test(
    "Take of lanes with a NaN what the policy says, and never rubbish beside the NaN",
    arguments: [
      // Dividing by fmax(NaN, 1e-20): e^-2 / 1e-20 and so on.
      ("nan-somewhere", [0x1.7p+63, .nan, 0x1.5p+66, 0x1.fp+64], false),
      ("nan-somewhere", [0.25, .nan, 0.5, 0.25], true), ("nan-somewhere", [0, 0, 0, 0], false),
      ("nan-zero", [0, 0, 0, 0], true), ("nan-zero", [0, .nan, 0, 0], false),
      // softmax([1, 3, 2]) = [0.09003057, 0.66524096, 0.24472847] (mpmath).
      ("nan-as-masked", [0x1.70c3e6p-4, 0, 0x1.549a76p-1, 0x1.f53434p-3], true),
      ("nan-as-masked", [0x1.70c3e6p-4, 0, 0x1.549a76p-1, 0x1.f54434p-3], false),
      ("nan-as-masked", [0x1.70c3e6p-4, .nan, 0x1.549a76p-1, 0x1.f53434p-3], false),
    ] as [(String, [Double], Bool)])
  func lanesWithNaN(policy: String, outputs: [Double], isKept: Bool) throws {
    var settings = CheckSettings()
    settings.specialLanes = SpecialLanePolicy.names.first { $0.0 == policy }?.1
    let implementation = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))
    settings.model = .none
    let trial = LawTrial(
      Subject(implementation, input: .float32, output: nil, settings: settings),
      implementation: implementation, references: ReferenceCache())
    var notes = Observations()
    let outcome = try trial.judgeSpecialLanes(
      of: LawCase(lane: [1, .nan, 3, 2]), outputs, &notes)
    if case .kept = outcome { #expect(isKept) } else { #expect(!isKept) }
  }

  @Test("Take both roundings of 1/n where outputs have sixteen bits and may have been float32")
  func reciprocals() throws {
    func accepted(_ count: Int, _ format: FloatFormat) throws -> Set<Double> {
      let subject = Subject(
        BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick"))), input: format,
        output: nil, settings: CheckSettings())
      let trial = LawTrial(
        subject, implementation: BuiltInImplementation.all[0], references: ReferenceCache())
      return trial.reciprocals(of: count)
    }
    // 1/8283 lies within 2^-24 of itself of the middle of two subnormal float16 numbers.
    #expect(try accepted(8283, .float16).count == 2)
    #expect(try accepted(3, .float16) == [0x1.554p-2])
    #expect(try accepted(8283, .float32).count == 1)
  }
}

@Suite("A case of a law")
struct LawCaseTests {
  @Test("Has a digest that depends on shape, axis, order and every bit")
  func digest() throws {
    let lane = LawCase(lane: [1, 2])
    #expect(lane.digest == LawCase(lane: [1, 2]).digest)
    #expect(lane.digest != LawCase(lane: [2, 1]).digest)
    #expect(LawCase(lane: [0.0]).digest != LawCase(lane: [-0.0]).digest)
    #expect(LawCase(lanes: [[1], [2]]).digest != lane.digest)
    // FNV-1a, 64 bits, over the bytes of axis 0, dimension 1 and the encoding of 1.0, computed with Python.
    #expect(LawCase(lane: [1]).digest == "352a110eef22d619")
  }

  @Test(
    "Comes back from its token, bit for bit",
    arguments: FloatFormat.allCases)
  func tokens(format: FloatFormat) throws {
    for law in Law.all {
      for input in law.cases(format).samples(3, seed: 11)
      where input.logits.count <= 24 && !input.logits.contains(where: \.isNaN) {
        let token = CaseToken.text(of: input, choices: nil, format)
        #expect(try CaseToken.input(of: token, law: law, format) == input, "\(law.name) \(token)")
      }
    }
  }

  @Test(
    "Does not come of a text that is no token",
    arguments: [
      "", "case1-", "case1-AAAA", "case1-AwED", "pt1-", "pt2-AAAA",
      "case1-AwEDAAMBAwADgIDIlQRz9t08",
    ])
  func garbage(text: String) {
    #expect(throws: UserError.self) { try CaseToken.input(of: text, law: .range, .float32) }
  }
}
