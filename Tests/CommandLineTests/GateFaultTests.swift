import Foundation
import Testing

/// `.ci/run` does the same with all laws and families.
@Suite("Faults planted into a softmax that passes the gate")
struct GateFaultTests {
  private func gate(fault: String) async throws -> Outcome {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/planted_fault.c", named: "mine", in: folder,
      flags: ["-DFAULT=\(fault)"])
    let policy = """
      schema: softmax-audit/policy/1
      samples: 8
      effort: 0.2
      rules:
        - implementation: mine
          format: float32
          laws: [axis, masked-zero]
          reason: nothing is declared
        - implementation: mine
          format: float32
          family: [normal-4, subnormal-results]
          length: <=1024
          max-ulp: bound
          reason: what any sound softmax keeps to
      """
    let path = try folder.file("policy.yaml", Data(policy.utf8))
    return try await run(["gate", "--policy", path, "--plugin", "mine=\(library)"])
  }

  @Test("Without a fault it passes")
  func sound() async throws {
    let outcome = try await gate(fault: "NONE")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.notes)")
  }

  @Test(
    "Each turns the gate red, and the message names the cause",
    arguments: [
      ("WRONG_AXIS", "FAILED law axis", "the softmax runs along another axis"),
      (
        "FLOAT16_ACCUMULATOR", "FAILED max-ulp",
        "the outputs do not sum to 1: the sum is kept in too narrow a format"
      ),
      (
        "EXP_WINDOW", "FAILED max-ulp",
        "the outputs sum to 1 all the same: the exponential or its argument is off"
      ),
      ("MISSING_TAIL", "FAILED max-ulp", "only lengths that are no multiple of 8 fail: the tail"),
      ("FLUSH_TO_ZERO", "FAILED max-ulp", "results below the normal range are flushed to zero"),
    ])
  func planted(fault: String, failure: String, cause: String) async throws {
    let outcome = try await gate(fault: fault)
    #expect(outcome.status == 1)
    // Lines are broken at 80 columns.
    let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains(failure), "\(outcome.output)")
    #expect(text.contains(cause), "\(outcome.output)")
    #expect(outcome.output.contains("  replay: softmax-audit "))
  }
}
