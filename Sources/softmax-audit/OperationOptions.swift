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

  /// - Throws: A mistake on the command line for attention, whose lanes are rows.
  func validate() throws {
    if operation == .attention { throw ValidationError(Self.attentionRefusal) }
  }

  /// A sentence on the operation that commands which ask implementations do not have.
  static let attentionRefusal =
    "--operation attention: reference and verify alone know it so far"

  /// The operation asked for, softmax where none is.
  var asked: AuditedOperation { operation ?? .softmax }
}
