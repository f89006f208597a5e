import FloatFormats
import PropertyTesting
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
    for law in Law.all where law.name != "large-tensors" {
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
