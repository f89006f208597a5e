import AuditedOperations
import Basics
import FloatFormats

/// A tensor whose values are read rounded to another format.
package struct RoundedLanes<Source: LaneSource>: LaneSource {
  private let source: Source
  package let format: FloatFormat
  package var shape: [Int] { source.shape }

  /// The values rounded to nearest, ties to even.
  package init(_ source: Source, to format: FloatFormat) {
    self.source = source
    self.format = format
  }

  /// The values as numbers of a format that has them all.
  ///
  /// - Throws: `UserError` of kind `malformedInput` where it does not.
  package init(exactly source: Source, as format: FloatFormat, name: String) throws {
    let outside = try CoarserGrid.outside(format, of: source)
    if let (value, indices) = outside.first {
      throw UserError(
        .malformedInput,
        "\(outside.count) values of \(name) are no \(format.rawValue) numbers, the first of them "
          + "\(value.hexText) at \(indices); it was not computed in \(format.rawValue)")
    }
    self.init(source, to: format)
  }

  package func lane<F: BinaryFloat>(
    _ number: Int, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] {
    switch source.format {
    case .float16: rounded(Float16.self, number, geometry)
    case .bfloat16: rounded(BFloat16.self, number, geometry)
    case .float32: rounded(Float.self, number, geometry)
    case .float64: rounded(Double.self, number, geometry)
    default: rounded(source.format.type, number, geometry)
    }
  }

  private func rounded<Stored: BinaryFloat, F: BinaryFloat>(
    _: Stored.Type, _ number: Int, _ geometry: LaneGeometry
  ) -> [F] {
    source.lane(number, of: geometry, as: Stored.self).map { F(rounding: $0) }
  }
}
