import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import Foundation

/// Does one unit of a plan.
struct RunUnitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-unit",
    abstract: "Does one unit of a plan.",
    usage: "softmax-audit run-unit <plan> <k> --directory <directory> [<options>]",
    discussion: """
      Writes DIRECTORY/unit-K.json, whole or not at all, and leaves with the exit status of the \
      unit. A unit that is done already is not done again. A unit of exhaust that was interrupted \
      goes on from DIRECTORY/unit-K.checkpoint. Several machines may share the directory, and a \
      unit that two of them do at once comes out the same.

      Nothing is done where this machine would measure something else than was planned: exit status \
      65 where the plan is damaged or of another version, 2 where MPFR, the file of an \
      implementation or what it answers to some fixed lanes is another one.

      scripts/fleet has scripts for Slurm, GNU parallel, HyperQueue and GitHub Actions.

      Examples:
        softmax-audit run-unit plan.json 3 --directory units
        softmax-audit run-unit plan.json $SLURM_ARRAY_TASK_ID --directory units
        softmax-audit run-unit plan.json --directory units --missing
      """)

  @Argument(help: ArgumentHelp("The file that plan has written.", valueName: "plan"))
  var plan: String

  @Argument(help: ArgumentHelp("The number of the unit, from 1.", valueName: "k"))
  var unit: Int?

  @Option(
    name: .long, help: ArgumentHelp("The directory of the units.", valueName: "directory"))
  var directory: String

  @Flag(
    name: .long, help: "Print the numbers of the units that are not done, a line each, and do none."
  )
  var missing = false

  @OptionGroup
  var threads: ThreadOptions

  @Flag(name: .long, help: "No notes; only the unit and the exit status.")
  var quiet = false

  func run() async throws {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    if directory.isEmpty || directory == OutputFile.standardOutput {
      mistakes.add(.usage, "--directory '\(directory)': name a directory on disk")
    }
    if missing, unit != nil || threads.threads != nil || quiet {
      mistakes.add(
        .usage, "--missing shows what is not done and does nothing; leave the rest out")
    }
    if !missing, unit == nil {
      mistakes.add(.usage, "which unit? Name its number, or --missing to see those not done")
    }
    try mistakes.throwIfAny()
    let whole = try PlanFile.read(plan)
    try whole.subject.expectSameProgram(.ofThisRun, in: plan)
    guard let unit else { return try showMissing(of: whole) }
    let shard = try whole.shard(ofUnit: unit)
    try OutputFile.makeDirectory(directory)
    let files = UnitFiles(directory, unit: unit)
    if let done = try files.done(of: whole, note: note) {
      note("unit \(shard.text) is done already")
      return try leave(done.status)
    }

    let command = try PlannedCommand(whole.subject.command)
    try whole.subject.expectSame(command.survey().subject(of: command.words), in: plan)
    defer { files.discardPartial() }
    let clock = ContinuousClock()
    let start = clock.now
    let status = try await command.run(
      shard, threads: threads.count, writing: files.partial,
      checkpoint: command.keepsCheckpoints ? files.checkpoint : nil)
    let seconds = (clock.now - start) / .seconds(1)
    try files.finish(FleetUnit(unit, of: whole, status: status, seconds: seconds))
    note("unit \(shard.text) took \(Int(seconds.rounded())) s; exit status \(status)")
    try leave(status)
  }

  private func showMissing(of whole: FleetPlan) throws {
    for unit in 1...whole.units.count
    where try UnitFiles(directory, unit: unit).done(of: whole, note: note) == nil {
      try Console.print("\(unit)\n")
    }
  }

  private func note(_ sentence: String) {
    if !quiet { Console.note("note: \(sentence)") }
  }

  private func leave(_ status: Int32) throws {
    if status != 0 { throw ExitCode(status) }
  }

  /// Whether words ask for a unit that calls plug-ins in this process, which has to be known before
  /// anything else happens in it.
  static func callsInProcess(_ words: [String]) -> Bool {
    guard words.first == configuration.commandName else { return false }
    return words.dropFirst().contains { word in
      guard !word.hasPrefix("-"), let plan = try? PlanFile.read(word) else { return false }
      return plan.subject.command.contains("--in-process")
    }
  }
}
