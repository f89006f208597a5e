import Foundation
import Testing

@Suite("The list command")
struct ListTests {
  @Test("It shows implementations with their formats, algorithms and families")
  func everything() async throws {
    let outcome = try await run("list")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    let words = outcome.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(
      words.contains(["max-trick/sequential", "float16", "bfloat16", "float32", "float64"]))
    #expect(words.contains(["max-trick/sequential/float32", "float16", "bfloat16"]))
    #expect(words.contains(["naive"]))
    #expect(words.contains { $0.first == "dust" })
  }

  @Test("It shows a part where one is asked for, and all parts are everything")
  func parts() async throws {
    let everything = try await run("list").output
    let operations = try await run("list --operations").output
    #expect(operations.hasPrefix("Operations, "))
    let implementations = try await run("list --implementations").output
    let models = try await run("list --models").output
    let families = try await run("list --families").output
    #expect(families.hasPrefix("Families of logits\n"))
    #expect(!families.contains("max-trick/sequential"))
    #expect(implementations.hasPrefix("Implementations"))
    #expect(!implementations.contains("Families"))
    let laws = try await run("list --laws").output
    #expect(laws.hasPrefix("Laws that every softmax must keep\n"))
    #expect(laws.contains("  shift "))
    let libraries = try await run("list --libraries").output
    let tolerances = try await run("list --tolerances").output
    #expect(tolerances.hasPrefix("Tolerances in use elsewhere"))
    #expect(tolerances.contains("  torch.testing.assert_close\n"))
    #expect(
      everything
        == [operations, implementations, models, families, laws + tolerances, libraries]
        .joined(separator: "\n"))
    #expect(libraries.hasPrefix("Python libraries and recipes\n"))
  }

  #if os(Linux)
    @Test("A full disk behind standard output is reported as such")
    func fullDisk() async throws {
      let outcome = try await run(["list"], output: FileHandle(forWritingAtPath: "/dev/full"))
      #expect(outcome.status == 73)
      #expect(
        outcome.notes == "error: cannot write to standard output: no space is left; make room\n")
    }
  #endif
}
