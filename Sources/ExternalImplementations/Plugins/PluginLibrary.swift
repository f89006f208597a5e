import AuditedOperations
import Basics
import FloatFormats

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

/// The functions of one operation in a shared library, loaded into this process.
///
/// It stays loaded until the process ends: libraries start threads and leave handlers behind that
/// cannot be unloaded.
final class PluginLibrary {
  private typealias TextFunction = @convention(c) () -> UnsafePointer<CChar>?
  private typealias NumberFunction = @convention(c) () -> UInt32

  private let functions: [FloatFormat: [FloatFormat: PluginFunction]]
  private let modifierFunctions: [FloatFormat: [FloatFormat: PluginFunction]]
  private let errorText: TextFunction?
  /// Restores what a library must not change, around calls in a process that lives on.
  private let fence: ForeignCallFence
  /// The description that it gives of itself, and the formats that it has.
  let description: WorkerDescription
  /// The changes that loading made to the floating-point environment; `nil` where it was kept.
  let environmentChange: String?

  /// The version of the interface that this host speaks.
  private static let interfaceVersion: UInt32 = 1

  /// Loads a library.
  ///
  /// - Parameters:
  ///   - place: The file, and what the names of its functions begin with.
  ///   - operation: The operation whose functions are called.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded or has no function of
  ///   the operation.
  init(
    _ place: PluginPlace, of operation: AuditedOperation, fence: ForeignCallFence
  ) throws(UserError) {
    let path = place.path
    self.fence = fence
    // A name without a slash would be looked for among the system's libraries.
    let location = path.contains("/") ? path : "./" + path
    let (loaded, change) = fence.call {
      () -> (UnsafeMutableRawPointer?, String) in
      let handle = dlopen(location, RTLD_NOW | RTLD_LOCAL)
      return (handle, handle == nil ? dlerror().map { String(cString: $0) } ?? "" : "")
    }
    guard let handle = loaded.0 else {
      throw UserError(.notMeasured, "\(path) cannot be loaded: \(loaded.1)")
    }
    environmentChange = change

    /// The function of the prefix, or else that of the library for all of its softmaxes.
    func own(_ name: String) -> UnsafeMutableRawPointer? {
      place.prefix.flatMap { dlsym(handle, "\($0)_\(name)") } ?? dlsym(handle, name)
    }
    if let symbol = own("softmax_audit_abi") {
      let version = fence.call { unsafeBitCast(symbol, to: NumberFunction.self)() }.0
      guard version == Self.interfaceVersion else {
        throw UserError(
          .notMeasured,
          "\(path) is written for version \(version) of the plug-in interface, this program for version \(Self.interfaceVersion)"
        )
      }
    }
    func exported(
      _ operation: AuditedOperation, withModifiers: Bool = false
    ) -> [FloatFormat: [FloatFormat: PluginFunction]] {
      var functions: [FloatFormat: [FloatFormat: PluginFunction]] = [:]
      for input in FloatFormat.everyOne {
        for output in FloatFormat.everyOne {
          if let name = Self.symbol(
            input, output, of: operation, withModifiers: withModifiers, at: place),
            let symbol = dlsym(handle, name)
          {
            functions[input, default: [:]][output] = PluginFunction(symbol, of: operation)
          }
        }
      }
      return functions
    }
    let functions = exported(operation)
    let others = AuditedOperation.everyOne.filter { $0 != operation && !exported($0).isEmpty }
    guard !functions.isEmpty else {
      throw Self.nothingExported(operation, others, place)
    }
    self.functions = functions
    modifierFunctions = operation.takesModifiers ? exported(operation, withModifiers: true) : [:]
    errorText = own("softmax_audit_error").map { unsafeBitCast($0, to: TextFunction.self) }
    let describe = own("softmax_audit_describe").map { unsafeBitCast($0, to: TextFunction.self) }
    var description = try Self.description(
      by: describe.flatMap { function in fence.call { function() }.0 }, operation, functions, path)
    description.operation = operation.name
    description.otherOperations = others.map(\.name)
    if !modifierFunctions.isEmpty || operation == .attention {
      description.modifiers = ModifierKind.allCases.map(\.rawValue)
    }
    if let prefix = place.prefix, dlsym(handle, "\(prefix)_softmax_audit_describe") == nil {
      // The name in it is that of the library, which may hold several.
      description.name = prefix
    }
    self.description = description
  }

  /// The name of a function; nil where it is that of another operation: `log_softmax_f32` is no
  /// softmax with the prefix `log`.
  private static func symbol(
    _ input: FloatFormat, _ output: FloatFormat, of operation: AuditedOperation,
    withModifiers: Bool = false, at place: PluginPlace
  ) -> String? {
    let formats =
      (withModifiers ? "with_" : "") + input.pluginName
      + (input == output ? "" : "_\(output.pluginName)")
    let name = place.symbol("\(operation.symbol)_\(formats)")
    let isAnother = AuditedOperation.everyOne.contains {
      $0 != operation && name == "\($0.symbol)_\(formats)"
    }
    return isAnother ? nil : name
  }

