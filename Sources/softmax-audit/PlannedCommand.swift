import ArgumentParser
import AuditRecords
import Basics

/// The command line of a run that a plan cuts into units.
struct PlannedCommand {
  /// Its words, without the program; with a seed in the place of `random`.
  let words: [String]
  private let command: any DividedCommand

  /// Options that say where one run puts or keeps something, or what it shows instead of running,
  /// with the reason that they have no place in a plan.
  private static let misplaced: [(options: [String], reason: String)] = [
    (["--shard"], "units are shards"),
    (
      ["--json", "--report", "--evidence"], "units are written by run-unit, and the whole by merge"
    ),
    (["--checkpoint"], "run-unit keeps one for each unit"),
    (["--best", "--regressions"], "units share no directory"),
    (["--quiet"], "run-unit and merge take it"),
    (["--threads"], "run-unit takes it: each machine has its own"),
    (["--total-time"], "units are measured whole"),
    (["--lane", "--replay"], "they show one case, which is no run"),
  ]

  /// The command line of a plan.
  ///
  /// - Throws: ``Mistakes`` and errors of the parser, as the command itself would.
  init(_ words: [String]) throws {
    let commands = SoftmaxAuditCommand.configuration.subcommands
      .filter { $0 is any DividedCommand.Type }.compactMap { $0.configuration.commandName }
    guard let name = words.first, commands.contains(name) else {
      throw UserError(
        .usage,
        "a plan is of \(commands.dropLast().joined(separator: ", ")) or \(commands.last ?? ""), which come after --, as in 'plan --out plan.json -- exhaust --plugin mine.so'"
      )
    }
    var mistakes = Mistakes()
    if words.contains("--") {
      mistakes.add(.usage, "the command of a plan has options only; leave the second -- out")
    }
    for (options, reason) in Self.misplaced {
      for option in options
      where words.contains(where: { $0 == option || $0.hasPrefix(option + "=") }) {
        mistakes.add(.usage, "\(option) has no place in a plan: \(reason); leave it out")
      }
    }
    try mistakes.throwIfAny()
    try RepeatedOptions.refuse(in: words)
    self.words = Self.withSeedDrawn(words)
    command = try Self.parse(self.words + ["--quiet"])
  }

  /// The words with a number in the place of a random seed: units have one seed.
  private static func withSeedDrawn(_ words: [String]) -> [String] {
    let drawn = "\(UInt64.random(in: 0...UInt64(1) << 53))"
    return words.indices.map { index in
      if words[index] == "--seed=random" { return "--seed=\(drawn)" }
      let isSeed = words[index] == "random" && index > 0 && words[index - 1] == "--seed"
      return isSeed ? drawn : words[index]
    }
  }

  private static func parse(_ words: [String]) throws -> any DividedCommand {
    guard let command = try SoftmaxAuditCommand.parseAsRoot(words) as? any DividedCommand else {
      throw InternalError("\(words.first ?? "") was taken for another command")
    }
    return command
  }

  /// A part of the run, in the singular.
  var part: String { type(of: command).part }
  /// Whether units can go on from what was done of them.
  var keepsCheckpoints: Bool { type(of: command).keepsCheckpoints }
  /// The largest error allowed, in ULP, where results do not say so themselves.
  var largestErrorAllowed: Double? { command.largestErrorAllowed }

  /// The run that the options come to on this machine, found out as the run itself does.
  func survey() throws -> RunSurvey { try command.survey() }

  /// Runs a shard.
  ///
  /// - Parameters:
  ///   - path: The file of its results.
  ///   - checkpoint: The file that keeps what is done, where the command has one.
  /// - Returns: The exit status: 0, 1 or 2.
  func run(
    _ shard: Shard, threads: Int, writing path: String, checkpoint: String? = nil
  ) async throws -> Int32 {
    let place = ["--shard", shard.text]
    let own = ["--json", path, "--quiet", "--threads", "\(threads)"]
    let state = checkpoint.map { ["--checkpoint", $0] } ?? []
    let command = try Self.parse(words + place + own + state)
    // Results name the command line that a person would have given.
    return try await ProgramArguments.$standingIn.withValue(words + place) {
      do {
        try await command.run()
        return 0
      } catch let status as ExitCode where [1, 2].contains(status.rawValue) {
        return status.rawValue
      }
    }
  }
}
