import ArgumentParser
import AuditedOperations
import Basics
import ErrorMeasurement

/// The option that asks what errors cost: what audit and verify have in common.
struct ConsequenceOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: ArgumentHelp(
      "Also measure what the errors cost: total variation, KL divergence, flips of the arg-max, and "
        + "the share outside MLPerf's band, of log-softmax through e^y; and the scaled errors of "
        + "softmax. Slower."))
  var consequences = false

  /// Adds what is wrong with the option beside an operation.
  func check(_ mistakes: inout Mistakes, of operation: AuditedOperation) {
    if consequences, !ConsequenceKinds.include(operation) {
      mistakes.add(
        .usage,
        "--operation \(operation): --consequences is about softmax and log-softmax; leave it out")
    }
  }
}
