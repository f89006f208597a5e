import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

extension AttentionPair: VerifiedTensors {
  package var partCount: Int { AttentionParts(inputs.shape).count }

  package func measurement(
    settings: MeasurementSettings, tier: OracleTier
  ) throws -> any VerifiedMeasuring {
    try outputs.format.open(Opening(pair: self, settings: settings, tier: tier))
  }

  private struct Opening: FormatGenericWork {
    let pair: AttentionPair
    let settings: MeasurementSettings
    let tier: OracleTier

    func run<G: BinaryFloat>(_ format: G.Type) -> any VerifiedMeasuring {
      AttentionMeasurement<G>(pair, settings: settings, tier: tier)
    }
  }
}
