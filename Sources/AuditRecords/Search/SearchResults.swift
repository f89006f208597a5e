import AuditedOperations
import Basics
import FloatFormats

/// The findings of searches: one JSON document of schema `softmax-audit/search/1`.
package struct SearchResults: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  package static let currentSchema = "softmax-audit/search/1"

  package var schema: String
  package var tool: AuditResults.Tool
  /// The command line that made the document, without the program's path.
  package var command: String
  package var seed: UInt64
  /// The number of outputs looked at for each implementation, format and length.
  package var budget: Int
  package var oracle: AuditResults.Oracle
  package var environment: AuditResults.Environment
  /// The shard whose islands were looked at; nil for all.
  package var shard: Shard?
  package var searches: [SearchRow]
  /// The largest magnitude of a finite logit that was asked about; nil for any.
  package var largestLogit: Figure?

  package init(
    _ head: ResultsHead, seed: UInt64, budget: Int, shard: Shard?, searches: [SearchRow],
    largestLogit: Double? = nil
  ) {
    schema = Self.currentSchema
    tool = head.tool
    command = head.command
    self.seed = seed
    self.budget = budget
    oracle = head.oracle
    environment = head.environment
    self.shard = shard
    self.searches = searches
    self.largestLogit = largestLogit.map { Figure($0) }
  }
}

/// The worst lane that a search has found for one implementation, format and length.
package struct SearchRow: ScopedRow, Codable, Sendable, Equatable {
  package var implementation: String
  package var inputFormat: FloatFormat
  package var outputFormat: FloatFormat
  package var operation: AuditedOperation
  /// None: searches are of plain logits.
  package var parameters: RowParameters? { nil }
  package var length: Int
  package var objective: SearchObjective
  /// The declared model whose bound errors are compared with.
  package var model: String?
  /// The islands that were looked at, ascending.
  package var islands: [Int] = []
  /// The lanes and outputs that the search looked at; random sampling looked at as many.
  package var lanes: UInt64 = 0
  package var elements: UInt64 = 0
  /// The worst lane of the search.
  package var found: Finding?
  /// The worst lane of the families of an audit, without those built against a summation.
  package var random: Finding?
  /// The worst lane of the families that are built against a summation.
  package var constructed: Finding?
  /// A lane with an output that matches nothing, although no declared domain excuses it.
  package var mismatch: Finding?
  /// The lanes that were looked at, should be judged and have no bound; nil where none was seen.
  ///
  /// Without the objective `bound` that is known of lanes whose outputs match nothing, and of those
  /// with the largest errors.
  package var notJudged: UInt64?
  /// The reason why there are no outputs; `nil` where there are.
  package var failure: String?

  package init(
    implementation: String, inputFormat: FloatFormat, outputFormat: FloatFormat,
    operation: AuditedOperation, length: Int, objective: SearchObjective, model: String?
  ) {
    self.implementation = implementation
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.operation = operation
    self.length = length
    self.objective = objective
    self.model = model
  }

  /// A lane and its largest error.
  package struct Finding: Codable, Sendable, Equatable {
    package var island: Int
    /// The first input of the lane, logits or stored probabilities, in hexadecimal.
    package var logits: [String]
    package var index: Int
    package var computed: String
    /// 40 digits of the exact value; empty for a mismatch.
    package var exact: String
    /// The signed error of the element, magnitude rounded up.
    package var ulp: Figure?
    /// The largest error of the lane as a part of its bound; nil where there is none.
    package var ratio: Figure?
    /// The largest scaled error of the lane; `nil` where it was not measured, and where all are 0.
    package var scaled: Figure?
    /// The a-priori bound on the element in ULP.
    package var bound: Figure?
    /// The structure of the lane, where a search has made it.
    package var genome: LaneGenome?
    /// The family of the lane, where one has made it.
    package var family: String?
    /// The command that shows the lane again.
    package var replay: String?
    /// The place of the lane in its call, if its outputs depend on that: alone it gives other
    /// outputs.
    package var batch: BatchPlace?
    /// The inputs beside ``logits``; `nil` for an operation that takes one alone.
    package var accompanying: WitnessInputs?

    package init(
      island: Int, logits: [String], index: Int, computed: String, exact: String,
      genome: LaneGenome? = nil, accompanying: WitnessInputs? = nil
    ) {
      self.island = island
      self.logits = logits
      self.index = index
      self.computed = computed
      self.exact = exact
      self.genome = genome
      self.accompanying = accompanying
    }

    /// The place of a lane in a call with several.
    package struct BatchPlace: Codable, Sendable, Equatable {
      /// From 0.
      package var lane: Int
      package var lanes: Int

      package init(lane: Int, lanes: Int) {
        self.lane = lane
        self.lanes = lanes
      }
    }

    /// The figure that the objective counts.
    package func value(_ objective: SearchObjective) -> Double {
      abs(figure(objective)?.value ?? -1)
    }

    /// The figure of an objective; `nil` where there is none.
    package func figure(_ objective: SearchObjective) -> Figure? {
      switch objective {
      case .ulp: ulp
      case .bound: ratio
      case .scaled: scaled
      }
    }
  }

  /// The ratio of the error that the search has found to that of random sampling; `nil` where one
  /// found nothing.
  package var gain: Double? {
    guard let found, let random, random.value(objective) > 0 else { return nil }
    return found.value(objective) / random.value(objective)
  }

  /// The reason why lanes that should be judged have no bound, in words that follow "because".
  package var reasonWithoutBound: String {
    guard let model, model != MeasurementJudging.undeclared else {
      return "lanes so long have no bound"
    }
    return "the declared \(model) has no bound on them"
  }

  /// Whether something is wrong by the implementation's own declaration.
  package var isFailure: Bool {
    if failure != nil || mismatch != nil { return true }
    return [found, random, constructed].contains { $0?.ratio.map { !($0.value <= 1) } ?? false }
  }

  /// Adds other islands of the same search; of equal findings that of the lower island counts.
  package mutating func merge(_ other: SearchRow) {
    func worse(_ a: Finding?, _ b: Finding?) -> Finding? {
      guard let a, let b else { return a ?? b }
      let (x, y) = (a.value(objective), b.value(objective))
      return x > y || x == y && a.island <= b.island ? a : b
    }
    islands = (islands + other.islands).sorted()
    lanes += other.lanes
    elements += other.elements
    found = worse(found, other.found)
    random = worse(random, other.random)
    constructed = worse(constructed, other.constructed)
    if let theirs = other.mismatch, theirs.island < mismatch?.island ?? .max { mismatch = theirs }
    if let theirs = other.notJudged { notJudged = (notJudged ?? 0) + theirs }
    failure = failure ?? other.failure
  }
}