  /// The error of a library that has no function of an operation.
  private static func nothingExported(
    _ operation: AuditedOperation, _ others: [AuditedOperation], _ place: PluginPlace
  ) -> UserError {
    let names = FloatFormat.allCases.compactMap { symbol($0, $0, of: operation, at: place) }
    guard others.isEmpty else {
      let listed = others.map(\.name).joined(separator: " and ")
      let options = others.map { "--operation \($0)" }.joined(separator: " or ")
      return UserError(
        .notMeasured,
        "\(place.path) exports \(listed) and no \(operation); ask for it with \(options)")
    }
    guard !names.isEmpty else {
      return UserError(
        .notMeasured,
        "\(place.path):\(place.prefix ?? "") names no \(operation): \(place.symbol(operation.symbol)) is another operation; ask for it without the prefix and with --operation"
      )
    }
    let hint =
      place.prefix == nil
      ? "; where its names begin with something else, say so, as in \(place.path):PREFIX" : ""
    return UserError(
      .notMeasured,
      "\(place.path) is no plug-in: it exports none of \(names.joined(separator: ", ")), nor one with another output format\(hint)"
    )
  }

  /// The words that a library may say; the rest of a description is for the host to say.
  private struct Words: Decodable {
    var description = WorkerDescription()
    /// The models by the names of operations, where it declares one for each.
    var models: [String: String] = [:]

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case name, version, model, promisedLaws, underflow, specialLanes, environment, domain
    }

    init(from decoder: any Decoder) throws {
      try UnknownKeys.refuse(in: decoder, but: CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      func text(_ key: CodingKeys) throws -> String? {
        try values.decodeIfPresent(String.self, forKey: key)
      }
      description.name = try text(.name)
      description.version = try text(.version)
      if let models = try? values.decode([String: String].self, forKey: .model) {
        self.models = models
      } else {
        description.model = try text(.model)
      }
      description.underflow = try text(.underflow)
      description.specialLanes = try text(.specialLanes)
      description.promisedLaws = try values.decodeIfPresent([String].self, forKey: .promisedLaws)
      description.environment = try values.decodeIfPresent(
        [String: String].self, forKey: .environment)
      description.domain = try values.decodeIfPresent(
        WorkerDescription.Domain.self, forKey: .domain)
    }
  }

  private static func description(
    by text: UnsafePointer<CChar>?, _ operation: AuditedOperation,
    _ functions: [FloatFormat: [FloatFormat: PluginFunction]], _ path: String
  ) throws(UserError) -> WorkerDescription {
    var description = WorkerDescription()
    if let text {
      do {
        let data = Data(String(cString: text).utf8)
        let words = try JSONDecoder().decode(Words.self, from: data)
        description = words.description
        description.model = words.models[operation.name] ?? description.model
      } catch let unknown as UnknownKeys {
        throw UserError(
          .notMeasured, "softmax_audit_describe in \(path) has \(unknown.sentence)")
      } catch {
        throw UserError(
          .notMeasured,
          "softmax_audit_describe in \(path) returns something else than the JSON that softmax_audit.h shows"
        )
      }
    }
    for (input, outputs) in functions {
      // The input's own format is the default, else the widest.
      let known = outputs.keys.sorted { $0 == input || ($1 != input && $0 > $1) }
      description.formats[input.rawValue] = known.map(\.rawValue)
    }
    description.watches = Misconduct.Kind.allCases.map(\.rawValue)
    let isAligned = description.domain?.alignment != nil
    description.layouts = (isAligned ? [.rowMajor] : [TensorLayout.rowMajor, .misaligned])
      .map(\.rawValue)
    return description
  }

  /// The function for a pair of formats, or that which takes modifiers.
  func function(
    _ input: FloatFormat, _ output: FloatFormat, withModifiers: Bool = false
  ) -> PluginFunction? {
    (withModifiers ? modifierFunctions : functions)[input]?[output]
  }

  /// The library's own words after a call that did not return 0, fit to be shown.
  var lastError: String? {
    guard let errorText, let text = fence.call({ errorText() }).0 else { return nil }
    // However long it is, no more is read than is shown.
    let size = strnlen(text, ForeignText.largestSize + 1)
    return text.withMemoryRebound(to: UInt8.self, capacity: size) {
      ForeignText.shown(UnsafeBufferPointer(start: $0, count: size))
    }
  }
}

extension FloatFormat {
  /// The name of the format in the names of plug-in functions.
  fileprivate var pluginName: String {
    switch self {
    case .float16: "f16"
    case .bfloat16: "bf16"
    case .float32: "f32"
    case .float64: "f64"
    case .float8E4M3FN: "f8e4m3fn"
    case .float8E5M2: "f8e5m2"
    case .float8E4M3FNUZ: "f8e4m3fnuz"
    case .float8E5M2FNUZ: "f8e5m2fnuz"
    }
  }
}
