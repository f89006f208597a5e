import AuditedOperations

/// The results of a run: one JSON document of schema `softmax-audit/results/1`.
public struct AuditResults: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  public static let currentSchema = "softmax-audit/results/1"

  public var schema: String
  public var tool: Tool
  /// The command line that made the results, without the program's path.
  public var command: String
  public var seed: UInt64
  public var oracle: Oracle
  public var environment: Environment
  /// The shard of a run that this is; nil for all of it.
  package var shard: ShardNote?
  public var accuracy: [AccuracyRow]
  public var properties: [PropertyRow]
  /// The standard of the accuracy rows; `nil` in results that hold none, and in those of older
  /// versions.
  package var judging: MeasurementJudging?
  /// The standard of the laws; `nil` in results that hold none, and in those of older versions.
  package var checking: LawJudging?
  /// The machines of a run that was put together from several; `nil` where one had all.
  public var environments: [Environment]?
  /// The verdict of a policy on the rows; nil where none was asked.
  package var gate: GateResult?

  package init(
    tool: Tool, command: String, seed: UInt64, oracle: Oracle, environment: Environment,
    accuracy: [AccuracyRow]
  ) {
    schema = Self.currentSchema
    self.tool = tool
    self.command = command
    self.seed = seed
    self.oracle = oracle
    self.environment = environment
    self.accuracy = accuracy
    properties = []
  }

  /// Results without laws, of the run that a head names.
  package init(_ head: ResultsHead, seed: UInt64, accuracy: [AccuracyRow] = []) {
    self.init(
      tool: head.tool, command: head.command, seed: seed, oracle: head.oracle,
      environment: head.environment, accuracy: accuracy)
  }

  /// The program.
  public struct Tool: Codable, Sendable, Equatable {
    public var name: String
    public var version: String
    package init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// The oracle.
  public struct Oracle: Codable, Sendable, Equatable {
    /// `mpfr`: the arbiter alone.
    public var tier: String
    public var library: String
    package init(tier: String, library: String) {
      self.tier = tier
      self.library = library
    }
  }

  /// The machine and system of a run; the only part besides timings that may differ between two
  /// equal runs.
  public struct Environment: Codable, Sendable, Equatable {
    public var platform: String
    public var processor: String
    public var threads: Int
    /// The facts that figures of an implementation from outside may depend on, by its name: library
    /// versions, settings.
    public var implementations: [String: [String: String]]?
    package init(
      platform: String, processor: String, threads: Int,
      implementations: [String: [String: String]]? = nil
    ) {
      self.platform = platform
      self.processor = processor
      self.threads = threads
      self.implementations = implementations
    }

    /// The facts that tell one build of an implementation from another, by its name: every run of
    /// it repeats them.
    public var lastingFacts: [String: [String: String]]? {
      implementations?.mapValues { $0.filter { $0.key != EnvironmentFact.peakMemory } }
    }
  }
}
