import FloatFormats
import SoftmaxOracle
import SoftmaxVariants

extension AuditPlan {
  /// The cells to be measured, ascending.
  var chosenCells: [Int] { cells.indices.filter { shard?.contains($0) ?? true } }

  /// What a results file of the shard says of the whole run; nil where there is no shard.
  public var shardNote: ShardNote? {
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
  private var digest: String {
    var words = ["audit", "\(seed)", outputFormat?.rawValue ?? "", oracleTier.rawValue]
    words.append(settings.declaredModel?.name ?? (settings.ignoresOwnModel ? "none" : ""))
    words.append(settings.judgesNothing ? "nothing" : "")
    words.append(settings.underflow?.rawValue ?? "")
    words.append(settings.specialLanes.map { "\($0.rawValue)" } ?? "")
    words += implementations.map { $0.name }
    for cell in cells {
      words.append(cell.format.rawValue)
      switch cell.source {
      case .family(let family, let length, let samples):
        words += [family.name, "\(length)", "\(samples)"]
      case .tensor(let name, let tensor):
        words += [name, tensor.digest]
      }
    }
    return SHA256.hexDigest(of: words)
  }
}

extension CheckPlan {
  /// What a results file of the shard says of the whole run; nil where there is no shard.
  ///
  /// - Parameter places: Those of the rows.
  func shardNote(places: [Int]) -> ShardNote? {
    guard let shard else { return nil }
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
    for (law, reason) in settings.waivers.sorted(by: { $0.key < $1.key }) {
      words += [law, reason]
    }
    words += implementations.map { $0.name }
    for unit in units {
      words += [
        unit.subject.name, unit.subject.input.rawValue, unit.subject.output.rawValue, unit.law.name,
      ]
    }
    return ShardNote(shard, plan: SHA256.hexDigest(of: words), places: places)
  }
}

extension SHA256 {
  /// The digest of texts, each with its length before it.
  fileprivate static func hexDigest(of words: [String]) -> String {
    hexDigest(of: Array(words.map { "\($0.utf8.count):\($0)" }.joined().utf8))
  }
}

extension AnyTensor {
  /// SHA-256 of the geometry and the encodings of the elements.
  fileprivate var digest: String {
    switch self {
    case .float16(let tensor): Self.digest(of: tensor)
    case .bfloat16(let tensor): Self.digest(of: tensor)
    case .float32(let tensor): Self.digest(of: tensor)
    case .float64(let tensor): Self.digest(of: tensor)
    }
  }

  private static func digest<F: BinaryFloat>(of tensor: Tensor<F>) -> String {
    let head = "\(tensor.geometry.shape) \(tensor.geometry.axis)"
    return tensor.elements.withUnsafeBytes { SHA256.hexDigest(of: Array(head.utf8) + Array($0)) }
  }
}
