import AuditRecords

/// One rule of a policy: what it selects, what it demands there, and why.
package struct PolicyRule: Sendable {
  package var selector: PolicySelector
  package var budgets: [Budget] = []
  /// The laws that count; nil where the rule does not speak of laws.
  package var laws: Laws?
  /// Laws and figures that are known to fail; one that does not is a failure of the gate.
  package var expectedFailures: [ExpectedFailure] = []
  /// Whether what is selected is not judged at all.
  package var isExclusion = false
  package var settings = PolicySettings()
  package var reason: String
  /// The origin of the numbers, in a baseline.
  package var provenance: Provenance?
  package var place: PolicyPlace
  /// The places of the keys.
  package var places: [String: PolicyPlace] = [:]
  /// The places of the items that stand in the selection, by key, in their order.
  package var itemPlaces: [String: [PolicyPlace]] = [:]

  package init(selector: PolicySelector, reason: String, place: PolicyPlace) {
    self.selector = selector
    self.reason = reason
    self.place = place
  }

  /// The place of a key, or of the rule where it has none.
  package func place(of key: String) -> PolicyPlace { places[key] ?? place }

  /// The place of an item in the list of a key, or of the key where its items have none.
  package func place(of key: String, item: Int) -> PolicyPlace {
    let places = itemPlaces[key] ?? []
    return places.indices.contains(item) ? places[item] : place(of: key)
  }

  /// Whether the rule demands anything of what it selects.
  package var judges: Bool { !budgets.isEmpty || laws != nil || !expectedFailures.isEmpty }

  /// A limit for a figure.
  package struct Budget: Sendable, Hashable {
    package enum Limit: Sendable, Hashable {
      case number(Double)
      /// So many times the a-priori bound of the model on the very lane.
      case bound(Double)
    }

    package var figure: PolicyFigure
    package var limit: Limit

    package init(_ figure: PolicyFigure, _ limit: Limit) {
      self.figure = figure
      self.limit = limit
    }
  }

  /// A choice of laws.
  package struct Laws: Sendable, Hashable {
    /// As the policy has it.
    package var text: String
    /// The chosen laws, and what hosts look at by themselves.
    package var names: Set<String>
    /// Those that were chosen by their names: where one does not apply, that is no pass.
    package var literal: Set<String>

    package init(text: String, names: Set<String>, literal: Set<String> = []) {
      self.text = text
      self.names = names
      self.literal = literal
    }
  }

  /// A law or figure that is known to fail.
  package struct ExpectedFailure: Sendable, Hashable {
    package var name: String
    package var place: PolicyPlace

    package init(_ name: String, _ place: PolicyPlace) {
      self.name = name
      self.place = place
    }
  }

  /// The program and inputs that the numbers of a baseline were measured with; no date, so that the
  /// same run writes the same file.
  package struct Provenance: Sendable, Hashable, Codable {
    package var tool: String
    package var platform: String
    package var seed: UInt64
    /// Lanes per cell; nil for the default.
    package var samples: Int?
    /// The measured figures by name, before they were rounded up to budgets.
    package var measured: [String: Double]

    package init(
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
