import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import FaultySoftmaxes
import Foundation

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

  @Option(name: .long, parsing: .unconditional, help: "Scales the number of cases (default: 1).")
  var effort: Double = 1

  @Option(
    name: .long, parsing: .unconditional,
    help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  @Option(name: .long, parsing: .unconditional, help: "Threads (default: one per processor).")
  var threads: Int?

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
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
    if !(effort > 0 && effort <= 1e6) {
      mistakes.add(.usage, "--effort \(effort): use a number above 0, at most 1000000")
    }
    let seed = try mistakes.collect { try Selection.seed(self.seed) }
    let laws = try mistakes.collect { try Selection.laws(law) }
    try OutputPlaces(files: [("--json", json)]).check(&mistakes)
    func isSelected(_ name: String) -> Bool {
      implementation.isEmpty || implementation.contains { Selection.matches(name, $0) }
    }
    let faulty = FaultySoftmax.all.filter { !soundOnly && isSelected($0.name) }
    let sound = SoundSoftmax.all.filter { isSelected($0.name) }
    for name in implementation
    where !faulty.contains(where: { Selection.matches($0.name, name) })
      && !sound.contains(where: { Selection.matches($0.name, name) })
    {
      mistakes.add(.usage, "there is no faulty or sound softmax \"\(name)\"")
    }
    try mistakes.throwIfAny()
    guard let seed, let laws else { throw InternalError("a selection is missing") }
    if self.seed == "random" { Console.note("seed: \(seed)") }

    let progress = Progress(isQuiet: quiet, what: "parts")
    let matrix = try await SelfTest(
      laws: laws, seed: seed, effort: effort,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, faulty: faulty,
      sound: sound, usesEveryFormat: everyFormat
    ).run { progress.show($0, of: $1) }
    progress.finish()
    if let json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try OutputFile.write(try encoder.encode(matrix), to: json)
    }
    try Console.print(
      quiet
        ? KillMatrixReport.summary(matrix).joined(separator: "\n") + "\n"
        : KillMatrixReport.render(matrix))
    if !matrix.survivors.isEmpty || !matrix.falseAlarms.isEmpty { throw ExitCode(Exit.failed) }
    if matrix.sound.contains(where: { !$0.notMeasured.isEmpty }) {
      throw ExitCode(Exit.notMeasured)
    }
  }
}
