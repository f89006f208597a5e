import FloatFormats
import Foundation
import SoftmaxVariants
import Synchronization
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics
@testable import Laws

/// A built-in variant that declares nothing.
private struct Undeclared: SoftmaxImplementation {
  let variant: SoftmaxVariant
  var name: String { "undeclared-" + variant.name }
  var summary: String { variant.formula }
  var formats: [FloatFormat] { variant.formats }

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try BuiltInImplementation(variant).outputs(for: inputs, as: output)
  }
}

/// A sound softmax until its seventh call, which gives half of everything.
private final class HalvesSeventhCall: SoftmaxImplementation {
  let name = "halves-seventh-call"
  let summary = "a softmax that counts its calls"
  let formats: [FloatFormat] = [.float32]
  private let calls = Mutex(0)

  func renewed() throws -> any SoftmaxImplementation { HalvesSeventhCall() }

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    let number = calls.withLock { calls in
      calls += 1
      return calls
    }
    var result = try sound.outputs(for: inputs, as: output)
    if number == 7 {
      for index in result.elements.indices {
        result.elements[index] = result.elements[index].scaled(byPowerOfTwo: -1)
      }
    }
    return result
  }
}

/// Answers with what its closure throws.
private struct Throws: SoftmaxImplementation {
  let name = "throws"
  let summary = "a softmax that does not answer"
  let formats: [FloatFormat] = [.float32]
  let error: any Error

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> { throw error }
}

private let sound = BuiltInImplementation(SoftmaxVariant(named: "max-trick")!)

