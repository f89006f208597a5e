import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

/// Says of which implementations a check has looked at nothing.
///
/// A law that does not apply, or that has no case in the domain of an implementation, is left out
/// where it is not asked for by name. Where all of them are left out, nothing was measured, and
/// that is no pass.
package enum LawCoverage {
  /// An implementation in one format of its logits.
  struct Subject: Hashable {
    var implementation: String
    var format: FloatFormat
  }

  /// A sentence for each implementation that has no row in some of its formats.
  ///
  /// - Parameters:
  ///   - asked: What a check was asked about, in the order of the sentences.
  ///   - rows: What it brought, without rows that are not asked.
  static func unmeasured(_ asked: [Subject], in rows: [PropertyRow]) -> [String] {
    let measured = Set(
      rows.map { Subject(implementation: $0.implementation, format: $0.inputFormat) })
    let missing = asked.filter { !measured.contains($0) }
    return missing.grouped(by: \.implementation).map { subjects in
      let formats = subjects.map(\.format.rawValue).joined(separator: ", ")
      return
        "nothing was checked of \(subjects[0].implementation) in \(formats): none of these laws applies to it, or has a case that it is made for; a law asked for by its name says why"
    }
  }

  /// The rows of all shards without those that are not asked, as one run has them, and a sentence
  /// for each implementation that has no other.
  package static func whole(
    _ rows: [PropertyRow]
  ) -> (rows: [PropertyRow], unmeasured: [String]) {
    let asked = rows.filter { !$0.isNotAsked }
    let subjects = rows.map {
      Subject(implementation: $0.implementation, format: $0.inputFormat)
    }.uniqued()
    return (asked, unmeasured(subjects, in: asked))
  }
}

extension PropertyRow {
  /// Whether no case of the law lies in the domain of the implementation, and nobody asked for it
  /// by name.
  ///
  /// Only shards have such rows.
  package var isNotAsked: Bool {
    verdict == .notMeasured && reason?.hasPrefix(LawRun.notAsked) == true
  }
}

extension Check {
  /// A sentence for each implementation that was selected and that no law says anything about.
  ///
  /// The rows of a shard are a part of what was asked for: there only what no shard has a row for
  /// counts.
  ///
  /// - Parameter rows: All rows of the run, with those of ``inspect(_:)``.
  public func unmeasured(_ rows: [PropertyRow]) -> [String] {
    let asked = plan.implementations.flatMap { implementation in
      plan.formats.filter(implementation.formats.contains).map {
        LawCoverage.Subject(implementation: implementation.name, format: $0)
      }
    }
    // What hosts look at by themselves they may look at in one format only, and in the first shard.
    if plan.laws.isEmpty {
      guard plan.shard == nil else { return [] }
      let names = Set(rows.map(\.implementation))
      return LawCoverage.unmeasured(
        asked.filter { !names.contains($0.implementation) }, in: rows)
    }
    guard plan.shard != nil else { return LawCoverage.unmeasured(asked, in: rows) }
    let units = Set(
      plan.units.map {
        LawCoverage.Subject(
          implementation: $0.subject.name, format: $0.subject.input)
      })
    return LawCoverage.unmeasured(asked.filter { !units.contains($0) }, in: rows)
  }
}
