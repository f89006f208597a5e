import AuditedOperations
import CForeignCalls

/// A function of a plug-in, called as its operation is.
struct PluginFunction {
  private typealias OfOneInput =
    @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int) -> Int32
  private typealias OfTwoInputs =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int
    ) -> Int32
  private typealias OfLoss =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int,
      UnsafeRawPointer?
    ) -> Int32

  private let symbol: UnsafeMutableRawPointer
  private let operation: AuditedOperation

  /// - Parameter symbol: A function with the C interface of the operation.
  init(_ symbol: UnsafeMutableRawPointer, of operation: AuditedOperation) {
    self.symbol = symbol
    self.operation = operation
  }

  /// Calls it; pointers to what has no elements are null.
  ///
  /// - Returns: Its status.
  func call(
    _ first: UnsafeRawPointer?, _ second: UnsafeRawPointer?, _ output: UnsafeMutableRawPointer?,
    _ geometry: LaneGeometry, _ loss: AccompanyingBytes.Loss?, classWeights: UnsafeRawPointer?
  ) -> Int32 {
    let (outer, length, inner) = (geometry.outer, geometry.length, geometry.inner)
    guard operation.hasAccompanyingInputs else {
      return unsafeBitCast(symbol, to: OfOneInput.self)(first, output, outer, length, inner)
    }
    guard let loss else {
      return unsafeBitCast(symbol, to: OfTwoInputs.self)(
        first, second, output, outer, length, inner)
    }
    var parameters = softmax_audit_cross_entropy(
      size: MemoryLayout<softmax_audit_cross_entropy>.size, label_smoothing: loss.labelSmoothing,
      ignore_index: loss.ignoreIndex,
      class_weights: loss.classWeights == nil ? nil : classWeights)
    return withUnsafePointer(to: &parameters) {
      unsafeBitCast(symbol, to: OfLoss.self)(first, second, output, outer, length, inner, $0)
    }
  }
}
