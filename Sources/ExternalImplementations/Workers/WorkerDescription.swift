import FloatFormats
import SoftmaxAudit
import SoftmaxOracle
import SoftmaxVariants

/// What a worker says about its implementation when it is ready.
struct WorkerDescription: Codable, Sendable {
  var name: String?
  var version: String?
  /// Output formats by input format, the default first.
  var formats: [String: [String]] = [:]
  var layouts: [String] = []
  /// Whether the formats are to be found out by trying.
  var probe = false
  var model: String?
  var promisedLaws: [String]?
  var underflow: String?
  var specialLanes: String?
  var environment: [String: String]?

  /// The same in our own terms.
  struct Properties: Sendable {
    var version: String?
    var outputs: [FloatFormat: [FloatFormat]] = [:]
    var layouts: [TensorLayout] = [.rowMajor]
    var model: SoftmaxVariant?
    var promisedLaws: Set<String> = []
    var underflow = UnderflowPolicy.gradual
    var specialLanes = SpecialLanePolicy.nanSomewhere
    var environment: [String: String] = [:]
  }

  /// The description in our own terms.
  ///
  /// - Parameter name: What the implementation is called in messages.
  /// - Throws: ``UserError`` of kind `notMeasured` where it declares something that we do not know: judging it by
  ///   something else than it declares would be wrong either way.
  func properties(of name: String) throws(UserError) -> Properties {
    func unknown(_ what: String, _ text: String, _ known: String) -> UserError {
      UserError(
        .notMeasured, "\(name) declares the \(what) \"\(text)\", which is not known; \(known)")
    }
    var properties = Properties()
    properties.version = version
    for (input, outputs) in formats {
      let names = FloatFormat.allCases.map(\.rawValue).joined(separator: ", ")
      guard let format = FloatFormat(rawValue: input) else {
        throw unknown("format", input, "there are \(names)")
      }
      var known: [FloatFormat] = []
      for output in outputs {
        guard let format = FloatFormat(rawValue: output) else {
          throw unknown("format", output, "there are \(names)")
        }
        known.append(format)
      }
      if !known.isEmpty { properties.outputs[format] = known }
    }
    // A layout that this host does not have is one that it never asks for.
    properties.layouts = TensorLayout.allCases.filter {
      $0 == .rowMajor || layouts.contains($0.rawValue)
    }
    if let model {
      guard let variant = SoftmaxVariant(named: model) else {
        throw unknown("model", model, "'softmax-audit list --implementations' shows the models")
      }
      properties.model = variant
    }
    for law in promisedLaws ?? [] where Law.named(law) == nil {
      throw unknown("law", law, "'softmax-audit list --laws' shows those there are")
    }
    properties.promisedLaws = Set(promisedLaws ?? [])
    if let underflow {
      guard let policy = UnderflowPolicy(rawValue: underflow) else {
        throw unknown("underflow policy", underflow, "there are gradual and flush")
      }
      properties.underflow = policy
    }
    for part in (specialLanes ?? "").split(separator: ",") {
      guard let policy = SpecialLanePolicy.names.first(where: { $0.0 == part }) else {
        let known = SpecialLanePolicy.names.map(\.0).joined(separator: ", ")
        throw unknown("special-lane policy", String(part), "there are \(known)")
      }
      properties.specialLanes.formUnion(policy.1)
    }
    properties.environment = environment ?? [:]
    if let version { properties.environment["version"] = version }
    return properties
  }
}
