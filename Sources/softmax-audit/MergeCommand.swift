import ArgumentParser
import AuditRecords
import AuditReports
import Audits
import Basics
import FloatFormats
import Foundation
import Hunts
import Laws
import SoftmaxVariants

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts the results of shards together.",
    discussion: """
      Reads the JSON files of all shards of one run of audit, check, search or exhaust, in any \
      order, and writes the results of the whole run: the same to the byte as without --shard, but \
      for times, the environment and the command line, which are those of the first shard.

      Files that are damaged, that overlap, or that belong to another run (another version, seed, \
      selection, MPFR, or file of a plug-in, module or model) are refused with exit status 65; a \
      missing shard is exit status 2. Another processor is told.

      With --plan it reads the units of a plan, or directories of them, and leaves with the exit \
      status of the whole run. Units of another plan, units that are there twice and units that \
      are missing are named: exit status 2.

      Examples:
        softmax-audit audit --shard 1/2 --json 1.json
        softmax-audit audit --shard 2/2 --json 2.json
        softmax-audit merge 1.json 2.json --json results.json
        softmax-audit merge --plan plan.json units --json certificate.json
      """)

  @Argument(
    help: ArgumentHelp(
      "The files of the shards; with --plan those of the units, or their directories.",
      valueName: "shards"))
  var shards: [String]

  @Option(
    name: .long, help: ArgumentHelp("The plan whose units these are.", valueName: "file"))
  var plan: String?

  @OptionGroup
  var output: OutputOptions

  private var quiet: Bool { output.quiet }

  func run() throws {
    try OutputPlaces(files: output.files, inputs: shards + [plan]).check()
    let units = try plan.map { try PlannedUnits(of: $0, in: shards) }
    let files =
      try units?.results
      ?? shards.map { path -> (name: String, data: Data) in
        let advice = "a file that softmax-audit wrote with --shard and --json"
        let data = try MappedFile.document(path, advice: advice)
        return (path, data)
      }
    try checkSeals(of: files)
    let first = files[0]
    let schema = try SchemaJSON.schema(of: first.data, name: first.name)
    for file in files.dropFirst() {
      let other = try SchemaJSON.schema(of: file.data, name: file.name)
      guard other == schema else {
        throw UserError(
          .malformedInput,
          "\(file.name) has the schema \"\(other)\", \(first.name) has \"\(schema)\": they are no shards of one run"
        )
      }
    }
    let judging = try units?.judging() ?? Judging(maxUlp: nil, notMeasured: [])
    switch schema {
    case Certificates.currentSchema: try mergeCertificates(files, judging)
    case SearchResults.currentSchema: try mergeSearches(files, judging)
    case FleetUnit.currentSchema:
      throw UserError(
        .malformedInput, "\(first.name) is a unit of a plan; name the plan with --plan")
    default: try mergeResults(files, notMeasured: judging.notMeasured)
    }
  }

  /// Makes sure that all files of the run carry a checksum, or none does.
  ///
  /// One version wrote them all: a checksum that one file lacks was taken out.
  private func checkSeals(of files: [(name: String, data: Data)]) throws {
    let unsealed = files.filter { DocumentChecksum.state(of: $0.data) == .absent }
    guard let first = unsealed.first else { return }
    guard unsealed.count == files.count else {
      throw UserError(
        .malformedInput,
        "\(first.name) carries no checksum and other shards do: it was changed since it was written; make it again with softmax-audit"
      )
    }
    for file in files where !quiet {
      ResultsFile.noteAge(of: file.data, file.name) { Console.note("note: \($0)") }
    }
  }

  // MARK: The three kinds of documents

  /// Things that the results of a run do not say of themselves: the largest error allowed, in ULP,
  /// and the things asked for that have no rows.
  typealias Judging = (maxUlp: Double?, notMeasured: [String])

  /// The documents of all shards, in their order.
  private func documents<Document>(
    _ files: [(name: String, data: Data)], _ decode: (Data, String) throws -> Document,
    shard: (Document) -> (index: Int, count: Int)?
  ) throws -> [(name: String, document: Document)] {
    try ShardFiles.sorted(
      files.map { file in
        let document = try decode(file.data, file.name)
        return (name: file.name, shard: shard(document), document)
      })
  }

  private func mergeResults(
    _ files: [(name: String, data: Data)], notMeasured: [String]
  ) throws {
    let parts = try documents(files, ResultsFile.decode) { $0.shard.map { ($0.index, $0.count) } }
    var results = try ShardFiles.merge(parts.map { ($0.name, $0.document) })
    let laws = LawCoverage.whole(results.properties)
    results.properties = laws.rows
    if let environments = results.environments, !quiet {
      let processors = Set(environments.map(\.processor)).sorted().joined(separator: "; ")
      Console.note(
        "note: the shards ran in \(environments.count) different environments (\(processors)): implementations may compute differently there; the results hold all of them"
      )
    }
    try output.write(
      ResultsJSON.encode(results),
      text: results.checking == nil
        ? TextReport.render(results) : LawTextReport.render(results.properties))
    // The shards of a run hold accuracy or laws, and never both.
    guard results.checking != nil || !results.properties.isEmpty else {
      return try RunOutcome(of: results, notMeasured: notMeasured).leave(quietly: quiet)
    }
    try RunOutcome(of: results.properties, notMeasured: notMeasured + laws.unmeasured)
      .leave(quietly: quiet)
  }

  private func mergeCertificates(
    _ files: [(name: String, data: Data)], _ judging: Judging
  ) throws {
    let parts = try documents(files, CertificatesJSON.decode) {
      $0.shard.map { ($0.index, $0.count) }
    }
    let document = try ShardFiles.merge(parts)
    try output.write(CertificatesJSON.encode(document), text: CertificateText.render(document))
    try RunOutcome(
      of: document.certificates, maxUlp: judging.maxUlp, notMeasured: judging.notMeasured
    ).leave(quietly: quiet)
  }

  private func mergeSearches(
    _ files: [(name: String, data: Data)], _ judging: Judging
  ) throws {
    let parts = try documents(files, SearchJSON.decode) { $0.shard.map { ($0.index, $0.count) } }
    let results = try ShardFiles.merge(parts.map { ($0.name, $0.document) })
    try output.write(SearchJSON.encode(results), text: SearchText.render(results))
    try RunOutcome(
      of: results.searches, maxUlp: judging.maxUlp, notMeasured: judging.notMeasured
    ).leave(quietly: quiet)
  }
}
