import AuditedOperations
import Basics
import FloatFormats
import Synchronization

/// A plug-in that is called in this process: fast, and fatal where it crashes or hangs.
package final class InProcessPlugin: DescribedImplementation {
  package let name: String
  package let summary: String
  package let files: [String]
  package let properties: WorkerDescription.Properties
  private let host: Mutex<PluginHost>

  /// Loads a library.
  ///
  /// - Parameter name: The name in results; nil for its own, or that of its prefix or file.
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be loaded or has no function of
  ///   the operation.
  package init(
    name: String?, at place: PluginPlace, of operation: AuditedOperation = .softmax
  ) throws {
    let fence = ForeignCallFence(place: .host)
    let library = try PluginLibrary(place, of: operation, fence: fence)
    if let own = library.description.name, own != ForeignText.shown(own) {
      throw UserError(
        .notMeasured,
        "\(place.path) gives itself a name that cannot be shown: \(ForeignText.shown(own))")
    }
    self.name = name ?? library.description.name ?? place.defaultName
    files = [place.path]
    summary = "\(place.summary), in this process"
    properties = try library.description.properties(of: self.name)
    host = Mutex(PluginHost(library, fence: fence, alignment: properties.domain.alignment))
  }

  /// The same plug-in: what it remembers in this process it still remembers.
  package func renewed() throws -> any SoftmaxImplementation { self }

  package var environment: [String: String] { properties.environment }

  package func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    if operation == .attention { return try attentionAnswer(to: inputs, laidOut: layout) }
    let logits = inputs.first
    let geometry = logits.geometry
    let outputs = operation.outputGeometry(for: geometry)
    return try host.withLock { host in
      var outcome: PluginHost.Outcome?
      let elements = try [G](unsafeUninitializedCapacity: outputs.elementCount) { buffer, count in
        outcome = try logits.elements.withUnsafeBytes { bytes in
          try host.call(
            geometry, from: F.format, bytes, try AccompanyingBytes(inputs), laidOut: layout,
            to: G.format,
            UnsafeMutableRawBufferPointer(
              start: buffer.baseAddress, count: outputs.elementCount * MemoryLayout<G>.size))
        }
        count = outputs.elementCount
      }
      var answer = SoftmaxAnswer(
        Tensor(geometry: outputs, elements: elements), misconduct: outcome?.misconduct ?? [])
      answer.duration = .nanoseconds(Int64(clamping: outcome?.nanoseconds ?? 0))
      return answer
    }
  }

  private func attentionAnswer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout
  ) throws -> SoftmaxAnswer<G> {
    let shape = try inputs.ofAttention().shape
    let bytes = try AttentionBytes(inputs)
    var elements = [G](repeating: .zero, count: bytes.sizes.outputCount)
    var logSumExp = [Float](repeating: 0, count: bytes.sizes.rowCount)
    let outcome = try host.withLock { host in
      try elements.withUnsafeMutableBytes { outputs in
        try logSumExp.withUnsafeMutableBytes { sums in
          try host.call(
            bytes, from: F.format, laidOut: layout, to: G.format, outputs, sums)
        }
      }
    }
    return SoftmaxAnswer(
      ofAttention: shape, elements, logSumExp: logSumExp, misconduct: outcome.misconduct,
      nanoseconds: outcome.nanoseconds)
  }
}
