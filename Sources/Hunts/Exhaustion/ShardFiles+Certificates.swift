import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import SoftmaxVariants

extension ShardFiles {
  /// The certificates of whole domains.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the shards are not those of one run.
  package static func merge(_ parts: [(name: String, document: Certificates)]) throws
    -> Certificates
  {
    let (firstName, first) = parts[0]
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    func keys(_ certificate: ExhaustiveCertificate) -> String {
      [
        certificate.implementation, certificate.operation.name, certificate.inputFormat.rawValue,
        certificate.outputFormat.rawValue, certificate.statement, certificate.model ?? "",
        certificate.underflow?.rawValue ?? "",
      ].joined(separator: " ")
    }
    for (name, document) in parts {
      try expectSame("version", document.tool.version, first.tool.version, in: name, and: firstName)
      try expectSameImplementations(
        (document.oracle, document.environment), of: name, as: (first.oracle, first.environment),
        of: firstName)
      try expectSame(
        "list of certificates", document.certificates.map(keys), first.certificates.map(keys),
        in: name, and: firstName)
    }
    for index in first.certificates.indices {
      let shards = parts.map { ($0.name, $0.document.certificates[index]) }
      if let failed = shards.first(where: { $0.1.failure != nil }) {
        whole.certificates[index] = failed.1
        continue
      }
      whole.certificates[index] = try merge(shards, shard: parts.map { $0.document.shard })
    }
    return whole
  }

  /// By what a certificate was judged.
  private static func judge(of certificate: ExhaustiveCertificate) -> LaneJudge {
    var settings = MeasurementSettings(
      declaredModel: certificate.model.flatMap {
        DeclaredModel(named: $0, of: certificate.operation)
      })
    settings.judgesNothing = certificate.model == nil
    settings.underflow = certificate.underflow
    return LaneJudge(
      nil, of: certificate.operation, input: certificate.inputFormat,
      output: certificate.outputFormat, settings: settings)
  }

  private static func merge(
    _ shards: [(name: String, certificate: ExhaustiveCertificate)], shard: [Shard?]
  ) throws -> ExhaustiveCertificate {
    let first = shards[0].certificate
    let output = first.outputFormat
    var merged: ExhaustiveState?
    for (number, (name, certificate)) in shards.enumerated() {
      guard let state = certificate.state, certificate.domain == first.domain else {
        throw refuse(name, "is damaged: it does not say what it has counted on the same domain")
      }
      if let objection = state.objection(
        to: certificate.domain, of: first.operation, output: output)
      {
        throw refuse(name, "is damaged: \(objection)")
      }
      guard state.done == (0..<state.blocks).filter({ shard[number]?.contains($0) ?? true }) else {
        throw refuse(name, "is damaged: it does not have the blocks of its shard")
      }
      if merged == nil {
        merged = state
      } else {
        do {
          try merged?.merge(state)
        } catch {
          throw refuse(name, "and the shards before it overlap: \(error.message)")
        }
      }
    }
    guard let merged, merged.isComplete else {
      throw refuse(shards[0].name, "and the others do not have every block")
    }
    let witnesses = shards.flatMap { _, certificate in
      ExhaustiveCertificate.witnesses.compactMap { certificate[keyPath: $0] }
    }
    do {
      var whole = try ExhaustiveCertificate(
        implementation: first.implementation, of: first.operation, output: output,
        domain: first.domain,
        judge: judge(of: first), merged, isShard: false
      ) { lane in witnesses.first { $0.lane == lane }?.replay ?? "" }
      // The largest error of all is that of a shard, which knew whether a missing bound is excused.
      if shards.contains(where: { $0.certificate.notJudged != nil }) { whole.countUnjudged() }
      return whole
    } catch let error as InternalError {
      // The figures come from the files; that they do not come back is a fault of the files.
      throw refuse(shards[0].name, "or one of the others is damaged: \(error.message)")
    }
  }
}
