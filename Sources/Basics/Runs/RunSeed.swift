/// The seeds of runs.
public enum RunSeed {
  /// The seed of a run that names none.
  public static let standard: UInt64 = 20_180_528
}
