import Testing

@testable import AuditRecords

@Suite("The verdict where nothing is declared")
struct DefaultVerdictTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func kernel(_ flags: String...) throws -> String {
    try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/wrong_recipe.c", named: "mine", in: folder,
      flags: flags.map { "-D\($0)" })
  }

  private func audit(_ library: String, _ options: [String] = []) async throws -> Outcome {
    try await run(
      [
        "audit", "--plugin", "mine=\(library)", "--family", "normal-4", "--length", "16",
        "--length", "100",
        "--samples", "4",
      ] + options)
  }

  @Test("A softmax passes")
  func sound() async throws {
    let outcome = try await audit(try kernel("FACTOR=1.0f"))
    #expect(outcome.status == 0, "\(outcome.notes)")
  }

  @Test(
    "A softmax at a temperature fails, and the temperature is named",
    arguments: [
      ("0.01f", "the softmax of the logits divided by 100 (a temperature)"),
      ("0.5f", "the softmax of the logits times 0.5 (a temperature)"),
    ])
  func temperature(factor: String, words: String) async throws {
    let outcome = try await audit(try kernel("FACTOR=\(factor)"))
    #expect(outcome.status == 1)
    let failures = outcome.notes.split(separator: "\n").filter { $0.hasPrefix("failed: ") }
    #expect(failures.count == 2 && failures.allSatisfy { $0.contains(words) }, "\(outcome.notes)")
  }

  @Test("Random outputs fail")
  func noise() async throws {
    let outcome = try await audit(try kernel("RECIPE=NOISE"))
    #expect(outcome.status == 1)
    #expect(outcome.notes.contains("failed: mine in float32, normal-4, length 16: judged by "))
  }

  @Test("With --judge nothing wrong outputs pass as unjudged, and the report says so")
  func unjudged() async throws {
    let outcome = try await audit(try kernel("FACTOR=0.5f"), ["--judge", "nothing"])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains("othing was judged"), "\(outcome.output)")
  }

  @Test("With --declare none a built-in is judged by what any sound softmax keeps to")
  func undeclared() async throws {
    let file = folder.path("results.json")
    let outcome = try await run(
      "audit --implementation max-trick/pairwise --declare none --format float32 "
        + "--family normal-4 --length 100 --samples 2 --json \(file)")
    #expect(outcome.status == 0, "\(outcome.notes)")
    let results = try results(in: file)
    #expect(results.judging?.declare == "none")
    let bounds = results.accuracy.compactMap(\.bound)
    #expect(bounds.count == 1 && bounds.allSatisfy { $0.model == "undeclared" })
    #expect(bounds.allSatisfy { ($0.maxRatio?.value ?? 2) <= 1 })
  }
}
