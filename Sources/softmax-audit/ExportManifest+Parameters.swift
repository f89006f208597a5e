import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats

/// The files of the parameters of an export, by their keys in the manifest, which end their names.
private enum ParameterFile: String {
  case mask, sink
  case classWeights = "class-weights"
}

extension ExportManifest {
  /// Takes over modifiers and parameters in a format of logits, and writes their files.
  ///
  /// - Parameter directory: That of the export.
  mutating func take(
    _ modifiers: GivenModifiers, _ loss: GivenLoss, in format: FloatFormat, to directory: String
  ) throws {
    guard !modifiers.isNone || !loss.isNone else { return }
    var own = parameters ?? Parameters()
    own.scale = modifiers.scale
    own.softcap = modifiers.softcap
    own.causal = modifiers.causal
    own.labelSmoothing = loss.labelSmoothing
    own.ignoreIndex = loss.ignoreIndex
    var files: [String: String] = [:]
    func write(_ kind: ParameterFile, _ file: NumberFile?) throws {
      guard let file else { return }
      let name = "\(format.rawValue).\(kind.rawValue).npy"
      try format.open(Writing(file: file, path: directory + "/" + name))
      files[kind.rawValue] = name
    }
    try write(.mask, modifiers.mask)
    switch modifiers.sink {
    case .number(let number): own.sink = "\(format.rounded(number))"
    case .file(let file): try write(.sink, file)
    case nil: break
    }
    try write(.classWeights, loss.classWeights)
    if !files.isEmpty { own.files = (own.files ?? [:]).merging([format.rawValue: files]) { $1 } }
    parameters = own
  }

  /// Writes numbers in a format.
  private struct Writing: FormatGenericWork {
    let file: NumberFile
    let path: String

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      // A number alone has no axis, and a file of one number has the same meaning.
      let geometry = try LaneGeometry(shape: file.shape.isEmpty ? [1] : file.shape, axis: 0)
      try NumpyArray.write(
        Tensor(geometry: geometry, elements: file.numbers.map { F(rounding: $0) }), to: path)
    }
  }

  /// The modifiers and parameters of an export in a format of logits.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where they are none, or a file is missing.
  func given(
    in format: FloatFormat, of directory: String
  ) throws -> (modifiers: GivenModifiers, loss: GivenLoss) {
    guard let parameters else { return (.none, .none) }
    func read(_ kind: ParameterFile) throws -> NumberFile? {
      try parameters.files?[format.rawValue]?[kind.rawValue].map {
        try NumberFile(
          reading: directory + "/" + $0,
          integersAre: format == .bfloat16 || format.isOfEightBits ? format : nil)
      }
    }
    var modifiers = GivenModifiers(
      scale: parameters.scale, softcap: parameters.softcap, causal: parameters.causal,
      mask: try read(.mask), sink: try read(.sink).map { .file($0) })
    if let text = parameters.sink {
      guard let number = Double(text: text), !number.isNaN else {
        throw UserError(
          .malformedInput,
          "\(directory)/\(Self.fileName) has the sink \(text), which is no number; export again")
      }
      modifiers.sink = .number(number)
    }
    return (
      modifiers,
      GivenLoss(
        labelSmoothing: parameters.labelSmoothing, ignoreIndex: parameters.ignoreIndex,
        classWeights: try read(.classWeights))
    )
  }
}
