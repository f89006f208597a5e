import AuditRecords
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import FloatFormats
import Laws
import LogitFamilies

/// The tolerances that softmaxes are tested with elsewhere, on trial: the faulty softmaxes that
/// they let through, and the sound ones that they reject.
///
/// A tolerance lets a fault through where it accepts every output of every lane that has a softmax.
/// Beside the logits that tests draw, normal ones, stand those of all families of an audit: faults
/// that get past those too are beyond the tolerance, not beyond its inputs. An audit of the same
/// lanes is compared: it goes by the default tolerance, or by the bound that the fault claims to
/// keep.
package struct ToleranceTrial: Sendable {
  package var faulty: [FaultySoftmax]
  package var sound: [SoundSoftmax]
  package var seed: UInt64
  /// Whether each of them is tried in every format that it is offered for; else in one, formats
  /// taking turns.
  package var usesEveryFormat: Bool
  package let tolerances = ToleranceInUse.all
  /// The number of lanes of each cell.
  package var samples = 16

  /// The families of the logits that tests draw.
  private static let usual = ["normal-1"]

  package init(
    faulty: [FaultySoftmax] = FaultySoftmax.all(of: .softmax),
    sound: [SoundSoftmax] = SoundSoftmax.all.filter { $0.operation == .softmax },
    seed: UInt64 = RunSeed.standard,
    usesEveryFormat: Bool = false
  ) {
    self.faulty = faulty
    self.sound = sound
    self.seed = seed
    self.usesEveryFormat = usesEveryFormat
  }

  /// Measures all of them.
  ///
  /// Some faults remember earlier calls: each gets its calls from one thread, in the order of the
  /// cells.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> ToleranceMatrix {
    var entries: [String: [ToleranceMatrix.Entry]] = [:]
    for (step, format) in FloatFormat.allCases.enumerated() {
      let faults = faulty.taking(turns: !usesEveryFormat, in: format)
      let chosen: [any SoftmaxImplementation] =
        faults + sound.taking(turns: !usesEveryFormat, in: format)
      guard !chosen.isEmpty else { continue }
      let plan = AuditPlan(
        implementations: try chosen.map { try $0.renewed() }, cells: cells(in: format), seed: seed,
        threads: 1, settings: MeasurementSettings(judgesElsewhere: true))
      let rows = try await Audit(plan).run { done, total in
        progress(step * 100 + done * 100 / max(total, 1), FloatFormat.allCases.count * 100)
      }
      for (name, own) in Dictionary(grouping: rows, by: \.implementation) {
        let bugClass = faults.first { $0.name == name }?.bugClass.code
        entries[name, default: []].append(entry(name, bugClass, format, own))
      }
    }
    return ToleranceMatrix(
      tolerances: tolerances.map(\.name), faulty: faulty.flatMap { entries[$0.name] ?? [] },
      sound: sound.flatMap { entries[$0.name] ?? [] })
  }

  private func cells(in format: FloatFormat) -> [AuditPlan.Cell] {
    let usual = LogitFamily.all.filter { Self.usual.contains($0.name) }
    let others = LogitFamily.all.filter { !Self.usual.contains($0.name) }
    return AuditPlan.cells(
      families: usual + others, formats: [format], lengths: AuditPlan.shortLengths,
      samples: samples)
  }

  private func entry(
    _ name: String, _ bugClass: String?, _ format: FloatFormat, _ rows: [AccuracyRow]
  ) -> ToleranceMatrix.Entry {
    func answer(_ notices: (AccuracyRow) -> Bool) -> ToleranceMatrix.Answer {
      let noticed = rows.filter(notices)
      if noticed.isEmpty { return .nowhere }
      return noticed.contains { Self.usual.contains($0.family) }
        ? .onNormalLogits : .onOtherFamilies
    }
    return ToleranceMatrix.Entry(
      implementation: name, format: format, bugClass: bugClass,
      answers: tolerances.map { tolerance in
        guard tolerance.covers(format) else { return nil }
        return answer { row in
          // What brought no answer passes no test, and what the oracle left open is no pass.
          guard row.failure == nil else { return true }
          let count = row.elsewhere?.first { $0.tolerance == tolerance.name }
          return count.map { $0.rejected + $0.undecided > 0 } ?? false
        }
      }, ofAudit: answer(\.isFailure))
  }
}
