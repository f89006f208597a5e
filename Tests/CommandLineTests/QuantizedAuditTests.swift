import AuditRecords
import AuditedOperations
import Foundation
import Testing

/// Implementations of integers: Python callables with --quantised.
@Suite(
  "Audits of implementations of integers",
  .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"))
struct QuantizedAuditTests {
  private static let module = """
    import numpy as np
    def steps(x, axis):
        z = 0.1 * (x.astype(float) + 3)
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return 256 * e / e.sum(axis=axis, keepdims=True)
    def sound(x, axis):
        assert x.dtype == np.int8
        return np.clip(np.rint(steps(x, axis)) - 128, -128, 127).astype(np.int8)
    def wrapping(x, axis):
        return (np.rint(steps(x, axis)) - 128).astype(np.int64).astype(np.int8)
    def wide(x, axis):
        return np.clip(np.rint(steps(x, axis)) - 128, -128, 127).astype(np.int32)
    """
  private static let roles = [
    "--python-executable", libraryPython ?? "", "--quantised", "logits=0.1,-3,int8", "--quantised",
    "probabilities=0x1p-8,-128,int8",
  ]

  @Test("Every integer in every place of short lanes is tried: what wraps at the end is noticed")
  func callables() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("mine.py", Data(Self.module.utf8))
    let file = folder.path("results.json")
    let sound = try await run(["audit", "--python", "\(path):sound", "--json", file] + Self.roles)
    #expect(sound.status == 0, "\(sound.output) \(sound.notes)")
    let rows = try results(in: file).accuracy
    #expect(rows.map(\.length).sorted().first == 1 && rows.map(\.length).max() == 1000)
    #expect(rows.allSatisfy { $0.correctlyRounded == 1.0 && $0.formatPair == "int8" })
    // 256 values in each of 4 places among four kinds of others.
    #expect(rows.first { $0.length == 4 }?.lanes == 4 * 256 * 4)
    let wrapping = try await run(["audit", "--python", "\(path):wrapping"] + Self.roles)
    #expect(wrapping.status == 1)
    #expect(wrapping.output.contains("wrapped around at the end of int8"), "\(wrapping.output)")
    let wide = try await run(["audit", "--python", "\(path):wide"] + Self.roles)
    #expect(wide.status == 1 && wide.notes.contains("int32, not int8"), "\(wide.notes)")
  }

  @Test("Options about floats, and commands that know no integers, are refused")
  func refusals() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("mine.py", Data(Self.module.utf8))
    let words = ["audit", "--python", "\(path):sound"] + Self.roles
    for (more, sentence) in [
      (["--family", "dust"], "--family, --length and --samples is about floating-point"),
      (["--max-ulp", "1"], "--max-ulp (there is --max-steps) is about floating-point"),
      (["--scale", "0.5"], "--scale is about floating-point"),
      (["--library", "numpy"], "--quantised is about --python callables of integers"),
    ] {
      let outcome = try await run(words + more)
      #expect(outcome.status == 64, "\(more): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(more): \(outcome.notes)")
    }
    let none = try await run(["audit", "--quantised", "logits=0.1,-3,int8"])
    #expect(none.status == 64)
    let limited = try await run(words + ["--max-steps", "0.25"])
    #expect(limited.status == 1 && limited.notes.contains("steps exceed --max-steps 0.25"))
  }
}
