import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import PropertyTesting
import SoftmaxVariants

/// An implementation of which there are results and nothing else: it says what it has, and cannot
/// be called.
///
/// A plan made of them is what a policy would have asked of the run that wrote the results.
package struct RecordedImplementation: SoftmaxImplementation {
  package let name: String
  package let operation: AuditedOperation
  package let summary = "known from results alone"
  private let outputs: [FloatFormat: [FloatFormat]]

  /// An implementation of one operation: one name may stand for several.
  private struct Subject: Hashable {
    var name: String
    var operation: AuditedOperation
  }

  /// The key of an environment under which the pairs of formats stand that an implementation has.
  package static let formatsKey = "formats"

  /// The implementations of results, in the order of their rows; built-in ones are those of this
  /// program.
  package static func all(in results: AuditResults) -> [any SoftmaxImplementation] {
    let scopes =
      results.accuracy.map(\.scope)
      + results.properties.map(\.scope)
    let subjects = scopes.map { Subject(name: $0.implementation, operation: $0.operation) }
    return subjects.uniqued().map { subject -> any SoftmaxImplementation in
      let (name, operation) = (subject.name, subject.operation)
      let facts = results.environment.implementations?[name]
      if facts == nil,
        let builtIn = BuiltInImplementation.named(name, of: operation)
      {
        return builtIn
      }
      var outputs = facts?[formatsKey].map(pairs) ?? [:]
      for scope in scopes
      where scope.implementation == name && scope.operation == operation {
        if outputs[scope.input]?.contains(scope.output) != true {
          outputs[scope.input, default: []].append(scope.output)
        }
      }
      return RecordedImplementation(name: name, operation: operation, outputs: outputs)
    }
  }

  /// The pairs of formats that an implementation has, in one line: `float32, float32 to bfloat16`.
  package static func text(of implementation: any SoftmaxImplementation) -> String {
    implementation.formats.flatMap { input in
      implementation.outputFormats(for: input).map { output in
        input == output ? input.rawValue : "\(input.rawValue) to \(output.rawValue)"
      }
    }.joined(separator: ", ")
  }

  /// The output formats by input format of such a line; what is no format is left out.
  private static func pairs(_ text: String) -> [FloatFormat: [FloatFormat]] {
    var outputs: [FloatFormat: [FloatFormat]] = [:]
    for part in text.split(separator: ",") {
      let words = part.split(separator: " ")
      guard let input = words.first.flatMap({ FloatFormat(rawValue: String($0)) }),
        let output = words.last.flatMap({ FloatFormat(rawValue: String($0)) })
      else { continue }
      outputs[input, default: []].append(output)
    }
    return outputs
  }

  package var formats: [FloatFormat] { FloatFormat.everyOne.filter { outputs[$0] != nil } }
  package func defaultOutputFormat(for input: FloatFormat) -> FloatFormat {
    outputs[input]?.first ?? input
  }
  package func outputFormats(for input: FloatFormat) -> [FloatFormat] { outputs[input] ?? [] }

  package func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    throw InternalError("\(name) is known from results alone and was called")
  }
}

extension SoftmaxImplementation {
  /// The pairs of formats that it has beside those measured, one sentence for all of them; nil
  /// where there are none.
  ///
  /// - Parameters:
  ///   - scopes: Those that were measured, of any implementation.
  ///   - asked: The formats of logits that anybody asked about.
  package func unmeasuredFormats(
    beside scopes: some Sequence<RowScope>,
    among asked: [FloatFormat] = FloatFormat.allCases
  ) -> String? {
    guard !self.isBuiltIn else { return nil }
    let measured = Set(
      scopes.filter { $0.implementation == name && $0.operation == operation }
        .map(\.withoutParameters))
    let others = formats.filter(asked.contains).flatMap { input in
      outputFormats(for: input).map { RowScope(self, input: input, output: $0) }
    }.filter { !measured.contains($0) }
    guard !measured.isEmpty, !others.isEmpty else { return nil }
    let pairs = others.map { scope in
      scope.input == scope.output
        ? scope.input.rawValue : "\(scope.input.rawValue) to \(scope.output.rawValue)"
    }
    return "\(name) also has \(pairs.joined(separator: ", ")): not measured"
  }

  /// The operations that its source has beside its own, in one sentence; nil where there are none.
  package var unmeasuredOperations: String? {
    guard !otherOperations.isEmpty else { return nil }
    return
      "\(name) also has \(otherOperations.map(\.name).joined(separator: ", ")): not measured"
  }
}
