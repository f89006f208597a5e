import Basics
import FloatFormats

/// Work on the inputs of a call that gives its answer.
@usableFromInline
package protocol InputsWork {
  func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> SoftmaxAnswer<G>
}

extension OperationInputs {
  /// Runs work on these inputs in code that is specialized for their format and for that of the
  /// outputs.
  ///
  /// A call through a protocol arrives with types the compiler did not know, in code that is
  /// specialized for none. Opening the formats again gives it types it knows: five times as fast.
  // Inlined, since a function of which some types are known is specialized for none of them.
  @inlinable @inline(__always)
  package func specialized<Work: InputsWork, G: BinaryFloat>(
    _ work: Work, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    let result = try F.format.open(with: G.format, KnownFormats(work: work, inputs: self))
    guard let typed = result as? SoftmaxAnswer<G> else {
      throw InternalError("an answer in \(G.format.rawValue) has another type")
    }
    return typed
  }
}

/// Work on inputs whose type has yet to be found again.
@usableFromInline
struct KnownFormats<Work: InputsWork>: FormatPairWork {
  @usableFromInline let work: Work
  @usableFromInline let inputs: any Sendable

  @inlinable
  init(work: Work, inputs: any Sendable) {
    self.work = work
    self.inputs = inputs
  }

  @inlinable
  func run<F: BinaryFloat, G: BinaryFloat>(
    _ input: F.Type, _ output: G.Type
  ) throws -> any Sendable {
    guard let inputs = inputs as? OperationInputs<F> else {
      throw InternalError("inputs of \(F.format.rawValue) have another type")
    }
    return try work.run(inputs, as: output)
  }
}
