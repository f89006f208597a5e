import AuditRecords
import ErrorMeasurement
import Oracle

/// Saved inputs and outputs that fit together, which a verification reads part by part.
package protocol VerifiedTensors: Sendable {
  /// The number of parts that are measured one by one.
  var partCount: Int { get }

  /// A measurement of no part so far.
  func measurement(
    settings: MeasurementSettings, tier: OracleTier
  ) throws -> any VerifiedMeasuring
}

/// The measurement of some parts of saved tensors, for known formats.
///
/// Belongs to one thread at a time.
package protocol VerifiedMeasuring {
  /// The figures of the parts so far.
  var statistics: AccuracyStatistics { get }

  /// Measures a part, by its number.
  func measure(part: Int) throws

  /// The row that the statistics of all parts amount to, with witnesses that are read again.
  func row(of implementation: String, _ statistics: AccuracyStatistics) throws -> AccuracyRow
}
