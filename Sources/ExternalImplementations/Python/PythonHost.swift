import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A Python interpreter that runs callables in workers of its own.
package struct PythonHost: Sendable {
  /// The interpreter, looked for on the path.
  package let executable: String
  /// The folder with our Python files.
  package let scripts: String

  private static let worker = "softmax_audit_worker.py"
  /// The variable that says where the Python files are, for programs that lie outside their package.
  package static let scriptsVariable = "SOFTMAX_AUDIT_SCRIPTS"

  /// The interpreter with our files.
  ///
  /// They lie in `scripts`, beside the folder that a program is built in or above it; ``scriptsVariable`` names
  /// another place.
  ///
  /// - Parameter program: The path of this program.
  /// - Throws: ``UserError`` of kind `notMeasured` where the files are not found.
  package init(executable: String, program: String) throws(UserError) {
    self.executable = executable
    scripts = try Self.scriptsFolder(of: program)
  }

  /// The interpreter that `scripts/setup-libraries` makes, or else `python3`.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where our files are not found.
  package static func ofLibraries(program: String) throws(UserError) -> PythonHost {
    let scripts = try scriptsFolder(of: program)
    let own =
      URL(filePath: scripts).deletingLastPathComponent().path
      + "/.build/python/libraries/bin/python"
    return try PythonHost(
      executable: FileManager.default.isExecutableFile(atPath: own) ? own : "python3",
      program: program)
  }

  private static func scriptsFolder(of program: String) throws(UserError) -> String {
    let manager = FileManager.default
    if let folder = ProcessInfo.processInfo.environment[scriptsVariable], !folder.isEmpty {
      guard manager.fileExists(atPath: folder + "/" + worker) else {
        throw UserError(
          .notMeasured, "\(scriptsVariable) is \(folder), where there is no \(worker)")
      }
      return folder
    }
    var folder = URL(filePath: program).resolvingSymlinksInPath()
    while folder.pathComponents.count > 1 {
      folder.deleteLastPathComponent()
      let candidate = folder.path + "/scripts"
      if manager.fileExists(atPath: candidate + "/" + worker) { return candidate }
    }
    throw UserError(
      .notMeasured,
      "\(worker) is neither beside this program nor above it; set \(scriptsVariable) to its folder")
  }

  /// A callable in a process of its own.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for the callable's.
  ///   - callable: `package.module:attribute`, or `folder/file.py:attribute`.
  ///   - operation: The operation that it computes; nil for softmax, or what a model says.
  ///   - arguments: Keyword arguments of its calls, each as `NAME=VALUE`.
  ///   - formats: The input formats that anybody will ask for.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded.
  package func implementation(
    name: String?, callable: String, of operation: AuditedOperation?, arguments: [String] = [],
    summary: String? = nil,
    environment: [String: String] = [:], limits: WorkerLimits, formats: [FloatFormat]
  ) throws -> WorkerImplementation {
    try WorkerImplementation(
      name: name ?? callable,
      // Nothing of ours is written beside our files.
      words: [executable, "-B", scripts + "/" + Self.worker, callable]
        + arguments.flatMap { ["--argument", $0] },
      environment: environment,
      summary: summary ?? "the Python callable \(callable)", operation: operation, limits: limits,
      formats: formats)
  }
}
