import AuditedOperations
import CLaneKernels

/// The keys and values of a head in the order in which the filter reads them.
///
/// Made once for all rows that read the head; memory grows with keys and values, never with scores.
package final class AttentionPlanes {
  package let head: AttentionHead
  /// Eight keys after another, interleaved, 0 for those that are missing.
  private let keys: ScratchBuffer
  /// The values, each padded to a multiple of eight.
  private let values: ScratchBuffer
  private let valueStride: Int
  /// Whether all numbers are finite.
  let isFinite: Bool
  /// The largest magnitude of a value's numbers.
  let largestValue: Double
  /// For each channel whether all values have the same number in it.
  let isConstant: [Bool]

  package init(_ head: AttentionHead) {
    self.head = head
    let (count, dimension, width) = (head.count, head.dimension, head.valueDimension)
    let blocks = (count + 7) / 8
    keys = ScratchBuffer(capacity: max(1, blocks * dimension * 8))
    keys.start.initialize(repeating: 0, count: blocks * dimension * 8)
    for key in 0..<count {
      let start = key / 8 * dimension * 8 + key % 8
      for place in 0..<dimension {
        keys.start[start + place * 8] = head.keys[key * dimension + place]
      }
    }
    valueStride = (width + 7) / 8 * 8
    values = ScratchBuffer(capacity: max(1, count * valueStride))
    values.start.initialize(repeating: 0, count: count * valueStride)
    var isConstant = [Bool](repeating: true, count: width)
    var largest = 0.0
    for key in 0..<count {
      for channel in 0..<width {
        let value = head.values[key * width + channel]
        values.start[key * valueStride + channel] = value
        largest = max(largest, abs(value))
        if value != head.values[channel] { isConstant[channel] = false }
      }
    }
    largestValue = largest
    self.isConstant = isConstant
    isFinite = !head.hasSpecialValues && !head.hasSpecialKeys
  }

  /// Numbers rounded up to a multiple of eight.
  var paddedCount: Int { (head.count + 7) / 8 * 8 }
  var paddedWidth: Int { valueStride }

  /// The head as the kernels take it.
  ///
  /// - Parameter hasOutputs: Whether outputs are asked for, beside the sum of the weights.
  func withKernelHead<R>(
    hasExactProducts: Bool, hasOutputs: Bool, _ body: (UnsafePointer<attention_head>) -> R
  ) -> R {
    var kernelHead = attention_head(
      keys: keys.start, values: values.start, count: head.count, dimension: head.dimension,
      value_dimension: hasOutputs ? head.valueDimension : 0, value_stride: valueStride,
      has_exact_products: hasExactProducts)
    return withUnsafePointer(to: &kernelHead, body)
  }
}
