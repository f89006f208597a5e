import FloatFormats
import SoftmaxAudit

/// Ways to a C plug-in.
public enum Plugin {
  /// The arguments with which this program becomes the worker of a plug-in; the path follows.
  public static let workerSubcommand = "plugin-worker"

  /// The plug-in in a process of its own.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for its own, or that of the file.
  ///   - program: The path of `softmax-audit`.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded or is no plug-in.
  public static func isolated(
    name: String?, path: String, program: String,
    limits: WorkerImplementation.Limits = .init()
  ) throws -> WorkerImplementation {
    try WorkerImplementation(
      name: name, words: [program, workerSubcommand, path],
      // What this program says about a crash of its own is no news about the plug-in.
      environment: ["SWIFT_BACKTRACE": "enable=no"], summary: "the plug-in \(path)",
      limits: limits)
  }

  /// What a plug-in is called where neither it nor the user says so: its file without folders and extensions.
  static func name(ofFile path: String) -> String {
    let file = path.split(separator: "/").last ?? Substring(path)
    return String(file.split(separator: ".", omittingEmptySubsequences: false).first ?? file)
  }
}
