import ArgumentParser
import AuditedOperations

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
    "--operation attention: reference, verify, check, list and self-test alone know it so far"

  /// The operation asked for, softmax where none is.
  var asked: AuditedOperation { operation ?? .softmax }
}
