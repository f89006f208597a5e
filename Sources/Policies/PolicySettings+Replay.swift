import AuditRecords
import AuditedOperations
import SoftmaxVariants

extension PolicySettings {
  /// The options of a command line that say how the policy judges.
  ///
  /// - Parameter limit: The limit on errors that the command is to judge by besides, in ULP.
  func judging(limit: Double? = nil) -> [String] {
    MeasurementJudging.words(
      declare: declare?.name, underflow: underflow, largestLogit: largestLogit,
      specialLanes: specialLanes?.description, maxUlp: limit)
  }
}
