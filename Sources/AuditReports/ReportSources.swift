import SoftmaxAudit

/// The results that a report is about: one file, or several side by side.
public struct ReportSources: Sendable {
  /// One results file.
  public struct Source: Sendable {
    /// What people call it: the file's name.
    public var name: String
    public var results: AuditResults

    public init(name: String, results: AuditResults) {
      self.name = name
      self.results = results
    }
  }

  public let sources: [Source]

  /// The results of files, in the order in which they are to stand; at least one.
  public init(_ sources: [Source]) { self.sources = sources }

  /// The results of one file.
  public init(_ results: AuditResults, name: String = "results.json") {
    self.init([Source(name: name, results: results)])
  }

  var count: Int { sources.count }

  /// The sources with their letters; a single one needs none.
  var labelled: [(label: String?, source: Source)] {
    sources.enumerated().map { (count > 1 ? Self.label($0) : nil, $1) }
  }

  /// A, B, … Z, A2, B2 and so on.
  private static func label(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? letter : letter + "\(index / 26 + 1)"
  }

  /// All laws that were checked, with the letter of their file.
  var laws: [(label: String?, row: PropertyRow)] {
    labelled.flatMap { label, source in source.results.properties.map { (label, $0) } }
  }
}

extension ReportSources.Source {
  /// What implementations from outside say that their figures may depend on: one line for each.
  var implementationVersions: [String] {
    (results.environment.implementations ?? [:]).sorted { $0.key < $1.key }.map { name, facts in
      let list = facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return "\(name): \(list.joined(separator: ", "))"
    }
  }
}
