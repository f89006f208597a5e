import ArgumentParser
import Basics
import CForeignCalls

/// The program: parses, wires the floors together, prints, and leaves with the exit status of the
/// design page.
@main
struct SoftmaxAuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "softmax-audit",
    abstract: "Tells how wrong a softmax is, with proof.",
    discussion: """
      Every implementation is measured in fractional ULP against an arbitrary-precision oracle (MPFR) whose values are \
      certified, and against an error bound evaluated on the very lane.

      Options that write a file take - for standard output; what would be printed there goes to standard error then. \
      Files are written whole or not at all; pipes, devices and links stay what they are.

      Exit status:
        0   all that was asked for was measured and nothing failed
        1   a law is broken, a bound or budget was exceeded, or an output does not match where it must
        2   something asked for was not measured
        64  a mistake on the command line
        65  a malformed input file or policy
        70  a fault of this program
        73  an output cannot be written
      """,
    version: ProgramIdentity.version,
    subcommands: [
      AuditCommand.self, CheckCommand.self, GateCommand.self, InferCommand.self,
      SearchCommand.self, ExhaustCommand.self, SelfTestCommand.self, ListCommand.self,
      ReferenceCommand.self, ReportCommand.self, CompareCommand.self, PlanCommand.self,
      RunUnitCommand.self, MergeCommand.self,
      ExportCommand.self, VerifyCommand.self, ShowCommand.self, PluginWorkerCommand.self,
    ])

  /// Parses and runs, and maps whatever happens to an exit status in one place.
  static func main() async {
    do {
      let words = Array(ProgramArguments.all.dropFirst())
      guard !ProgramArguments.all.isEmpty else {
        throw UserError(
          .usage,
          "the system does not tell what this program was asked for; it needs /proc to be mounted")
      }
      ProgramArguments.sayThatThreadsAreUnsure()
      guard !words.isEmpty else {
        try Console.print(helpMessage() + "\n")
        throw ExitCode(ExitStatus.usage.rawValue)
      }
      if words.contains("--in-process") || RunUnitCommand.callsInProcess(words) {
        _ = softmax_audit_supervise()
      }
      try RepeatedOptions.refuse(in: words)
      let (options, logits) = ReferenceCommand.split(words)
      var command = try parseAsRoot(options)
      if var reference = command as? ReferenceCommand {
        reference.lane += logits
        command = reference
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      RunOutcome.exit(after: error)
    }
  }
}
