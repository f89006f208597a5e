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

  /// Adds a mistake where a command has no other operation than softmax, and another is asked for.
  func requireSoftmax(in command: String, _ mistakes: inout Mistakes) {
    guard asked != .softmax else { return }
    mistakes.add(.usage, Self.refusal(of: asked, in: command))
  }

  /// A sentence on an operation that a command does not have.
  static func refusal(of operation: AuditedOperation, in command: String) -> String {
    "--operation \(operation): \(command) knows softmax alone so far"
  }
}
