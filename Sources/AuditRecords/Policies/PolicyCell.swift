import FloatFormats

/// A cell as policies see it: an implementation on one family and length in one pair of formats.
public struct PolicyCell: Sendable, Hashable {
  /// The scope that laws are judged on: cells without family and length.
  public struct Scope: Sendable, Hashable {
    public var implementation: String
    public var input: FloatFormat
    public var output: FloatFormat
    public var operation: String

    public init(
      implementation: String, input: FloatFormat, output: FloatFormat,
      operation: String = "softmax"
    ) {
      self.implementation = implementation
      self.input = input
      self.output = output
      self.operation = operation
    }
  }

  public var scope: Scope
  public var family: String
  public var length: Int

  public init(_ scope: Scope, family: String, length: Int) {
    self.scope = scope
    self.family = family
    self.length = length
  }
}

extension PolicyCell {
  /// The cell of a row; nil for a row of formats that there are not.
  public init?(_ row: AccuracyRow) {
    guard let input = FloatFormat(rawValue: row.inputFormat),
      let output = FloatFormat(rawValue: row.outputFormat)
    else { return nil }
    self.init(
      Scope(
        implementation: row.implementation, input: input, output: output,
        operation: row.operation), family: row.family, length: row.length)
  }
}

extension PolicyCell.Scope {
  /// The scope of a row; nil for a row of formats that there are not.
  public init?(_ row: PropertyRow) {
    guard let input = FloatFormat(rawValue: row.inputFormat),
      let output = FloatFormat(rawValue: row.outputFormat)
    else { return nil }
    self.init(
      implementation: row.implementation, input: input, output: output, operation: row.operation)
  }
}
