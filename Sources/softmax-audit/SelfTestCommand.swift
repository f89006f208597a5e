import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import FaultySoftmaxes
import Foundation
import Laws

struct SelfTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "self-test",
    abstract: "Tries the laws on softmaxes known to be faulty, and on sound ones.",
    usage: "softmax-audit self-test <options>",
    discussion: """
      Each faulty softmax does one thing wrong, after a class of real bugs. The kill matrix shows \
      which law notices which. It fails where a fault goes unnoticed or a sound softmax is flagged.

      Each of them is tried in one of its formats, the formats taking turns; --every-format tries \
      it in all.

      Examples:
        softmax-audit self-test --every-format
        softmax-audit self-test --implementation 'maximum-*' --law 'length*'
      """)

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of laws (repeatable; default: all).")
  var law: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of faulty or sound softmaxes (repeatable; default: all).")
  var implementation: [String] = []

  @OptionGroup
  var operations: OperationOptions

  @OptionGroup
  var efforts: EffortOptions

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @Flag(name: .long, help: "Try each of them in every format that it has.")
  var everyFormat = false

  @Flag(name: .long, help: "Only the sound softmaxes: do the laws leave them alone?")
  var soundOnly = false

  @Option(name: .long, help: ArgumentHelp("Write the kill matrix as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "No progress and no matrix, only what it comes to.")
  var quiet = false

  func run() async throws {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    efforts.check(&mistakes)
    operations.requireSoftmax(in: "self-test", &mistakes)
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedLaws = try mistakes.collect { try Law.selected(by: law) }
    try OutputPlaces(files: [("--json", json)]).check(&mistakes)
    func isSelected(_ name: String) -> Bool {
      implementation.isEmpty || implementation.contains { Glob.matches(name, $0) }
    }
    let faulty = FaultySoftmax.all.filter { !soundOnly && isSelected($0.name) }
    let sound = SoundSoftmax.all.filter { isSelected($0.name) }
    for name in implementation
    where !faulty.contains(where: { Glob.matches($0.name, name) })
      && !sound.contains(where: { Glob.matches($0.name, name) })
    {
      mistakes.add(.usage, "there is no faulty or sound softmax \"\(name)\"")
    }
    let (seed, laws) = try mistakes.require(wantedSeed, wantedLaws)
    seeds.tell(seed)

    let progress = Progress(isQuiet: quiet, what: "parts")
    let matrix = try await SelfTest(
      laws: laws, seed: seed, effort: efforts.effort, threads: threads.count, faulty: faulty,
      sound: sound, usesEveryFormat: everyFormat
    ).run { progress.show($0, of: $1) }
    progress.finish()
    if let json { try OutputFile.write(DocumentJSON.encode(matrix), to: json) }
    try Console.print(
      quiet
        ? KillMatrixReport.summary(matrix).joined(separator: "\n") + "\n"
        : KillMatrixReport.render(matrix))
    try RunOutcome(of: matrix).leave(quietly: quiet)
  }
}
