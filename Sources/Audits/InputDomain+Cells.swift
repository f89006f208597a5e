import AuditedOperations
import FloatFormats
import LogitFamilies

extension InputDomain {
  /// Whether the lanes of a source are asked for.
  package func includes(_ source: AuditPlan.Source, as format: FloatFormat) -> Bool {
    switch source {
    case .family(let family, let length, _):
      includes(length: length) && inner.map { $0.contains(1) } ?? true
        && largestLogit.map { family.staysWithin($0, as: format, length: length) } ?? true
    case .tensor(_, .float16(let tensor)): includes(tensor)
    case .tensor(_, .bfloat16(let tensor)): includes(tensor)
    case .tensor(_, .float32(let tensor)): includes(tensor)
    case .tensor(_, .float64(let tensor)): includes(tensor)
    case .tensor(_, .float8(let tensor, _)): includes(tensor)
    case .attention(_, let keys, _): includes(length: keys)
    }
  }

  /// Whether all lanes of a family at a length are asked for; they lie one after the other.
  package func includes(_ family: any InputFamily, as format: FloatFormat, length: Int) -> Bool {
    includes(family.source(length: length, samples: 1), as: format)
  }
}

extension AuditPlan {
  /// Cells, and after each those at the nearest lengths that implementations with a domain are made
  /// for.
  public static func fitting(
    _ cells: [Cell], to implementations: [any SoftmaxImplementation]
  ) -> [Cell] {
    let domains = implementations.map(\.askedDomain).filter { $0 != .everything }
    guard !domains.isEmpty else { return cells }
    struct Key: Hashable {
      var format: FloatFormat
      var family: String
      var length: Int
    }
    var seen = Set<Key>()
    var fitted: [Cell] = []
    for cell in cells {
      guard let family = cell.source.family, let (length, samples) = cell.source.size else {
        fitted.append(cell)
        continue
      }
      func usual(_ length: Int) -> Int {
        family.usualSamples(length: length, isFromOutside: false)
      }
      for near in [length] + domains.flatMap({ $0.fitted([length]) })
      where seen.insert(Key(format: cell.format, family: family.name, length: near)).inserted {
        fitted.append(
          Cell(
            format: cell.format,
            source: family.source(
              length: near, samples: samples == usual(length) ? usual(near) : samples)))
      }
    }
    return fitted
  }
}
