import AuditedOperations
import Basics
import FloatFormats
import Foundation
import PropertyTesting

/// The text from which a case can be made again: its choices, or the case itself.
///
/// Choices are short even for long lanes, and stay exact as long as the law makes the same of them;
/// a case of few logits is written whole, and means the same to every version. `pt1-...` is a
/// sequence of choices, `case1-...` a case.
enum CaseToken {
  private static let codec = TokenCodec("case", .crc32(version: "1"))
  /// Up to here a case is written whole.
  private static let mostLogits = 24

  static func text(of input: LawCase, choices: [ChoiceValue]?, _ format: FloatFormat) -> String {
    if let choices, input.logits.count > mostLogits { return ReplayToken.encode(choices) }
    var words: [UInt64] = [
      UInt64(input.geometry.shape.count), UInt64(input.geometry.axis),
    ]
    words += input.geometry.shape.map { UInt64($0) }
    let arguments = input.arguments + (input.accompanying?.integers ?? [])
    words.append(UInt64(arguments.count))
    words += arguments.map { UInt64(bitPattern: Int64($0)) }
    words += input.logits.map { $0.isNaN ? format.bits(of: .nan) : format.bits(of: $0) }
    return codec.text(of: ReplayToken.bytes(of: words.map { .bits($0) }))
  }

  /// The case of a token.
  ///
  /// - Parameters:
  ///   - largest: The largest magnitude of a finite logit, as in the run that printed the token.
  ///   - domain: The tensors that the implementation is made for, as in that run.
  /// - Throws: ``UserError`` of kind `usage` for a text that is no token, or one of another law or
  ///   format.
  static func input(
    of token: String, law: Law, _ format: FloatFormat, of operation: AuditedOperation = .softmax,
    within largest: Double = .infinity, domain: InputDomain = .everything
  ) throws -> LawCase {
    do {
      guard token.hasPrefix("case1-") else {
        return try made(of: token, law, format, operation, largest, domain)
      }
      var words = try ReplayToken.decode(token, codec).map { choice in
        guard case .bits(let word) = choice else { throw ReplayTokenError.notAToken }
        return word
      }[...]
      func next() throws -> UInt64 {
        guard let word = words.popFirst() else { throw ReplayTokenError.truncated }
        return word
      }
      let (rank, axis) = (try next(), try next())
      guard rank <= 16, axis < max(rank, 1) else { throw ReplayTokenError.malformed("its shape") }
      let shape = try (0..<rank).map { _ in Int(truncatingIfNeeded: try next()) }
      let count = try next()
      guard count <= 32 else { throw ReplayTokenError.malformed("its arguments") }
      var arguments = try (0..<count).map { _ in Int(truncatingIfNeeded: try next()) }
      var accompanying: AccompanyingInputs?
      if !law.isOfAttention, operation.hasAccompanyingInputs || !law.modifiers.isEmpty {
        let size =
          AccompanyingInputs.ranges.count
          + (law.modifiers.isEmpty ? 0 : ModifierRule.ranges.count)
        accompanying = AccompanyingInputs(integers: arguments.suffix(size))
        guard accompanying != nil else {
          throw ReplayTokenError.malformed("its inputs beside the first")
        }
        arguments.removeLast(size)
      }
      guard let geometry = try? LaneGeometry(shape: shape, axis: Int(axis)),
        geometry.objection == nil
      else { throw ReplayTokenError.malformed("its shape") }
      guard geometry.elementCount == words.count else {
        throw ReplayTokenError.malformed("its number of logits")
      }
      return LawCase(
        geometry: geometry, logits: words.map { format.value(ofBits: $0) }, arguments: arguments,
        accompanying: accompanying)
    } catch let error as ReplayTokenError {
      throw UserError(.usage, "--replay: \(error)")
    }
  }

  private static func made(
    of token: String, _ law: Law, _ format: FloatFormat, _ operation: AuditedOperation,
    _ largest: Double, _ domain: InputDomain
  ) throws -> LawCase {
    let choices = try ReplayToken.decode(token)
    let cases = law.cases(format, of: operation, within: largest, domain: domain)
    let property = Property<LawCase>(law.name, for: cases) { _, _ in .passed }
    do {
      return try PropertyRunner().replay(choices, of: property).value
    } catch {
      throw UserError(
        .usage,
        "--replay: the token does not belong to the law \(law.name) in \(format.rawValue), or was made by another version"
      )
    }
  }
}
