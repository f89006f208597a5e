import Foundation
import TestSupport
import Testing

@Suite("Help and version")
struct HelpTests {
  let snapshots = Snapshots(of: .module)

  @Test(
    "Help goes to standard output, has all sections, fits 100 columns and has not changed",
    arguments: [
      "", "audit", "check", "gate", "infer", "search", "exhaust", "self-test", "list", "reference",
      "report", "compare", "plan", "run-unit", "merge", "export", "verify", "show",
    ])
  func help(command: String) async throws {
    let outcome = try await run("\(command) --help")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    for section in ["OVERVIEW: ", "USAGE: softmax-audit", "OPTIONS:"] {
      #expect(outcome.output.contains(section))
    }
    #expect(
      outcome.output.contains(
        ["": "SUBCOMMANDS:", "list": "Implementations"][command] ?? "Example"))
    for line in outcome.lines { #expect(line.count < 100) }
    let name = command.isEmpty ? "help.txt" : "help-\(command).txt"
    #expect(try snapshots.difference(of: outcome.output, from: name) == nil)
  }

  @Test("Without a command there is the help; the help command knows the others")
  func otherWaysToHelp() async throws {
    let help = try await run("--help")
    let nothing = try await run("")
    #expect(nothing.output == help.output)
    // Whoever writes a script and names no command has not measured anything.
    #expect(nothing.status == 64)
    #expect(try await run("help audit").output == run("audit --help").output)
  }

  @Test("The version is three numbers")
  func version() async throws {
    let outcome = try await run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    #expect(outcome.notes == "")
  }

  @Test(
    "A command or option that does not exist is a usage error",
    arguments: ["frobnicate", "audit --frobnicate", "list extra", "report", "export"])
  func unknownWords(command: String) async throws {
    let outcome = try await run(command)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.notes.contains("Usage: softmax-audit"))
  }
}
