import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

extension CheckPlan {
  /// The note that a results file of the shard makes on the whole run; `nil` where there is no
  /// shard.
  ///
  /// - Parameter places: Those of the rows.
  func shardNote(places: [Int]) -> ShardNote? {
    shard.map { ShardNote($0, plan: digest, places: places) }
  }

  /// SHA-256 of all that decides what the plan checks.
  package var digest: String {
    var words = ["check", "\(seed)", "\(effort)"]
    switch settings.model {
    case .own: words.append("own")
    case .none: words.append("none")
    case .declared(let model): words.append("declared " + model.name)
    }
    words.append(settings.specialLanes.map { "\($0.rawValue)" } ?? "")
    if let largest = settings.largestLogit { words.append("logits to \(largest)") }
    if let repeats = settings.repeats { words.append("calls repeated \(repeats)") }
    words.append(settings.underflow?.rawValue ?? "")
    if let parameters = settings.parameters { words.append(parameters.text) }
    for (law, reason) in settings.waivers.sorted(by: { $0.key < $1.key }) {
      words += [law, reason]
    }
    words += implementations.map { $0.name }
    for unit in units {
      words += [
        unit.subject.name, unit.subject.input.rawValue, unit.subject.output.rawValue, unit.law.name,
      ]
    }
    return SHA256.hexDigest(of: words)
  }
}
