import ArgumentParser
import ExternalImplementations

/// What this program runs as when it is started for a plug-in; not for people.
struct PluginWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Plugin.workerSubcommand,
    abstract: "Serves a plug-in over standard input and output.", shouldDisplay: false)

  @Argument(help: "The shared library.")
  var library: String

  func run() throws { PluginWorker.serve(path: library) }
}
