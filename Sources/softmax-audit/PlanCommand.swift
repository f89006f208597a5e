import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import Foundation

/// Cuts a run into units for many machines, and says what it takes.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Cuts a run into units for many machines, and says what it takes.",
    usage: "softmax-audit plan --out <file> [<options>] -- <command> ...",
    discussion: """
      Behind -- stands a command line of audit, check, search or exhaust, with its options but for \
      those that say where results go. It is looked at as the command itself would look at it, and \
      some of its parts are measured on one thread, to estimate the time of all.

      The plan names what the run depends on: this version, MPFR, the seed, the SHA-256 of \
      plug-ins, modules and models, the outputs of every implementation for some fixed lanes, and \
      what is measured. run-unit does a unit only where all of that is the same, and merge takes \
      the units of one plan only. Paths are taken from the directory that a command is started in.

      A part is a cell of audit, a law of check, an island of search or a block of exhaust. The \
      estimate knows nothing of parts unlike those that were measured.

      Examples:
        softmax-audit plan --out plan.json -- exhaust --plugin libmine.so
        softmax-audit plan --out plan.json --minutes 10 -- audit --library torch
        softmax-audit plan --out plan.json --units 8 -- search --plugin libmine.so
      """)

  @Option(name: .long, help: ArgumentHelp("Write the plan into this file.", valueName: "file"))
  var out: String

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Minutes of one processor that a unit should take (default: 5).", valueName: "minutes"))
  var minutes: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Make this many units instead.", valueName: "number"))
  var units: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds to measure parts for; the last one is measured to its end. 0 measures nothing, and needs --units.",
      valueName: "seconds"))
  var seconds: Double = 20

  @Flag(name: .long, help: "No text; only the plan and the exit status.")
  var quiet = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command line of the run, without the program.", valueName: "command"))
  var command: [String] = []

  func run() async throws {
    var mistakes = Mistakes()
    if let minutes, !(minutes > 0 && minutes <= 1e6) {
      mistakes.add(.usage, "--minutes \(minutes): use a number above 0, at most 1000000")
    }
    if minutes != nil, units != nil {
      mistakes.add(.usage, "--minutes and --units both say how many units there are; choose one")
    }
    if let units, !(1...FleetPlan.greatestCount).contains(units) {
      mistakes.add(.usage, "--units \(units): use a number from 1 to \(FleetPlan.greatestCount)")
    }
    if !(seconds >= 0 && seconds <= 1e6) {
      mistakes.add(.usage, "--seconds \(seconds): use a number from 0 to 1000000")
    }
    if seconds == 0, units == nil {
      mistakes.add(.usage, "--seconds 0 measures nothing, and --minutes needs a time; give --units")
    }
    let wanted = try mistakes.collect { try PlannedCommand(command) }
    try OutputPlaces(files: [("--out", out)]).check(&mistakes)
    let planned = try mistakes.require(wanted)

    let clock = ContinuousClock()
    let began = clock.now
    let survey = try planned.survey()
    let loading = (clock.now - began) / .seconds(1)
    let subject = survey.subject(of: planned.words)
    let start = (clock.now - began) / .seconds(1)
    if let units, units > subject.parts {
      throw UserError(
        .usage,
        "--units \(units): the run has \(subject.parts) \(planned.part)s, and a unit has one at least"
      )
    }
    let estimate =
      seconds == 0
      ? nil
      : FleetEstimate(
        ofRuns: try await UnitTiming(planned, of: subject, loading: loading).runs(for: seconds),
        parts: subject.parts, start: start)
    let count =
      units ?? estimate?.units(ofSeconds: 60 * (minutes ?? 5), parts: subject.parts) ?? 1
    let plan = try FleetPlan(subject, units: count, estimate: estimate)
    try OutputFile.write(PlanJSON.encode(plan), to: out)
    if !quiet { try Console.print(PlanText.render(plan, name: out, part: planned.part)) }
  }
}
