import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import PropertyTesting
import SoftmaxVariants

/// The figures of an audit of one implementation, for tests to judge.
public struct AuditFigures: Sendable {
  /// One row for each family and length.
  public let rows: [AccuracyRow]

  /// The largest error in ULP, over outputs whose exact value is normal; 0 where there are none.
  public var maxUlp: Double { rows.compactMap { $0.maxUlp?.value }.max() ?? 0 }
  /// The outputs that are not even comparable: NaN, infinite or negative where a number belongs,
  /// calls without an answer.
  public var mismatches: UInt64 { rows.reduce(0) { $0 + $1.mismatches } }
  /// The largest error as a part of its bound; nil where nothing was compared.
  ///
  /// The bound is that of the declared model, or what any sound softmax keeps to. More than 1 is a
  /// failure.
  public var maxBoundRatio: Double? { rows.compactMap { $0.bound?.maxRatio?.value }.max() }
  /// The element with the largest error, with its lane.
  public var worst: AccuracyRow.Witness? {
    rows.filter { $0.worst != nil }
      .max { ($0.maxUlp?.value ?? 0) < ($1.maxUlp?.value ?? 0) }?.worst
  }
  /// The element with the largest part of its bound, with its lane.
  public var worstOfBound: AccuracyRow.Witness? {
    rows.filter { $0.bound?.worst != nil }
      .max { ($0.bound?.maxRatio?.value ?? 0) < ($1.bound?.maxRatio?.value ?? 0) }?.bound?.worst
  }
  /// Whether an error exceeds its bound, or an output matches nothing.
  public var isFailure: Bool { rows.contains(where: \.isFailure) }
  /// The reasons for calls without an answer, each once.
  public var failures: [AccuracyRow.Failure] {
    rows.compactMap(\.failure).reduce(into: []) { seen, failure in
      if !seen.contains(failure) { seen.append(failure) }
    }
  }
}

extension Audit {
  /// Measures one implementation against the oracle.
  ///
  /// - Parameters:
  ///   - implementation: The softmax, or another operation.
  ///   - format: The format of the logits; nil for the first that the implementation has.
  ///   - names: The names of families of logits; nil for all.
  ///   - lengths: The lengths of lanes.
  ///   - samples: Lanes for each family and length; nil for as many as its length deserves.
  ///   - model: The model whose bound is judged; nil for what the implementation declares.
  ///   - seed: The seed of the families; the same one gives the same lanes.
  ///   - threads: The number of threads, on which no figure depends.
  /// - Throws: `UserError` of kind `usage` for a family that there is not, of kind `notMeasured`
  ///   where there is nothing to measure.
  public static func figures(
    of implementation: any SoftmaxImplementation, format: FloatFormat? = nil,
    families names: [String]? = nil, lengths: [Int] = AuditPlan.shortLengths, samples: Int? = nil,
    model: SoftmaxVariant? = nil, seed: UInt64 = RunSeed.standard, threads: Int = 1
  ) async throws -> AuditFigures {
    guard let format = format ?? implementation.formats.first,
      implementation.formats.contains(format)
    else {
      throw UserError(.notMeasured, "\(implementation.name) is not offered for the format")
    }
    let families = try names.map { names in
      try names.map { name in
        guard let family = LogitFamily.all.first(where: { $0.name == name }) else {
          throw UserError(.usage, "there is no family \"\(name)\"")
        }
        return family
      }
    }
    let cells = AuditPlan.cells(
      families: families ?? LogitFamily.all, formats: [format], lengths: lengths, samples: samples)
    guard !cells.isEmpty else {
      throw UserError(
        .notMeasured, "none of the families has lanes of these lengths in \(format.rawValue)")
    }
    let rows = try await Audit(
      AuditPlan(
        implementations: [implementation], cells: cells, seed: seed, threads: threads,
        settings: MeasurementSettings(declaredModel: model.map { DeclaredModel($0) }))
    ).run()
    return AuditFigures(rows: rows)
  }
}
