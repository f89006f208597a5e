import FloatFormats

/// An implementation of one operation in one pair of formats: what laws are judged on.
public struct RowScope: Sendable, Hashable {
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
