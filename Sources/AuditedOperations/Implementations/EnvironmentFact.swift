/// Names of facts in ``SoftmaxImplementation/environment`` that this program looks for.
public enum EnvironmentFact {
  /// The memory that a worker took: the one fact that depends on the run.
  public static let peakMemory = "peak memory"
}
