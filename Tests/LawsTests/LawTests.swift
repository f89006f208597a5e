import FloatFormats
import Oracle
import PropertyTesting
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics
@testable import Laws

@Suite("The laws")
struct LawTests {
  /// Whether the cases of a law are tensors of up to millions of logits.
  private func isLarge(_ law: Law) -> Bool {
    ["large-tensors", "many-lanes", "long-batches", "batch-lengths", "feature-maps"]
      .contains(law.name)
  }

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
    where !isLarge(law) {
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

  @Test("Ask nothing beyond the largest logit", arguments: FloatFormat.allCases, [16, 100, 9999.5])
  func largestLogit(format: FloatFormat, largest: Double) {
    for law in Law.all where !isLarge(law) {
      let generator = law.cases(format, within: largest)
      for input in generator.samples(6, seed: 3) {
        #expect(input.staysWithin(largest), "\(law.name)")
        for logit in input.logits where !logit.isNaN {
          #expect(format.rounded(logit) == logit, "\(law.name): \(logit.hexText)")
        }
      }
    }
  }

  @Test("Are all kept by the max trick where logits end at 100, in any format")
  func keptWithin() async throws {
    for format in FloatFormat.allCases {
      var settings = CheckSettings()
      settings.largestLogit = 100
      settings.repeats = 20
      let laws = Law.all.filter {
        !isLarge($0) && !["length-sweep", "long-lanes", "masked-runs"].contains($0.name)
      }
      let plan = CheckPlan(
        implementations: [BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))],
        formats: [format], laws: laws, effort: 0.1, settings: settings)
      for row in try await Check(plan).run() {
        #expect(row.verdict == .passed, "\(format) \(row.law): \(row.reason ?? "")")
      }
    }
  }
}
