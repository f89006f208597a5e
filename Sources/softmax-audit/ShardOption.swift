import ArgumentParser
import SoftmaxAudit

/// The option to do a part of a run.
struct ShardOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Do one of n parts of the work, to be put together by 'softmax-audit merge'.",
      valueName: "i/n"))
  var shard: Shard?

  /// The record of a shard's results.
  ///
  /// - Parameter command: The words of the command line, without the program.
  func record(
    command: [String] = Array(CommandLine.arguments.dropFirst()), accuracyPlaces: [Int] = [],
    propertyPlaces: [Int] = []
  ) -> ShardRecord? {
    shard.map {
      ShardRecord(
        shard: $0, plan: Self.plan(of: command), accuracyPlaces: accuracyPlaces,
        propertyPlaces: propertyPlaces)
    }
  }

  /// The words of a command line that say what is done, not by whom or where the results go.
  static func plan(of words: [String]) -> [String] {
    let withValue = ["--shard", "--json", "--report", "--threads", "--regressions", "--time-limit"]
    var plan: [String] = []
    var skipsNext = false
    for word in words {
      if skipsNext {
        skipsNext = false
      } else if withValue.contains(word) {
        skipsNext = true
      } else if word != "--quiet", !withValue.contains(where: { word.hasPrefix($0 + "=") }) {
        plan.append(word)
      }
    }
    return plan
  }
}

extension Shard: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
