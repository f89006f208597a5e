import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FaultySoftmaxes
import Foundation
import Laws

struct SelfTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "self-test",
    abstract: "Tries the laws on implementations known to be faulty, and on sound ones.",
    usage: "softmax-audit self-test <options>",
    discussion: """
      Each faulty implementation does one thing wrong, after a class of real bugs. The kill \
      matrix shows which law notices which, operation by operation. It fails where a fault goes \
      unnoticed or a sound implementation is flagged.

      Each of them is tried in one of its formats, the formats taking turns; --every-format tries \
      it in all.

      With --elsewhere the tolerances that softmaxes are tested with elsewhere are tried in place \
      of the laws: which faulty softmaxes they let through and which sound ones they reject, on \
      normal logits as tests draw them, and on all families of an audit.

      Examples:
        softmax-audit self-test --every-format
        softmax-audit self-test --implementation 'maximum-*' --law 'length*'
        softmax-audit self-test --operation log-softmax --sound-only
        softmax-audit self-test --elsewhere
      """)

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of laws (repeatable; default: all).")
  var law: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of faulty or sound implementations (repeatable; default: all).")
  var implementation: [String] = []

  @Option(name: .long, help: "Only the implementations of this operation (default: all).")
  var operation: AuditedOperation?

  @OptionGroup
  var efforts: EffortOptions

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @Flag(name: .long, help: "Try each of them in every format that it has.")
  var everyFormat = false

  @Flag(name: .long, help: "Only the sound implementations: do the laws leave them alone?")
  var soundOnly = false

  @Flag(
    name: .long,
    help: "Try the tolerances that softmaxes are tested with elsewhere in place of the laws.")
  var elsewhere = false

  @Option(name: .long, help: ArgumentHelp("Write the matrix as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "No progress and no matrix, only what it comes to.")
  var quiet = false

  func run() async throws {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    efforts.check(&mistakes)
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedLaws = try mistakes.collect { try Law.selected(by: law) }
    try OutputPlaces(files: [("--json", json)]).check(&mistakes)
    if elsewhere {
      let given = [("--law", !law.isEmpty), ("--sound-only", soundOnly)]
      for (option, _) in given.filter(\.1) {
        mistakes.add(
          .usage, "\(option): --elsewhere tries tolerances on faulty softmaxes; leave it out")
      }
      if let refusal = operation.flatMap(NarrowCommand.elsewhere.refusal) {
        mistakes.add(.usage, refusal)
      }
    }
    func isSelected(_ one: some SoftmaxImplementation) -> Bool {
      (operation ?? one.operation) == one.operation
        && (implementation.isEmpty || implementation.contains { Glob.matches(one.name, $0) })
    }
    // The tolerances in use are about plain logits.
    let faults =
      FaultySoftmax.all
      + (elsewhere ? [] : FaultySoftmax.ofModifiers + FaultySoftmax.ofAttention)
    let faulty = faults.filter {
      !soundOnly && isSelected($0) && (!elsewhere || $0.operation == .softmax)
    }
    let sounds =
      SoundSoftmax.all
      + (elsewhere ? [] : SoundSoftmax.withModifiers + SoundSoftmax.ofAttention)
    let sound = sounds.filter {
      isSelected($0) && (!elsewhere || $0.operation == .softmax)
    }
    for name in implementation
    where !faulty.contains(where: { Glob.matches($0.name, name) })
      && !sound.contains(where: { Glob.matches($0.name, name) })
    {
      mistakes.add(
        .usage, "there is no faulty or sound \(operation?.name ?? "implementation") \"\(name)\"")
    }
    let (seed, laws) = try mistakes.require(wantedSeed, wantedLaws)
    seeds.tell(seed)

    let progress = Progress(isQuiet: quiet, what: "parts")
    if elsewhere {
      let matrix = try await ToleranceTrial(
        faulty: faulty, sound: sound, seed: seed, usesEveryFormat: everyFormat
      ).run { progress.show($0, of: $1) }
      progress.finish()
      if let json { try OutputFile.write(DocumentJSON.encode(matrix), to: json) }
      try Console.print(ToleranceMatrixReport.render(matrix, isShort: quiet))
      return
    }
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