private func builtIn(_ name: String) throws -> BuiltInImplementation {
  BuiltInImplementation(try #require(SoftmaxVariant(named: name)))
}

private func plan(
  _ implementation: any SoftmaxImplementation, _ format: FloatFormat = .float32,
  laws: [Law] = Law.all.filter {
    ![
      "length-sweep", "large-tensors", "long-lanes", "long-batches", "many-lanes",
      "batch-lengths", "feature-maps", "masked-runs",
      "repeated-calls",
    ].contains($0.name)
  },
  effort: Double = 0.1, threads: Int = 2
) -> CheckPlan {
  CheckPlan(
    implementations: [implementation], formats: [format], laws: laws, effort: effort,
    threads: threads)
}

@Suite("A check")
struct CheckTests {
  @Test("Finds nothing wrong with the max trick", arguments: [FloatFormat.bfloat16, .float32])
  func soundPasses(format: FloatFormat) async throws {
    let rows = try await Check(plan(sound, format)).run()
    #expect(rows.count > 20)
    for row in rows {
      #expect(row.verdict == .passed, "\(row.law): \(row.reason ?? "")")
      #expect(row.cases > 0, "\(row.law)")
    }
  }

  @Test("Finds that naive overflows, with a witness of at most two logits")
  func naiveFails() async throws {
    let rows = try await Check(plan(try builtIn("naive"))).run()
    let failed = rows.filter { $0.verdict == .failed }
    #expect(Set(failed.map(\.law)).isSuperset(of: ["overflow", "large-shift", "range"]))
    for row in failed {
      let witness = try #require(row.counterexample, "\(row.law)")
      #expect(witness.logits.count <= 2, "\(row.law): \(witness.logits)")
      #expect(row.reason == witness.failure)
    }
    // 89 is the smallest integer whose exponential is no float32.
    let range = try #require(failed.first { $0.law == "range" }?.counterexample)
    #expect(range.logits == ["0x1.64p+6"])
    #expect(range.computed == ["nan"])
    #expect(range.expected == ["1.0"])
  }

  @Test("Takes logsumexp as declared, and finds its error under offsets where it declares nothing")
  func logSumExp() async throws {
    let variant = try #require(SoftmaxVariant(named: "logsumexp"))
    let declared = try await Check(plan(BuiltInImplementation(variant))).run()
    #expect(declared.filter { $0.verdict == .failed }.map(\.law) == [])
    let undeclared = try await Check(plan(Undeclared(variant: variant))).run()
    let failed = Set(undeclared.filter { $0.verdict == .failed }.map(\.law))
    #expect(failed.isSuperset(of: ["componentwise-error", "sum-to-one"]))
  }

  @Test("Finds the same on one thread and on four")
  func threads() async throws {
    let naive = try builtIn("naive")
    let one = try await Check(plan(naive, threads: 1)).run()
    let four = try await Check(plan(naive, threads: 4)).run()
    #expect(one == four)
  }

  @Test("Depends on the seed where nothing is broken, and only in what it looks at")
  func seeds() async throws {
    var other = plan(sound)
    other.seed = 1
    for row in try await Check(other).run() { #expect(row.verdict == .passed, "\(row.law)") }
  }

  @Test("Replays a witness from its token with one case")
  func replay() async throws {
    let naive = try builtIn("naive")
    let rows = try await Check(plan(naive)).run()
    for row in rows where row.verdict == .failed {
      for witness in [row.counterexample, row.worst].compactMap({ $0 }) {
        let token = try #require(witness.replay.split(separator: " ").last).description
        let law = try #require(Law.named(row.law))
        let again = try Check(plan(naive, laws: [law])).replay(token)
        #expect(again.verdict == .failed, "\(row.law) \(token)")
        #expect(again.cases == 1)
        #expect(again.counterexample?.logits == witness.logits, "\(row.law) \(token)")
        #expect(again.counterexample?.computed == witness.computed, "\(row.law) \(token)")
      }
    }
  }

  @Test(
    "A witness shows the exact values of its own inputs, the worst one too",
    arguments: [AuditedOperation.softmaxVJP, .logSoftmaxVJP])
  func exactOfWitness(operation: AuditedOperation) async throws {
    let law = try #require(Law.named("componentwise-error"))
    let halved = AlteredSoftmax.inEveryLane(of: operation) { _, outputs in
      for index in outputs.indices { outputs[index] *= 0.5 }
    }
    let row = try #require(try await Check(plan(halved, laws: [law], effort: 1)).run().first)
    let worst = try #require(row.worst)
    #expect(worst.digest != row.counterexample?.digest)
    for witness in [try #require(row.counterexample), worst] {
      // The sentence names an output and its exact value.
      let words = witness.failure.split(separator: " ")
      let index = try #require(words.dropFirst().first.flatMap { Int($0) })
      let place = try #require(words.firstIndex(of: "exact"))
      let told = try #require(Double(words[place + 2].dropLast()))
      let shown = try #require(Double(witness.expected[index]))
      #expect(abs(shown - told) <= 1e-9 * abs(told), "\(witness.failure): \(shown)")
    }
  }

  @Test("A zero is told as flushed where results below the normal range are, and not elsewhere")
  func flushedOrNot() async throws {
    let law = try #require(Law.named("underflow"))
    func cause(_ zeroes: @escaping @Sendable ([Double], Int, Double) -> Bool) async throws -> String
    {
      let altered = AlteredSoftmax.inEveryLane { logits, outputs in
        for index in outputs.indices where zeroes(logits, index, outputs[index]) {
          outputs[index] = 0
        }
      }
      return try await Check(plan(altered, laws: [law])).run().first?.cause ?? ""
    }
    #expect(try await cause { $2 < 0x1p-126 }.contains("are flushed to zero"))
    // What is below 2^-126 is 0 in lanes of three and more alone.
    let other = try await cause { logits, _, output in logits.count > 2 && output < 0x1p-126 }
    #expect(!other.isEmpty && !other.contains("are flushed to zero"), "\(other)")
  }

  @Test("Says that a failure depends on history, with the calls before it")
  func history() async throws {
    let law = try #require(Law.named("sum-to-one"))
    let row = try #require(
      try await Check(plan(HalvesSeventhCall(), laws: [law])).run().first)
    #expect(row.verdict == .failed)
    #expect(row.reason?.hasPrefix("depends on history") == true, "\(row.reason ?? "")")
    #expect(row.cause?.contains("a cache or plan") == true, "\(row.cause ?? "")")
    #expect(row.callLog?.count == 7)
    #expect(row.callLog?.last?.hasPrefix("call 7:") == true)
    #expect(row.counterexample?.replay.contains("--replay") == false)
  }

  @Test("Counts a call without an answer as a broken law", arguments: CallFailure.Kind.allCases)
  func callFailures(kind: CallFailure.Kind) async throws {
    let rows = try await Check(plan(Throws(error: CallFailure(kind, "gone")))).run()
    for row in rows where row.law != "empty" {
      #expect(row.verdict == .failed, "\(row.law)")
      #expect(row.reason?.contains("(\(kind.rawValue)): gone") == true, "\(row.law)")
    }
    let empty = try #require(rows.first { $0.law == "empty" })
    // A tensor without lanes may not be refused; lanes of length 0 may.
    #expect(empty.verdict == .failed)
    #expect(empty.counterexample?.logits == [])
  }

  @Test("Does not pass what could not be measured")
  func givenUp() async throws {
    let error = UserError(.notMeasured, "the library is gone")
    for row in try await Check(plan(Throws(error: error))).run() {
      #expect(row.verdict == .notMeasured, "\(row.law)")
      #expect(row.reason?.contains("the library is gone") == true)
    }
  }

  @Test("Ends with a fault of our own")
  func internalError() async {
    await #expect(throws: InternalError.self) {
      try await Check(plan(Throws(error: InternalError("a fault")))).run()
    }
  }

  @Test("Waives a broken law with its reason, and no other")
  func waivers() async throws {
    var waiving = plan(try builtIn("naive"))
    waiving.settings.waivers = ["overflow": "no large logits here"]
    let rows = try await Check(waiving).run()
    let overflow = try #require(rows.first { $0.law == "overflow" })
    #expect(overflow.verdict == .waived)
    #expect(overflow.reason?.hasPrefix("waived: no large logits here; ") == true)
    #expect(overflow.counterexample != nil)
    #expect(rows.first { $0.law == "range" }?.verdict == .failed)
  }

  @Test("Leaves out a law that does not apply, unless it is asked for by name")
  func inapplicable() async throws {
    #expect(try await Check(plan(sound)).run().contains { $0.law == "layout" } == false)
    var named = plan(sound, laws: [try #require(Law.named("layout"))])
    named.namedLaws = ["layout"]
    let row = try #require(try await Check(named).run().first)
    #expect(row.verdict == .notMeasured)
    #expect(row.reason?.contains("row-major") == true)
  }

  @Test("Keeps the simplest failing case in a file, and checks it first in the next run")
  func regressions() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let law = try #require(Law.named("range"))
    var keeping = plan(try builtIn("naive"), laws: [law])
    keeping.regressions = RegressionDirectory(path: folder.path)
    _ = try await Check(keeping).run()
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }
    #expect(files.count == 1, "\(files)")
    #expect(files.first?.hasPrefix("float32/range/") == true)

    // With no random cases the file alone finds the failure.
    let first = try #require(files.first)
    let url = folder.appendingPathComponent(first)
    var file = try JSONDecoder().decode(RegressionDirectory.File.self, from: Data(contentsOf: url))
    file.logits = ["0x1.9p+6", "0x1p+0"]
    file.shape = [2]
    try JSONEncoder().encode(file).write(to: url)
    keeping.effort = 1e-9
    let again = try #require(try await Check(keeping).run().first)
    #expect(again.verdict == .failed)

    try Data("{}".utf8).write(to: url)
    await #expect(throws: UserError.self) { try await Check(keeping).run() }
  }
}
