import AuditedOperations

/// The modifiers of logits and the parameters of losses that somebody asked for.
///
/// They are a part of what tells rows apart: figures of calls with other parameters are figures of
/// another function. A file stands there with the beginning of a digest, see `NumberFile.mark`.
public struct RowParameters: Codable, Sendable, Hashable {
  /// The factor of the logits; `nil` for none.
  public var scale: Double?
  /// The soft cap of the logits; `nil` for none.
  public var softcap: Double?
  /// The alignment of a causal mask; `nil` for none.
  public var causal: CausalAlignment?
  /// The file of a mask; `nil` for none.
  public var mask: String?
  /// The sink, or the file of sinks; `nil` for none.
  public var sink: String?
  /// The label smoothing; `nil` for 0.
  public var labelSmoothing: Double?
  /// The target whose lanes do not count; `nil` for the usual one.
  public var ignoreIndex: Int64?
  /// The file of the weights of the classes; `nil` where all are 1.
  public var classWeights: String?
  /// The rule by which losses became one; `nil` where each lane has its own.
  public var reduction: LossReduction?
  /// The quantisations of tensors by their roles; `nil` where none is quantised.
  public var quantised: [String: Quantization]?

  /// The parameters of a call; `nil` where nothing is unusual.
  package init?(
    _ modifiers: GivenModifiers = .none, _ loss: GivenLoss = .none,
    reduction: LossReduction = .none, quantised: [String: Quantization] = [:]
  ) {
    scale = modifiers.scale
    softcap = modifiers.softcap
    causal = modifiers.causal
    mask = modifiers.mask?.mark
    switch modifiers.sink {
    case .number(let number): sink = "\(number)"
    case .file(let file): sink = file.mark
    case nil: break
    }
    labelSmoothing = loss.labelSmoothing == 0 ? nil : loss.labelSmoothing
    ignoreIndex = loss.ignoreIndex == CrossEntropyParameters().ignoreIndex ? nil : loss.ignoreIndex
    classWeights = loss.classWeights?.mark
    self.reduction = reduction == .none ? nil : reduction
    self.quantised = quantised.isEmpty ? nil : quantised
    if self == RowParameters() { return nil }
  }

  private init() {}

  /// The parameters in words, with commas: `scale 0.125, soft cap 30.0`.
  public var text: String {
    var parts: [String] = []
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { parts.append("\(name) \(value)") }
    }
    add("scale", scale)
    add("soft cap", softcap)
    add("causal mask", causal?.rawValue)
    add("mask", mask)
    add("sink", sink)
    add("label smoothing", labelSmoothing)
    add("ignored target", ignoreIndex)
    add("class weights", classWeights)
    if let reduction { parts.append("\(reduction.rawValue) of the losses") }
    for (role, quantization) in ordered(quantised) {
      parts.append("\(role) = \(quantization.formula)")
    }
    return parts.joined(separator: ", ")
  }

  /// The options that ask for the same again, files by their names.
  package var words: [String] {
    var words: [String] = []
    func add(_ option: String, _ value: (some CustomStringConvertible)?) {
      if let value { words += [option, "\(value)"] }
    }
    func name(_ mark: String?) -> String? {
      mark.map { mark in mark.lastIndex(of: "#").map { String(mark[..<$0]) } ?? mark }
    }
    add("--scale", scale)
    add("--softcap", softcap)
    add("--mask", name(mask))
    if let causal {
      words += ["--causal", "--causal-alignment", causal.rawValue]
    }
    add("--sink", name(sink))
    add("--label-smoothing", labelSmoothing)
    add("--ignore-index", ignoreIndex)
    add("--class-weights", name(classWeights))
    add("--reduction", reduction?.rawValue)
    for (role, quantization) in ordered(quantised) {
      words += ["--quantised", "\(role)=\(quantization.text)"]
    }
    return words
  }

  private func ordered(_ quantised: [String: Quantization]?) -> [(String, Quantization)] {
    (quantised ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
