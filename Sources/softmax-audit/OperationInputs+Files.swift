import AuditedOperations
import ExternalImplementations
import FloatFormats

extension OperationInputs {
  /// Writes each input into a `.npy` file of its own.
  ///
  /// - Parameters:
  ///   - path: The file of the first input.
  ///   - others: The file of an input beside the first; what has none is not written.
  func write(to path: String, others: (InputRole) -> String?) throws {
    try NumpyArray.write(first, to: path)
    if let upstream, let file = others(.upstream) {
      try NumpyArray.write(Tensor(geometry: first.geometry, elements: upstream), to: file)
    }
    if let attention {
      let shape = attention.shape
      for (role, numbers, shape) in [
        (InputRole.key, attention.key, shape.key), (.value, attention.value, shape.value),
      ] {
        guard let file = others(role) else { continue }
        try NumpyArray.write(
          Tensor(geometry: AttentionShape.rows(of: shape), elements: numbers), to: file)
      }
    }
    if let targets, let file = others(.targets) {
      try NumpyWriter.write(targets, shape: [targets.count], to: file)
    }
  }
}
