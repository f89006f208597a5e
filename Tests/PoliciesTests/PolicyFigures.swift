import AuditRecords

extension PolicyFigure {
  static let meanUlp = named(.meanUlp)
  static let p99Ulp = named(.p99Ulp)
  static let biasUlp = named(.meanSignedUlp)
  static let maxNormUlp = named(.maxNormUlp)
  static let sumError = named(.maxSumError)
  static let maxScaled = named(.maxScaled)
  static let argmaxFlips = named(.argmaxFlips)
  static let correctlyRounded = named(.correctlyRounded)

  private static func named(_ descriptor: FigureDescriptor) -> PolicyFigure {
    PolicyFigure(descriptor) ?? .mismatches
  }
}
