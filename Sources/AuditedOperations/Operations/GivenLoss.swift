import Basics
import FloatFormats

/// Parameters of a cross-entropy and of its gradient that somebody asked for, for lanes of any
/// length.
package struct GivenLoss: Sendable, Hashable {
  package var labelSmoothing: Double?
  package var ignoreIndex: Int64?
  /// The weights of the classes, finite and not negative.
  package var classWeights: NumberFile?

  package init(
    labelSmoothing: Double? = nil, ignoreIndex: Int64? = nil, classWeights: NumberFile? = nil
  ) {
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
  }

  /// The parameters as they usually are.
  package static let none = GivenLoss()

  /// Whether nothing was asked for.
  package var isNone: Bool { self == .none }

  /// Makes sure that the weights are those of so many classes, and numbers of a format.
  ///
  /// - Throws: `UserError` of kind `malformedInput`.
  package func check(ofLength length: Int, in format: FloatFormat) throws(UserError) {
    guard let classWeights else { return }
    guard classWeights.shape == [length] else {
      throw UserError(
        .malformedInput,
        "\(classWeights.path) has the shape \(classWeights.shape); the weights of \(length) classes have the shape [\(length)]"
      )
    }
    _ = try classWeights.repeated(to: [length], in: format, name: "the weights")
  }

  /// Usual parameters, or others, with these in their place.
  package func replacing(in parameters: CrossEntropyParameters) -> CrossEntropyParameters {
    CrossEntropyParameters(
      labelSmoothing: labelSmoothing ?? parameters.labelSmoothing,
      ignoreIndex: ignoreIndex ?? parameters.ignoreIndex,
      classWeights: classWeights?.numbers ?? parameters.classWeights)
  }
}
