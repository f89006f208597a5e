import Basics
import FloatFormats

/// The quantised tensors of an operation, by their roles.
package enum QuantizedRoles {
  /// The roles of an operation whose tensors may be quantised.
  package static func allowed(in operation: AuditedOperation) -> [String] {
    operation == .softmax || operation == .logSoftmax
      ? [InputRole.logits.rawValue, operation.output.role] : []
  }

  /// The quantisations that words say, each `role=scale,zero,type`.
  ///
  /// - Throws: ``Mistakes`` of kind `usage`: a role that the operation does not have or that is
  ///   given twice, a scale that is no finite number above 0, a zero point that the type does not
  ///   have, no such type.
  package static func parse(
    _ words: [String], option: String, of operation: AuditedOperation
  ) throws -> [String: Quantization] {
    var mistakes = Mistakes()
    let roles = allowed(in: operation)
    var known: [String: Quantization] = [:]
    if roles.isEmpty, let first = words.first {
      mistakes.add(
        .usage, "\(option) \(first): \(operation.name) is not audited quantised; leave it out")
      try mistakes.throwIfAny()
    }
    for word in words {
      do throws(UserError) {
        let (role, quantization) = try parse(word, example: roles[0])
        if !roles.contains(role) {
          mistakes.add(
            .usage,
            "\(option) \(word): \(operation.name) has no such role; it has \(roles.joined(separator: " and "))"
          )
        } else if known.updateValue(quantization, forKey: role) != nil {
          mistakes.add(.usage, "\(option) \(role) was given twice; keep one of them")
        }
      } catch {
        mistakes.add(error.kind, "\(option) \(word): \(error.message)")
      }
    }
    try mistakes.throwIfAny()
    return known
  }

  private static func parse(
    _ word: String, example role: String
  ) throws(UserError) -> (String, Quantization) {
    let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = (sides.last ?? "").split(separator: ",", omittingEmptySubsequences: false)
    guard sides.count == 2, parts.count == 3 else {
      throw UserError(.usage, "write role=scale,zero,type, as in \(role)=0.1,-3,int8")
    }
    guard let scale = Double(text: String(parts[0])) else {
      throw UserError(.usage, "the scale \(parts[0]): use a number, as in 0.1 or 0x1p-8")
    }
    guard let zeroPoint = Int(parts[1]) else {
      throw UserError(.usage, "the zero point \(parts[1]): use an integer")
    }
    guard let type = CodeType(rawValue: String(parts[2])) else {
      let types = CodeType.allCases.map(\.rawValue).joined(separator: ", ")
      throw UserError(.usage, "there is no type \(parts[2]); there are \(types)")
    }
    return (
      String(sides[0]), try Quantization(scale: scale, zeroPoint: zeroPoint, type: type)
    )
  }
}
