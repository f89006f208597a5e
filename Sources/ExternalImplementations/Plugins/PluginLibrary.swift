import FloatFormats
import SoftmaxAudit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A shared library with softmax functions, loaded into this process.
///
/// It stays loaded until the process ends: libraries start threads and leave handlers behind that cannot be unloaded.
final class PluginLibrary {
  typealias Function =
    @convention(c) (
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int
    ) -> Int32
  private typealias TextFunction = @convention(c) () -> UnsafePointer<CChar>?
  private typealias NumberFunction = @convention(c) () -> UInt32

  private let functions: [FloatFormat: [FloatFormat: Function]]
  private let errorText: TextFunction?
  /// What it says about itself, and which formats it has.
  let description: WorkerDescription
  /// What loading did to the floating-point environment; nil where it was kept.
  let environmentChange: String?

  /// The version of the interface that this host speaks.
  private static let interfaceVersion: UInt32 = 1

  /// Loads a library.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded or is no plug-in.
  init(path: String) throws(UserError) {
    // A name without a slash would be looked for among the system's libraries.
    let location = path.contains("/") ? path : "./" + path
    let (loaded, change) = FloatingPointEnvironment.fenced {
      () -> (UnsafeMutableRawPointer?, String) in
      let handle = dlopen(location, RTLD_NOW | RTLD_LOCAL)
      return (handle, handle == nil ? dlerror().map { String(cString: $0) } ?? "" : "")
    }
    guard let handle = loaded.0 else {
      throw UserError(.notMeasured, "\(path) cannot be loaded: \(loaded.1)")
    }
    environmentChange = change

    if let symbol = dlsym(handle, "softmax_audit_abi") {
      let version = unsafeBitCast(symbol, to: NumberFunction.self)()
      guard version == Self.interfaceVersion else {
        throw UserError(
          .notMeasured,
          "\(path) is written for version \(version) of the plug-in interface, this program for version \(Self.interfaceVersion)"
        )
      }
    }
    var functions: [FloatFormat: [FloatFormat: Function]] = [:]
    for input in FloatFormat.allCases {
      for output in FloatFormat.allCases {
        if let symbol = dlsym(handle, Self.symbol(input, output)) {
          functions[input, default: [:]][output] = unsafeBitCast(symbol, to: Function.self)
        }
      }
    }
    guard !functions.isEmpty else {
      let names = FloatFormat.allCases.map { Self.symbol($0, $0) }.joined(separator: ", ")
      throw UserError(
        .notMeasured,
        "\(path) is no plug-in: it exports none of \(names), nor one with another output format")
    }
    self.functions = functions
    errorText = dlsym(handle, "softmax_audit_error")
      .map { unsafeBitCast($0, to: TextFunction.self) }
    description = try Self.description(in: handle, functions, path)
  }

  private static func symbol(_ input: FloatFormat, _ output: FloatFormat) -> String {
    "softmax_\(input.pluginName)" + (input == output ? "" : "_\(output.pluginName)")
  }

  private static func description(
    in handle: UnsafeMutableRawPointer, _ functions: [FloatFormat: [FloatFormat: Function]],
    _ path: String
  ) throws(UserError) -> WorkerDescription {
    /// What a library may say; the rest of a description is for the host to say.
    struct Words: Decodable {
      var name, version, model, underflow, specialLanes: String?
      var promisedLaws: [String]?
      var environment: [String: String]?
    }
    var description = WorkerDescription()
    if let symbol = dlsym(handle, "softmax_audit_describe"),
      let text = unsafeBitCast(symbol, to: TextFunction.self)()
    {
      let words: Words
      do {
        words = try JSONDecoder().decode(Words.self, from: Data(String(cString: text).utf8))
      } catch {
        throw UserError(
          .notMeasured,
          "softmax_audit_describe in \(path) returns something else than the JSON that softmax_audit.h shows"
        )
      }
      description.name = words.name
      description.version = words.version
      description.model = words.model
      description.promisedLaws = words.promisedLaws
      description.underflow = words.underflow
      description.specialLanes = words.specialLanes
      description.environment = words.environment
    }
    for (input, outputs) in functions {
      // The input's own format is the default, else the widest.
      let known = outputs.keys.sorted { $0 == input || ($1 != input && $0 > $1) }
      description.formats[input.rawValue] = known.map(\.rawValue)
    }
    description.layouts = [TensorLayout.rowMajor, .misaligned].map(\.rawValue)
    return description
  }

  /// The function for a pair of formats.
  func function(_ input: FloatFormat, _ output: FloatFormat) -> Function? {
    functions[input]?[output]
  }

  /// What the library has to say after a call that did not return 0.
  var lastError: String? {
    guard let text = errorText?() else { return nil }
    return String(cString: text)
  }
}

extension FloatFormat {
  /// How the format is called in the names of plug-in functions.
  fileprivate var pluginName: String {
    switch self {
    case .float16: "f16"
    case .bfloat16: "bf16"
    case .float32: "f32"
    case .float64: "f64"
    }
  }
}
