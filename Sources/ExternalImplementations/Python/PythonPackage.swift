#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The Python package `softmax_audit`, which is compiled in.
///
/// An interpreter gets it over its standard input, so that the program needs no file of ours beside
/// it and writes none.
enum PythonPackage {
  /// The command that runs the function `main` of a module in an interpreter.
  ///
  /// - Parameters:
  ///   - module: The module's name in the package, such as `worker`.
  ///   - arguments: What the function is given.
  static func command(
    running module: String, in executable: String, _ arguments: [String],
    environment: [String: String] = [:]
  ) -> WorkerProcess.Command {
    WorkerProcess.Command(
      // Nothing of ours or of the user's is written beside the user's files.
      words: [executable, "-B", "-c", start, fullName(module)] + arguments,
      environment: environment, input: sources)
  }

  /// The full name of a module of the package.
  static func fullName(_ module: String) -> String { "\(name).\(module)" }

  private static let name = "softmax_audit"

  private static let start = String(decoding: PackageResources.start_py, as: UTF8.self)

  /// The sources by the names of their modules, as ``start`` reads them.
  private static let sources: [UInt8] = {
    let files = [
      "": PackageResources.__init___py,
      ".adapters": PackageResources.adapters_py,
      ".assertions": PackageResources.assertions_py,
      ".attention": PackageResources.attention_py,
      ".auditing": PackageResources.auditing_py,
      ".callables": PackageResources.callables_py,
      ".onnx_model": PackageResources.onnx_model_py,
      ".onnx_loss": PackageResources.onnx_loss_py,
      ".onnx_quantized": PackageResources.onnx_quantized_py,
      ".program": PackageResources.program_py,
      ".quantized": PackageResources.quantized_py,
      ".reports": PackageResources.reports_py,
      ".served": PackageResources.served_py,
      ".worker": PackageResources.worker_py,
    ]
    let texts = Dictionary(
      uniqueKeysWithValues: files.map { (name + $0, String(decoding: $1, as: UTF8.self)) })
    // Encoding texts cannot fail.
    let json = (try? JSONEncoder().encode(texts)).map(Array.init) ?? []
    let digits = String(json.count, radix: 16)
    return Array(String(repeating: "0", count: 8 - digits.count).utf8) + Array(digits.utf8) + json
  }()
}
