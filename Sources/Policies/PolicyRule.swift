import AuditRecords

/// One rule of a policy: what it selects, what it demands there, and why.
public struct PolicyRule: Sendable {
  public var selector: PolicySelector
  public var budgets: [Budget] = []
  /// The laws that count; nil where the rule does not speak of laws.
  public var laws: Laws?
  /// Laws and figures that are known to fail; one that does not is a failure of the gate.
  public var expectedFailures: [ExpectedFailure] = []
  /// Whether what is selected is not judged at all.
  public var isExclusion = false
  public var settings = PolicySettings()
  public var reason: String
  /// Where the numbers come from, in a baseline.
  public var provenance: Provenance?
  public var place: PolicyPlace
  /// The places of the keys.
  public var places: [String: PolicyPlace] = [:]
  /// The places of the items that stand in the selection, by key, in their order.
  public var itemPlaces: [String: [PolicyPlace]] = [:]

  public init(selector: PolicySelector, reason: String, place: PolicyPlace) {
    self.selector = selector
    self.reason = reason
    self.place = place
  }

  /// The place of a key, or of the rule where it has none.
  public func place(of key: String) -> PolicyPlace { places[key] ?? place }

  /// The place of an item in the list of a key, or of the key where its items have none.
  public func place(of key: String, item: Int) -> PolicyPlace {
    let places = itemPlaces[key] ?? []
    return places.indices.contains(item) ? places[item] : place(of: key)
  }

  /// Whether the rule demands anything of what it selects.
  public var judges: Bool { !budgets.isEmpty || laws != nil || !expectedFailures.isEmpty }

  /// A limit for a figure.
  public struct Budget: Sendable, Hashable {
    public enum Limit: Sendable, Hashable {
      case number(Double)
      /// So many times the a-priori bound of the model on the very lane.
      case bound(Double)
    }

    public var figure: PolicyFigure
    public var limit: Limit

    public init(_ figure: PolicyFigure, _ limit: Limit) {
      self.figure = figure
      self.limit = limit
    }
  }

  /// A choice of laws.
  public struct Laws: Sendable, Hashable {
    /// As the policy has it.
    public var text: String
    /// The chosen laws, and what hosts look at by themselves.
    public var names: Set<String>
    /// Those that were chosen by their names: where one does not apply, that is no pass.
    public var literal: Set<String>

    public init(text: String, names: Set<String>, literal: Set<String> = []) {
      self.text = text
      self.names = names
      self.literal = literal
    }
  }

  /// A law or figure that is known to fail.
  public struct ExpectedFailure: Sendable, Hashable {
    public var name: String
    public var place: PolicyPlace

    public init(_ name: String, _ place: PolicyPlace) {
      self.name = name
      self.place = place
    }
  }

  /// What the numbers of a baseline were measured with; no date, so that the same run writes the same file.
  public struct Provenance: Sendable, Hashable, Codable {
    public var tool: String
    public var platform: String
    public var seed: UInt64
    /// Lanes per cell; nil for the default.
    public var samples: Int?
    /// The measured figures by name, before they were rounded up to budgets.
    public var measured: [String: Double]

    public init(
      tool: String, platform: String, seed: UInt64, samples: Int?, measured: [String: Double]
    ) {
      self.tool = tool
      self.platform = platform
      self.seed = seed
      self.samples = samples
      self.measured = measured
    }
  }
}
