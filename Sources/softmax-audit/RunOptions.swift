import ArgumentParser
import Basics
import Foundation

/// The number of threads of a run.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: "Threads (default: one per processor). Never changes a result.")
  var threads: Int?

  /// The number asked for, else that of the processors.
  var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  func check(_ mistakes: inout Mistakes) {
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
  }
}

/// The seed of a run.
struct SeedOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  /// The number asked for, or one drawn now; the standard seed for none.
  func value() throws(UserError) -> UInt64 {
    guard let seed else { return RunSeed.standard }
    if seed == "random" { return UInt64.random(in: 0...UInt64(1) << 53) }
    guard let number = UInt64(seed) else {
      throw UserError(.usage, "--seed \(seed): use a number from 0 to 2^64 - 1, or 'random'")
    }
    return number
  }

  /// Says which seed was drawn.
  func tell(_ drawn: UInt64, quietly isQuiet: Bool = false) {
    if seed == "random", !isQuiet { Console.note("seed: \(drawn)") }
  }
}

/// The part of a run that a process of several takes.
struct ShardOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Take every n-th part of the run only (a cell, a law of an implementation in a format, an "
        + "island, a block), from the i-th; 'merge' puts the results together.", valueName: "i/n"))
  var shard: String?

  /// - Throws: ``UserError`` of kind `usage` where there is no such part.
  func value() throws(UserError) -> Shard? {
    guard let shard else { return nil }
    return try Shard(parsing: shard)
  }
}

/// The number of cases of a run.
struct EffortOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional, help: "Scales the number of cases (default: 1).")
  var effort: Double = 1

  func check(_ mistakes: inout Mistakes) {
    if !(effort > 0 && effort <= 1e6) {
      mistakes.add(.usage, "--effort \(effort): use a number above 0, at most 1000000")
    }
  }
}

/// A command about implementations, which may have a limit on its time.
protocol ImplementationCommand: AsyncParsableCommand {
  var subjects: ImplementationOptions { get }
  /// Does what was asked for, within the time for the whole run.
  func runInTime() async throws
}

extension ImplementationCommand {
  func run() async throws { try await subjects.withinTotalTime { try await runInTime() } }
}
