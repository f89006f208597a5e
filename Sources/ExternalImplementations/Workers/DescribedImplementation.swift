import AuditedOperations
import FloatFormats

/// An implementation that says of itself what it has: a worker, or a library in this process.
package protocol DescribedImplementation: SoftmaxImplementation {
  var properties: WorkerDescription.Properties { get }
}

extension DescribedImplementation {
  package var operation: AuditedOperation { properties.operation }
  package var otherOperations: [AuditedOperation] { properties.otherOperations }
  package var formats: [FloatFormat] {
    FloatFormat.everyOne.filter { properties.outputs[$0] != nil }
  }
  package func defaultOutputFormat(for input: FloatFormat) -> FloatFormat {
    properties.outputs[input]?.first ?? input
  }
  package func outputFormats(for input: FloatFormat) -> [FloatFormat] {
    properties.outputs[input] ?? []
  }
  package func declaredModel(for input: FloatFormat) -> String? { properties.model }
  package var specialLanes: SpecialLanePolicy { properties.specialLanes }
  package var underflow: UnderflowPolicy { properties.underflow }
  package var promisedLaws: Set<String> { properties.promisedLaws }
  package var offeredModifiers: Set<ModifierKind> { properties.modifiers }
  package var quantizations: [String: Quantization] { properties.quantizations }
  package var layouts: [TensorLayout] { properties.layouts }
  package var domain: InputDomain { properties.domain }
  package var watchedConduct: Set<Misconduct.Kind> { properties.watchedConduct }

  package func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }
}
