import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import SoftmaxVariants

extension AuditPlan {
  /// The cells to be measured, ascending.
  var chosenCells: [Int] { cells.indices.filter { shard?.contains($0) ?? true } }

  /// The note that a results file of the shard makes on the whole run; `nil` where there is no
  /// shard.
  package var shardNote: ShardNote? {
    guard let shard else { return nil }
    var places: [Int] = []
    var place = 0
    for implementation in implementations {
      for (number, cell) in cells.enumerated() where implementation.formats.contains(cell.format) {
        if shard.contains(number) { places.append(place) }
        place += 1
      }
    }
    return ShardNote(shard, plan: digest, places: places)
  }

  /// SHA-256 of all that decides what the plan measures.
  package var digest: String {
    var words = ["audit", "\(seed)", outputFormat?.rawValue ?? "", oracleTier.rawValue]
    words.append(settings.declaredModel?.name ?? (settings.ignoresOwnModel ? "none" : ""))
    words.append(settings.judgesNothing ? "nothing" : "")
    words.append(settings.underflow?.rawValue ?? "")
    words.append(settings.specialLanes.map { "\($0.rawValue)" } ?? "")
    for format in FloatFormat.everyOne {
      if let text = RowParameters(modifiers[format] ?? .none, loss[format] ?? .none)?.text {
        words += [format.rawValue, text]
      }
    }
    words += implementations.map { $0.name }
    for cell in cells {
      words.append(cell.format.rawValue)
      switch cell.source {
      case .family(let family, let length, let samples):
        words += [family.name, "\(length)", "\(samples)"]
      case .attention(let family, let keys, let rows):
        words += ["attention", family.name, "\(keys)", "\(rows)"]
      case .tensor(let name, let tensor):
        words += [name, tensor.digest]
      }
    }
    return SHA256.hexDigest(of: words)
  }
}
