import AuditRecords
import AuditedOperations

/// The results that a report is about: one file, or several side by side.
package struct ReportSources: Sendable {
  /// One results file, or the two that hold the accuracy and the laws of the same kernels.
  package struct Source: Sendable {
    /// The name of the file.
    package var name: String
    package var results: AuditResults
    /// The file of laws that was taken together with this one; nil where there is none.
    private(set) var lawsFile: (name: String, results: AuditResults)?

    package init(name: String, results: AuditResults) {
      self.name = name
      self.results = results
    }

    /// The files as they came.
    var files: [Source] {
      guard let lawsFile else { return [self] }
      var own = self
      own.lawsFile = nil
      own.results.properties = []
      return [own, Source(name: lawsFile.name, results: lawsFile.results)]
    }

    /// The name, or both.
    var title: String { files.map(\.name).joined(separator: " + ") }

    /// Takes the laws that another file holds of the same kernels.
    fileprivate mutating func take(_ laws: Source) {
      results.properties = laws.results.properties
      lawsFile = (laws.name, laws.results)
    }
  }

  /// The sources that the report tells apart: files, but for laws that stand with the accuracy of
  /// their kernels.
  package let sources: [Source]

  /// The results of files, in the order in which they are to stand; at least one.
  package init(_ sources: [Source]) { self.sources = Self.joined(sources) }

  /// The results of one file.
  package init(_ results: AuditResults, name: String = "results.json") {
    self.init([Source(name: name, results: results)])
  }

  var count: Int { sources.count }

  /// The files in the order of the sources.
  var files: [Source] { sources.flatMap(\.files) }

  /// Whether no implementation is in more than one of the sources, so that names tell all apart.
  var areDisjoint: Bool {
    var seen = Set<String>()
    for source in sources {
      let names = Set(
        source.results.accuracy.map(\.implementation)
          + source.results.properties.map(\.implementation))
      guard !names.isEmpty, seen.isDisjoint(with: names) else { return false }
      seen.formUnion(names)
    }
    return true
  }

  /// The sources with their letters; none need any where their implementations tell them apart.
  var labelled: [(label: String?, source: Source)] {
    let needsLetters = count > 1 && !areDisjoint
    return sources.enumerated().map { (needsLetters ? Self.label($0) : nil, $1) }
  }

  /// The files with the letters of their sources.
  var labelledFiles: [(label: String?, source: Source)] {
    labelled.flatMap { label, source in source.files.map { (label, $0) } }
  }

  /// The verdicts: one for each letter, or one on everything.
  var verdicts: [(label: String?, name: String, verdict: Verdict)] {
    let labelled = labelled
    guard labelled.contains(where: { $0.label != nil }) else {
      return [(nil, "", Verdict(sources.map(\.results)))]
    }
    return labelled.map { ($0, $1.title, Verdict($1.results)) }
  }

  /// The outcome of all sources together.
  package var outcome: Verdict.Outcome { Verdict(sources.map(\.results)).outcome }

  /// A, B, … Z, A2, B2 and so on.
  private static func label(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? letter : letter + "\(index / 26 + 1)"
  }

  /// All laws that were checked, with the letter of their file.
  var laws: [(label: String?, row: PropertyRow)] {
    labelled.flatMap { label, source in source.results.properties.map { (label, $0) } }
  }

  /// The files, those that hold laws alone together with the one that measured the same kernels.
  private static func joined(_ files: [Source]) -> [Source] {
    var sources = files
    var isTaken = files.map { _ in false }
    for (index, laws) in files.enumerated() {
      let hosts = sources.indices.filter { $0 != index && sources[$0].canTake(laws) }
      guard hosts.count == 1, let host = hosts.first else { continue }
      sources[host].take(laws)
      isTaken[index] = true
    }
    return zip(sources, isTaken).filter { !$1 }.map(\.0)
  }
}

extension ReportSources.Source {
  /// Whether a file holds the laws, and this one the accuracy alone, of the same kernels on the
  /// same machine.
  fileprivate func canTake(_ laws: Self) -> Bool {
    let (own, other) = (results, laws.results)
    guard !own.accuracy.isEmpty, own.properties.isEmpty, own.gate == nil, own.shard == nil,
      other.accuracy.isEmpty, !other.properties.isEmpty, other.gate == nil, other.shard == nil,
      own.tool == other.tool, own.environment.platform == other.environment.platform,
      own.environment.processor == other.environment.processor
    else { return false }
    let measured = Set(own.accuracy.map(\.scope))
    return other.properties.allSatisfy { row in
      measured.contains(row.scope)
        // Another version, or another library under the same name, is another kernel.
        && own.environment.lastingFacts?[row.implementation]
          == other.environment.lastingFacts?[row.implementation]
    }
  }

  /// The versions that implementations from outside say their figures may depend on, and digests of
  /// their files: one line for each.
  var implementationVersions: [String] {
    (results.environment.implementations ?? [:]).sorted { $0.key < $1.key }.map { name, facts in
      let list = facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return "\(name): \(list.joined(separator: ", "))"
    }
  }

  /// The standard of errors, in words.
  var judgingWords: String {
    guard let judging = results.judging else {
      return results.accuracy.isEmpty
        ? "laws, each with its own tolerance"
        : results.gate != nil ? "by the policy" : "not said in the results"
    }
    var parts: [String] = []
    switch judging.judge {
    case .nothing: parts.append("nothing was judged (--judge nothing)")
    case .tolerance:
      parts.append(
        "by the bound of the declared model; what declares none, by what any sound softmax keeps to"
      )
    }
    if let declare = judging.declare { parts.append("declared for all: \(declare)") }
    if let underflow = judging.underflow { parts.append("underflow: \(underflow.rawValue)") }
    if let lanes = judging.specialLanes { parts.append("special lanes: \(lanes)") }
    if let limit = judging.maxUlp {
      parts.append("at most \(FigureText.short(limit.value)) ULP in the normal range")
    }
    if let limit = judging.maxSteps {
      parts.append("at most \(FigureText.short(limit.value)) steps of quantised outputs")
    }
    if let limit = judging.largestLogit {
      parts.append("logits up to \(FigureText.short(limit.value)) in magnitude")
    }
    return parts.joined(separator: "; ")
  }
}
