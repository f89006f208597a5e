import AuditedOperations
import Basics
import FloatFormats

/// The description that a worker gives of its implementation when it is ready.
package struct WorkerDescription: Codable, Sendable {
  var name: String?
  var version: String?
  /// The name of the operation that it computes; nil for softmax.
  var operation: String?
  /// The names of the operations that it has besides.
  var otherOperations: [String]?
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
  var domain: Domain?
  /// The transfer of tensors, see ``Transfer``; `nil` for a file.
  var transfer: String?
  /// The kinds of misconduct that the worker looks for; nil for none.
  var watches: [String]?
  /// The modifiers of logits that the implementation offers; nil for none.
  var modifiers: [String]?
  /// The tensors that are integers, by their roles; `nil` for none.
  var quantised: [String: Quantization]?

  fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
    case name, version, formats, layouts, probe, model, promisedLaws, underflow, specialLanes
    case environment, domain, transfer, watches, operation, otherOperations, modifiers
    case quantised
  }

  /// The ways tensors travel between host and worker.
  enum Transfer: String, Sendable {
    /// In a file that both open.
    case file
    /// In messages, for a worker that shares no files with the host.
    case messages
  }

  /// The tensors that it is made for, see ``InputDomain``.
  struct Domain: Codable, Sendable, Equatable {
    var lengthMultipleOf, largestLength, alignment: Int?
    var largestLogit: Double?
    var inner: [Int]?
    /// The dimensions of its own tensors, nil for one of any size, and their axis.
    var shape: [Int?]?
    var axis: Int?

    fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
      case lengthMultipleOf, largestLength, largestLogit, inner, alignment, shape, axis
    }

    /// The domain in our own terms; nil where a number means nothing.
    var known: InputDomain? {
      let sizes = [lengthMultipleOf, largestLength] + (inner ?? []) + (shape ?? [])
      let isPositive = sizes.allSatisfy { $0.map { $0 > 0 } ?? true }
      guard isPositive, inner?.isEmpty != true, largestLogit.map({ $0 >= 0 }) ?? true,
        (axis == nil) == (shape == nil), axis.map({ (shape ?? []).indices.contains($0) }) ?? true,
        alignment.map({ (1...4096).contains($0) && $0 & ($0 - 1) == 0 }) ?? true
      else { return nil }
      var domain = InputDomain()
      domain.lengthMultipleOf = lengthMultipleOf ?? 1
      domain.largestLength = largestLength
      domain.largestLogit = largestLogit
      domain.inner = inner
      domain.alignment = alignment
      if let shape, let axis { domain.ownShape = .init(dimensions: shape, axis: axis) }
      return domain
    }
  }

  /// The same in our own terms.
  package struct Properties: Sendable {
    var version: String?
    var operation = AuditedOperation.softmax
    var otherOperations: [AuditedOperation] = []
    var outputs: [FloatFormat: [FloatFormat]] = [:]
    var layouts: [TensorLayout] = [.rowMajor]
    var model: String?
    var promisedLaws: Set<String> = []
    var underflow = UnderflowPolicy.gradual
    var specialLanes = SpecialLanePolicy.nanSomewhere
    var environment: [String: String] = [:]
    var domain = InputDomain.everything
    var transfer = Transfer.file
    var watchedConduct: Set<Misconduct.Kind> = []
    var modifiers: Set<ModifierKind> = []
    var quantizations: [String: Quantization] = [:]
  }

  /// The description in our own terms.
  ///
  /// - Parameter name: What the implementation is called in messages.
  /// - Throws: ``UserError`` of kind `notMeasured` where it declares something that we do not know:
  ///   judging it by something else than it declares would be wrong either way.
  func properties(of name: String) throws(UserError) -> Properties {
    func unknown(_ what: String, _ text: String, _ known: String) -> UserError {
      UserError(
        .notMeasured,
        "\(name) declares the \(what) \"\(ForeignText.shown(text))\", which is not known; \(known)")
    }
    var properties = Properties()
    properties.version = version.map { ForeignText.shown($0) }
    if let operation {
      guard let known = AuditedOperation(named: operation) else {
        throw unknown("operation", operation, "there are \(AuditedOperation.names)")
      }
      properties.operation = known
    }
    // One that this host does not know is one that it never asks for.
    properties.otherOperations = (otherOperations ?? []).compactMap {
      AuditedOperation(named: $0)
    }
    for (input, outputs) in formats {
      let names = FloatFormat.everyOne.map(\.rawValue).joined(separator: ", ")
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
    properties.model = model.map { ForeignText.shown($0) }
    properties.promisedLaws = Set((promisedLaws ?? []).map { ForeignText.shown($0) })
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
    if let domain {
      guard let known = domain.known else {
        throw UserError(
          .notMeasured,
          "\(name) declares a domain that means nothing; lengthMultipleOf, largestLength, inner and shape are above 0, largestLogit is not negative, shape has an axis within it, and alignment is a power of two up to 4096"
        )
      }
      properties.domain = known
      let exclusions = known.exclusions
      if !exclusions.isEmpty {
        properties.environment["not asked"] = exclusions.joined(separator: "; ")
      }
    }
    if let transfer {
      guard let known = Transfer(rawValue: transfer) else {
        throw unknown("transfer", transfer, "there are file and messages")
      }
      properties.transfer = known
    }
    for word in watches ?? [] {
      guard let kind = Misconduct.Kind(rawValue: word) else {
        let known = Misconduct.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw unknown("kind of misconduct", word, "there are \(known)")
      }
      properties.watchedConduct.insert(kind)
    }
    // One that this host does not know is one that it never asks for.
    properties.modifiers = Set((modifiers ?? []).compactMap { ModifierKind(rawValue: $0) })
    let roles = QuantizedRoles.allowed(in: properties.operation)
    for (role, quantization) in quantised ?? [:] {
      guard roles.contains(role) else {
        throw unknown("quantised tensor", role, "there are \(roles.joined(separator: ", "))")
      }
      properties.quantizations[role] = quantization
    }
    for (key, value) in environment ?? [:] {
      properties.environment[ForeignText.shown(key)] = ForeignText.shown(value)
    }
    if let version { properties.environment["version"] = ForeignText.shown(version) }
    return properties
  }
}

