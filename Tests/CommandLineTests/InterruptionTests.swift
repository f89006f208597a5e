import Foundation
import Testing

@Suite("Runs that are interrupted")
struct InterruptionTests {
  /// Starts the program, sends it signals once its checkpoint is there, and waits for its end.
  ///
  /// A shell has SIGINT ignored in what it starts in the background.
  private static let script = """
    "$1" exhaust --implementation online --format float16 --threads 1 --checkpoint "$2" &
    until [ -s "$2" ]; do kill -0 $! || exit 99; sleep 0.1; done
    kill -INT $!; sleep 1; kill -0 $! || exit 98
    kill -TERM $!; wait $!
    """

  @Test(
    "A signal that is not ignored ends the program with a word on what is done and what is kept")
  func word() async throws {
    let folder = try TemporaryFolder()
    let checkpoint = folder.url.appendingPathComponent("online.state").path
    let outcome = try await run(
      program: "/bin/sh", ["-c", Self.script, "sh", builtProgram.path, checkpoint])
    #expect(outcome.status == 128 + SIGTERM, "\(outcome)")
    #expect(outcome.output == "")
    // Some shells say what ended a program.
    let lines = outcome.notes.split(separator: "\n")
    let word = try #require(lines.first { $0.hasPrefix("interrupted after ") }, "\(lines)")
    #expect(
      word.hasSuffix(
        " blocks were done, \(checkpoint) keeps what it has: the same command goes on from there"),
      "\(word)")
  }
}
