import ArgumentParser
import ExternalImplementations

/// The command that this program runs when it is started for a plug-in; not for people.
struct PluginWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Plugin.workerSubcommand,
    abstract: "Serves a plug-in over standard input and output.", shouldDisplay: false)

  @Argument(help: "The shared library.")
  var library: String

  @Argument(help: "What the names of its functions begin with.")
  var prefix: String?

  func run() throws { PluginWorker.serve(PluginPlace(path: library, prefix: prefix)) }
}