extension WorkerDescription {
  package init(from decoder: any Decoder) throws {
    try UnknownKeys.refuse(in: decoder, but: CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    name = try values.decodeIfPresent(String.self, forKey: .name)
    version = try values.decodeIfPresent(String.self, forKey: .version)
    formats = try values.decode([String: [String]].self, forKey: .formats)
    layouts = try values.decodeIfPresent([String].self, forKey: .layouts) ?? []
    probe = try values.decodeIfPresent(Bool.self, forKey: .probe) ?? false
    model = try values.decodeIfPresent(String.self, forKey: .model)
    promisedLaws = try values.decodeIfPresent([String].self, forKey: .promisedLaws)
    underflow = try values.decodeIfPresent(String.self, forKey: .underflow)
    specialLanes = try values.decodeIfPresent(String.self, forKey: .specialLanes)
    environment = try values.decodeIfPresent([String: String].self, forKey: .environment)
    domain = try values.decodeIfPresent(Domain.self, forKey: .domain)
    transfer = try values.decodeIfPresent(String.self, forKey: .transfer)
    watches = try values.decodeIfPresent([String].self, forKey: .watches)
    operation = try values.decodeIfPresent(String.self, forKey: .operation)
    otherOperations = try values.decodeIfPresent([String].self, forKey: .otherOperations)
    modifiers = try values.decodeIfPresent([String].self, forKey: .modifiers)
    quantised = try values.decodeIfPresent([String: Quantization].self, forKey: .quantised)
  }
}

extension WorkerDescription.Domain {
  init(from decoder: any Decoder) throws {
    try UnknownKeys.refuse(in: decoder, but: CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    lengthMultipleOf = try values.decodeIfPresent(Int.self, forKey: .lengthMultipleOf)
    largestLength = try values.decodeIfPresent(Int.self, forKey: .largestLength)
    largestLogit = try values.decodeIfPresent(Double.self, forKey: .largestLogit)
    inner = try values.decodeIfPresent([Int].self, forKey: .inner)
    alignment = try values.decodeIfPresent(Int.self, forKey: .alignment)
    shape = try values.decodeIfPresent([Int?].self, forKey: .shape)
    axis = try values.decodeIfPresent(Int.self, forKey: .axis)
  }
}
