import PropertyTesting
import RealModule

extension AttentionFamily {
  /// The ways in which queries and keys are made.
  ///
  /// Scores are products of queries and keys divided by sqrt(dimension).
  enum Scores: Sendable {
    /// Independent numbers: scores of mean 0 with a standard deviation.
    case normal(Double)
    /// Quarters from -1/2 to 1/2, so that many scores are equal to the bit.
    case ties
    /// A score for each key by its place, and noise of a standard deviation.
    case placed(noise: Double, @Sendable (_ key: Int, _ keys: Int) -> Double)

    /// Queries and keys, one after the other.
    func vectors(
      queries: Int, keys: Int, _ sizes: Sizes, _ random: inout CounterGenerator
    ) -> (query: [Double], key: [Double]) {
      let dimension = sizes.dimension
      switch self {
      case .normal(let deviation):
        let size = deviation.squareRoot()
        return (
          (0..<queries * dimension).map { _ in size * random.normal() },
          (0..<keys * dimension).map { _ in size * random.normal() }
        )
      case .ties:
        func quarter() -> Double { Double(random.integer(-2...2)) / 4 }
        return (
          (0..<queries * dimension).map { _ in quarter() },
          (0..<keys * dimension).map { _ in quarter() }
        )
      case .placed(let noise, let score):
        // The first component alone makes the score of the place; a query has 8 there.
        let size = noise.squareRoot()
        let root = Double(dimension).squareRoot()
        func vectors(_ count: Int, first: (Int) -> Double) -> [Double] {
          (0..<count * dimension).map { place in
            let (number, component) = place.quotientAndRemainder(dividingBy: dimension)
            return component == 0 ? first(number) : size * random.normal()
          }
        }
        let query = vectors(queries) { _ in 8 }
        let key = vectors(keys) { score($0 % sizes.keys, sizes.keys) * root / 8 }
        return (query, key)
      }
    }
  }
}
