/// Names of facts in ``SoftmaxImplementation/environment`` that this program looks for.
package enum EnvironmentFact {
  /// The memory that a worker took: the one fact that depends on the run.
  package static let peakMemory = "peak memory"
}
