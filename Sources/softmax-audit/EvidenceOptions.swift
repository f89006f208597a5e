import ArgumentParser
import AuditRecords
import AuditReports
import Audits
import Basics

/// The file that others check largest errors by.
struct EvidenceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the evidence of the largest errors as JSON: lane, output, integers around the exact value; scripts/recheck checks it.",
      valueName: "file"))
  var evidence: String?

  /// The options that write a file.
  var files: [(option: String, path: String?)] { [("--evidence", evidence)] }

  /// Writes the evidence of results, if somebody wants it, and says what has none.
  ///
  /// - Parameter source: Makes lanes again; nil for those of families alone.
  func write(
    of results: AuditResults, quietly: Bool, lanes source: EvidenceMaker.LaneSource? = nil
  ) throws {
    guard evidence != nil else { return }
    try write(
      results.claimedMaxima,
      EvidenceDocument(
        tool: results.tool, command: results.command, seed: results.seed, oracle: results.oracle),
      quietly: quietly, lanes: source ?? FamilyLanes(seed: results.seed).logits)
  }

  /// Writes the evidence of what searches have found, if somebody wants it, and says what has none.
  func write(of searches: SearchResults, quietly: Bool) throws {
    guard evidence != nil else { return }
    try write(
      searches.claimedMaxima,
      EvidenceDocument(
        tool: searches.tool, command: searches.command, seed: searches.seed,
        oracle: searches.oracle), quietly: quietly, lanes: { _ in nil })
  }

  /// Writes the evidence of certificates, if somebody wants it, and says what has none.
  func write(of certificates: Certificates, quietly: Bool) throws {
    guard evidence != nil else { return }
    try write(
      certificates.claimedMaxima,
      EvidenceDocument(
        tool: certificates.tool, command: certificates.command, seed: nil,
        oracle: certificates.oracle), quietly: quietly, lanes: { _ in nil })
  }

  private func write(
    _ maxima: [ClaimedMaximum], _ empty: EvidenceDocument, quietly: Bool,
    lanes source: @escaping EvidenceMaker.LaneSource
  ) throws {
    guard let evidence else { return }
    let document = try EvidenceMaker.evidence(of: maxima, in: empty, lanes: source)
    try OutputFile.write(EvidenceJSON.encode(document), to: evidence)
    guard !quietly, let first = document.withoutEvidence.first else { return }
    Console.note(
      "note: \(document.withoutEvidence.count) of \(document.maxima.count + document.withoutEvidence.count) largest errors are without evidence, the first of \(first.implementation) on \(first.origin): \(first.reason)"
    )
  }
}
