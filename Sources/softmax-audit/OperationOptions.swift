import ArgumentParser
import AuditedOperations
import Basics

/// The operation that a command is about.
struct OperationOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The operation (default: softmax; of an --onnx model its own).",
      valueName: "operation"))
  var operation: AuditedOperation?

  /// A sentence on the operation that commands do not have which ask for lanes along an axis.
  static let attentionRefusal =
    "--operation attention: search, infer and exhaust do not know it; audit, check, gate and verify do"

  /// Adds the options that were given and that attention does not have.
  static func refuseForAttention(
    _ options: [(name: String, isGiven: Bool)], _ mistakes: inout Mistakes
  ) {
    for option in options where option.isGiven {
      mistakes.add(.usage, "attention has no \(option.name) so far; leave it out")
    }
  }

  /// The operation asked for, softmax where none is.
  var asked: AuditedOperation { operation ?? .softmax }
}
