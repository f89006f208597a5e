import AuditRecords
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats

/// The files that hold the inputs of an attention, by role, and its modifiers.
struct SavedAttentionFiles {
  let query, key, value: String
  let modifiers: ModifierOptions

  /// The files, in the order of the roles.
  var all: [String] { [query, key, value] }

  /// - Throws: ``Mistakes`` of kind `usage`: roles that are missing, given twice or not those of
  ///   attention, parameters that it does not have or that are out of their range.
  init(
    _ inputs: SavedInputOptions, _ parameters: LossParameterOptions, _ modifiers: ModifierOptions,
    axis: Int?
  ) throws {
    let operation = AuditedOperation.attention
    var mistakes = Mistakes()
    let files = SavedInputOptions.byRole(
      [("logits", inputs.logits)], inputs.input, option: "--input", of: operation,
      expected: operation.inputs.map(\.rawValue), &mistakes)
    parameters.check(for: operation, &mistakes)
    modifiers.check(for: operation, &mistakes)
    if axis != nil {
      mistakes.add(.usage, "attention has no --axis: its rows are queries; leave it out")
    }
    try mistakes.throwIfAny()
    self.modifiers = modifiers
    query = files[InputRole.query.rawValue] ?? ""
    key = files[InputRole.key.rawValue] ?? ""
    value = files[InputRole.value.rawValue] ?? ""
  }

  /// Reads the inputs.
  ///
  /// - Parameters:
  ///   - integers: The format that 16-bit integers are the bit patterns of; `nil` for none.
  ///   - raw: What files that say nothing of themselves hold; `nil` where there are none.
  /// - Throws: ``UserError`` of kind `malformedInput` where files hold something else or do not fit
  ///   together.
  func read(
    integersAre integers: FloatFormat?, raw: RawTensor? = nil, quietly: Bool
  ) throws -> SavedAttention {
    func read(_ name: String) throws -> SavedTensor {
      try SavedTensor.read(name, integersAre: integers, raw: raw)
    }
    let (query, key, value) = (try read(query), try read(key), try read(value))
    let saved = try SavedAttention(
      query: query, key: key, value: value, given: modifiers.given(in: query.format))
    if !quietly {
      modifiers.sayWhatIsTaken(
        queries: saved.shape.queries, keys: saved.shape.keys, in: saved.format)
    }
    return saved
  }
}
