import FloatFormats
import PropertyTesting
import RealModule

/// Next-token logits as language models make them: lanes of a vocabulary with a prescribed entropy.
///
/// Models of today lose 1.7 to 3 nats per token of text, 2.5 to 4.3 bits, as a mean over tokens (J.
/// Kaplan et al., "Scaling Laws for Neural Language Models", 2020; J. Hoffmann et al., "Training
/// Compute-Optimal Large Language Models", 2022). Single tokens lie on both sides of it: inside a
/// word or a quotation one candidate has nearly all of the mass, at the start of a sentence it is
/// spread over hundreds (A. Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020;
/// C. Meister et al., "Locally Typical Sampling", 2023). Over the candidates the probabilities fall
/// about as a power of the rank (S. Basu et al., "Mirostat: A Neural Text Decoding Algorithm that
/// Directly Controls Perplexity", 2021).
///
/// So a lane is log-probabilities of a power law over shuffled ranks, each with a deviate of its
/// own, at the temperature that gives it the entropy, and an offset as large as models have.
let languageModels: [LogitFamily] = [
  languageModelFamily("llm-entropy-half", bits: 0.5, "that is sure of its next token"),
  languageModelFamily("llm-entropy-2", bits: 2, "with a handful of candidates"),
  languageModelFamily("llm-entropy-4", bits: 4, "with dozens of candidates"),
  languageModelFamily("llm-entropy-6", bits: 6, "with hundreds of candidates"),
]

private func languageModelFamily(_ name: String, bits: Double, _ situation: String) -> LogitFamily {
  LogitFamily(
    name,
    "a language model \(situation): \(bits == 0.5 ? "half a bit" : "\(Int(bits)) bits") of "
      + "entropy over the vocabulary, ranked by a power law",
    isOrdinary: true, lengths: [17, 1000, 32_000, 128_256], reach: { _, _ in 10_000 }
  ) { request, random in
    var lane = (0..<request.length).map { rank in
      -Double.log(Double(rank) + 3) + 0.25 * random.normal()
    }
    for place in lane.indices.reversed() {
      lane.swapAt(place, random.integer(0...place))
    }
    // A lane of n logits has log2 n bits at most, and those only where all are equal.
    let most = Double.log2(Double(max(request.length, 1)))
    let steepness = inverseTemperature(of: lane, entropy: min(bits, 0.75 * most))
    let offset = random.uniform(8, 24)
    let top = lane.max() ?? 0
    return lane.map { offset + steepness * ($0 - top) }
  }
}

/// The factor b for which the softmax of b x has an entropy in bits; 1 where no factor changes it.
///
/// The entropy H = ln z - b m, with z = sum e^(b x), m and v the mean and the variance of x under
/// the softmax, falls with b: dH/db = -b v. Newton steps on ln b, kept between the ends of a
/// bracket. Twelve digits are more than the format of any lane shows.
func inverseTemperature(of lane: [Double], entropy bits: Double) -> Double {
  guard let top = lane.max(), let bottom = lane.min(), bottom < top else { return 1 }
  let target = bits * Double.log(2)
  var bracket = (low: 1e-3, high: 1e3)
  var factor = 1.0
  for _ in 0..<64 {
    var (sum, first, second) = (0.0, 0.0, 0.0)
    for logit in lane {
      let distance = logit - top
      let weight = Double.exp(factor * distance)
      sum += weight
      first += weight * distance
      second += weight * distance * distance
    }
    let mean = first / sum
    let variance = second / sum - mean * mean
    let excess = Double.log(sum) - factor * mean - target
    if abs(excess) <= 1e-12 * max(1, target) { break }
    if excess > 0 { bracket.low = factor } else { bracket.high = factor }
    let step = excess / (factor * factor * variance)
    let next = factor * Double.exp(max(-2, min(2, step)))
    factor =
      next > bracket.low && next < bracket.high
      ? next : (bracket.low * bracket.high).squareRoot()
  }
  return factor
}
