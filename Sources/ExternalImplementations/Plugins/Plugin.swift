import AuditedOperations
import FloatFormats

/// Ways to a C plug-in.
package enum Plugin {
  /// The arguments with which this program becomes the worker of a plug-in; the path follows.
  package static let workerSubcommand = "plugin-worker"

  /// The plug-in in a process of its own.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for its own, or that of its prefix or file.
  ///   - program: The path of `softmax-audit`.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded or has no function of
  ///   the operation.
  package static func isolated(
    name: String?, at place: PluginPlace, of operation: AuditedOperation = .softmax,
    program: String, limits: WorkerLimits
  ) throws -> WorkerImplementation {
    try WorkerImplementation(
      name: name,
      words: [program, workerSubcommand, place.path] + (place.prefix.map { [$0] } ?? []),
      // What this program says about a crash of its own is no news about the plug-in.
      environment: ["SWIFT_BACKTRACE": "enable=no"], summary: place.summary, files: [place.path],
      operation: operation, limits: limits)
  }
}

extension PluginPlace {
  /// The functions that are meant, in one line.
  var summary: String {
    prefix.map { "the functions \($0) of the plug-in \(path)" } ?? "the plug-in \(path)"
  }
}
