/// The filters, fast before accurate.
package enum FilterTier: Sendable {
  /// Binary64, for formats up to float32.
  case single
  /// Double-double.
  case pair
}
