import AuditRecords
import AuditedOperations

/// The modifiers of logits and the parameters of losses that a rule has calls made with.
///
/// A rule is about calls with exactly these: one that mentions none is about usual calls.
package struct PolicyParameters: Sendable, Hashable {
  package let modifiers: GivenModifiers
  package let loss: GivenLoss
  /// The same as rows tell of it; `nil` for the usual.
  package let row: RowParameters?

  package init(_ modifiers: GivenModifiers = .none, _ loss: GivenLoss = .none) {
    self.modifiers = modifiers
    self.loss = loss
    row = RowParameters(modifiers, loss)
  }

  /// Calls as they usually are.
  package static let none = PolicyParameters()

  /// Whether an operation takes all of them.
  package func areTaken(by operation: AuditedOperation) -> Bool {
    (modifiers.isNone || operation.hasModifiers)
      && (loss.isNone || operation.inputs.contains(.targets))
  }

  /// The key of what laws cannot be checked with, whose lanes have many shapes; `nil` where there
  /// is none.
  package var keyBeyondLaws: String? {
    if modifiers.mask != nil || modifiers.causal != nil { return "mask" }
    if case .file = modifiers.sink { return "sink" }
    return loss.classWeights == nil ? nil : "class-weights"
  }

  /// The keys of a rule with their values, as policies write them; files by their paths.
  package var entries: [(key: String, value: String)] {
    func number(_ value: (some CustomStringConvertible)?) -> String? { value.map { "\($0)" } }
    var sink: String?
    switch modifiers.sink {
    case .number(let value): sink = "\(value)"
    case .file(let file): sink = file.path
    case nil: break
    }
    let all: [(String, String?)] = [
      ("scale", number(modifiers.scale)), ("softcap", number(modifiers.softcap)),
      ("mask", modifiers.mask?.path ?? modifiers.causal.map { _ in "causal" }),
      ("causal-alignment", modifiers.causal?.rawValue), ("sink", sink),
      ("label-smoothing", number(loss.labelSmoothing)), ("ignore-index", number(loss.ignoreIndex)),
      ("class-weights", loss.classWeights?.path),
    ]
    return all.compactMap { key, value in value.map { (key, $0) } }
  }

  package static func == (one: Self, other: Self) -> Bool { one.row == other.row }
  package func hash(into hasher: inout Hasher) { hasher.combine(row) }
}
