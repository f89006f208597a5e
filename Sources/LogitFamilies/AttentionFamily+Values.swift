import PropertyTesting

extension AttentionFamily {
  /// The ways in which values are made.
  enum Values: Sendable {
    case normal
    /// From 1 to 2: no output is small beside what it is summed from.
    case ofOneSign
    /// 16 and -16 in turn, with noise: sums cancel.
    case cancelling
    /// One key in seven is a thousand times as large as the others.
    case huge
    /// The same numbers at every key, so that an output is the value itself.
    case equal

    /// The values of some keys, one after the other.
    func numbers(
      count: Int, _ sizes: Sizes, _ random: inout CounterGenerator
    ) -> [Double] {
      let width = sizes.valueDimension
      let own = (0..<width).map { _ in random.uniform(-4, 4) }
      return (0..<count * width).map { place in
        let (number, channel) = place.quotientAndRemainder(dividingBy: width)
        return switch self {
        case .normal: random.normal()
        case .ofOneSign: random.uniform(1, 2)
        case .cancelling: (number.isMultiple(of: 2) ? 16 : -16) + 0.01 * random.normal()
        case .huge: (number % 7 == 3 ? 1000 : 1) * random.normal()
        case .equal: own[channel]
        }
      }
    }
  }
}
