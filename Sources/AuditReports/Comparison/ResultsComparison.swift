import AuditRecords
import AuditedOperations
import FloatFormats

/// The changes between two results: one JSON document of schema `softmax-audit/comparison/1`.
///
/// A change counts as worse or better only beyond what the choice of lanes explains;
/// ``LaneRelation`` says when figures are facts about the same lanes, and ``SamplingTest`` what can
/// be said of other lanes.
package struct ResultsComparison: Codable, Sendable, Equatable {
  /// The schema this program writes.
  package static let currentSchema = "softmax-audit/comparison/1"

  package var schema: String
  package var before: Origin
  package var after: Origin
  package var outcome: Outcome
  /// The numbers of cells and laws that stand in both files.
  package var compared: Compared
  /// Remarks on the comparison as a whole, for its reader.
  package var remarks: [String]
  package var changes: [Change]

  /// The origin of one side.
  package struct Origin: Codable, Sendable, Equatable {
    /// The name of the file.
    package var name: String
    package var tool: AuditResults.Tool
    package var command: String
    package var seed: UInt64
    package var platform: String
    package var processor: String
  }

  /// The conclusion from all changes.
  package enum Outcome: String, Codable, Sendable, Equatable {
    /// Something got worse.
    case worse
    /// Nothing got worse in what is measured, and something is not measured any more.
    case notMeasured
    /// Nothing got worse.
    case notWorse
  }

  /// The numbers of cells and laws that stand in both files, cells by the relation of their lanes.
  package struct Compared: Codable, Sendable, Equatable {
    package var sameLanes = 0
    package var nestedLanes = 0
    package var drawnAlike = 0
    package var unrelated = 0
    package var laws = 0

    var cells: Int { sameLanes + nestedLanes + drawnAlike + unrelated }
  }

  /// One difference.
  package struct Change: ScopedRow, Codable, Sendable, Equatable {
    /// The direction of a change.
    package enum Direction: String, Codable, Sendable, Equatable, CaseIterable {
      case worse, better
      /// Measured before and not any more.
      case notMeasured
      /// Not measured before.
      case appeared
      /// Neither worse nor better.
      case changed
    }

    /// The evidence that a change is no accident of sampling.
    package enum Evidence: String, Codable, Sendable, Equatable {
      /// Both figures are facts about the same lanes.
      case sameLanes
      /// One side measured all lanes of the other and more, and the difference goes against that.
      case nestedLanes
      /// An outcome that one input proves, on whatever lanes it was found.
      case witness
      /// Too improbable for lanes drawn alike.
      case statistics
      /// It is there or it is not.
      case presence
    }

    package var direction: Direction
    package var evidence: Evidence
    /// Whether the exit status depends on it: maxima and counts decide, means and percentiles are
    /// told.
    package var decides: Bool
    package var implementation: String
    package var inputFormat: FloatFormat
    package var outputFormat: FloatFormat
    package var operation: AuditedOperation
    /// The parameters of the calls; nil for the usual ones.
    package var parameters: RowParameters?
    /// The cell; nil for a change of all cells together and for a law.
    package var family: String?
    package var length: Int?
    package var law: String?
    /// The figure by its key in results; nil where something else changed.
    package var figure: String?
    package var before: Figure?
    package var after: Figure?
    /// The probability of such a difference if nothing had changed; nil for facts.
    package var probability: Figure?
    /// The change in one sentence or less.
    package var explanation: String
  }
}

extension ResultsComparison {
  /// Compares two results.
  package init(before: ReportSources.Source, after: ReportSources.Source) {
    let cells = CellChanges(before: before.results, after: after.results)
    let laws = LawChanges(before: before.results, after: after.results)
    schema = Self.currentSchema
    self.before = Origin(before)
    self.after = Origin(after)
    compared = cells.compared
    compared.laws = laws.compared
    changes = cells.changes + laws.changes
    remarks = Self.remarks(before, after, compared) + cells.remarks
    let deciding = changes.filter(\.decides)
    outcome =
      deciding.contains { $0.direction == .worse }
      ? .worse : deciding.contains { $0.direction == .notMeasured } ? .notMeasured : .notWorse
  }

  private static func remarks(
    _ before: ReportSources.Source, _ after: ReportSources.Source, _ compared: Compared
  ) -> [String] {
    var remarks: [String] = []
    if before.results.seed != after.results.seed {
      remarks.append("The seeds differ, so that families have other lanes.")
    }
    if before.results.tool.version != after.results.tool.version {
      remarks.append(
        "Different versions of the program made the files: that families are the same is assumed, that lanes are is not."
      )
    }
    if compared.drawnAlike > 0 {
      remarks.append(
        "\(FigureText.counted(UInt64(compared.drawnAlike), "cell")) with other lanes of the same families: "
          + "only what is less likely than \(SamplingTest.falseAlarmText) by chance, all tests together, counts."
      )
    }
    if compared.unrelated > 0 {
      remarks.append(
        "\(FigureText.counted(UInt64(compared.unrelated), "cell")) with other lanes and another number of them: "
          + "no figure of theirs can be compared; failures can.")
    }
    let (old, new) = (
      before.results.environment.implementations ?? [:],
      after.results.environment.implementations ?? [:]
    )
    for (name, facts) in new.sorted(by: { $0.key < $1.key }) {
      guard let earlier = old[name] else { continue }
      for key in Set(facts.keys).union(earlier.keys).sorted() where facts[key] != earlier[key] {
        remarks.append(
          "\(name): \(key) was \(earlier[key] ?? "not there"), is \(facts[key] ?? "not there").")
      }
    }
    if before.results.environment.processor != after.results.environment.processor {
      remarks.append("The processors differ.")
    }
    return remarks
  }
}

extension ResultsComparison.Origin {
  init(_ source: ReportSources.Source) {
    let results = source.results
    self.init(
      name: source.name, tool: results.tool, command: results.command, seed: results.seed,
      platform: results.environment.platform, processor: results.environment.processor)
  }
}
