import AuditRecords
import Basics
import ErrorMeasurement
import Oracle

/// Measures outputs that somebody else computed and saved.
///
/// Lanes and rows are read, measured and forgotten: memory is bounded by some of them for each
/// thread, and the keys and values of one head of an attention, whatever the size of the tensors.
/// Figures do not depend on the number of threads.
package struct Verification: Sendable {
  private let tensors: any VerifiedTensors
  private let implementation: String
  private let settings: MeasurementSettings
  private let threads: Int
  private let tier: OracleTier

  /// - Parameters:
  ///   - tensors: The inputs and the outputs to verify.
  ///   - implementation: The name of the program that computed the outputs, for results.
  ///   - settings: The standard of the outputs: the default tolerance where nothing is declared.
  ///   - threads: The number of threads, on which no figure depends.
  ///   - tier: The parts of the oracle that answer.
  package init(
    _ tensors: any VerifiedTensors, implementation: String, settings: MeasurementSettings,
    threads: Int, tier: OracleTier = .filtered
  ) {
    self.tensors = tensors
    self.implementation = implementation
    self.settings = settings
    self.threads = threads
    self.tier = tier
  }

  /// Measures all parts.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> AccuracyRow {
    let (tensors, settings, tier) = (tensors, settings, tier)
    let parts = try await WorkQueue.share(
      tensors.partCount, among: threads, progress: progress
    ) { queue in
      let measurement = try tensors.measurement(settings: settings, tier: tier)
      try queue.forEach { try measurement.measure(part: $0) }
      return measurement.statistics
    }
    var all = AccuracyStatistics()
    for part in parts { all.merge(part) }
    return try tensors.measurement(settings: settings, tier: tier).row(of: implementation, all)
  }
}
