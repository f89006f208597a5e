extension Generator {
  /// Some values of the generator, to look at; cases that are discarded or too large are left out.
  package func samples(_ count: Int, seed: UInt64 = 0, choiceLimit: Int = 16_384) -> [Value] {
    (0..<count).compactMap { number in
      var source = ChoiceSource(
        then: .random(CounterGenerator(seed: seed, stream: "random/\(number)")),
        limit: choiceLimit)
      return try? generate(from: &source)
    }
  }
}
