import FloatFormats
import PropertyTesting
import RealModule

/// Attention scores after scaling, over 128 to 8192 keys.
///
/// A dot product of d independent components, divided by sqrt d, has a standard deviation near 1
/// before training, whatever d is (A. Vaswani et al., "Attention Is All You Need", 2017), and of a
/// few units after it; scores of tens, which collapse the entropy, are what layers that train well
/// are kept from (S. Zhai et al., "Stabilizing Transformer Training by Preventing Attention Entropy
/// Collapse", 2023; M. Dehghani et al., "Scaling Vision Transformers to 22 Billion Parameters",
/// 2023). Decoders put much of their mass on the first key (G. Xiao et al., "Efficient Streaming
/// Language Models with Attention Sinks", 2024) and on the latest ones, some by a slope on the
/// distance (O. Press et al., "Train Short, Test Long: Attention with Linear Biases Enables Input
/// Length Extrapolation", 2022).
let attention: [LogitFamily] = [
  LogitFamily(
    "attention-scores", "scaled dot products of queries and keys, standard deviation 0.5 to 3",
    isOrdinary: true, lengths: attentionLengths,
    reach: { _, _ in 3 * LogitFamily.largestDeviate }
  ) { request, random in
    let spread = random.uniform(0.5, 3)
    return request.values { spread * random.normal() }
  },
  LogitFamily(
    "attention-sink", "attention scores with a first key that takes much of the mass, and a slope",
    isOrdinary: true, lengths: attentionLengths,
    reach: { 2 * LogitFamily.largestDeviate + 12 + 0x1p-8 * Double($1) }
  ) { request, random in
    let spread = random.uniform(0.5, 2)
    // Slopes of 2^-8 and 2^-12 per key, among those of the linear biases, or none.
    let slope = [0, 0x1p-12, 0x1p-8][random.integer(0...2)]
    var lane = request.values { spread * random.normal() }
    for key in lane.indices { lane[key] -= slope * Double(request.length - 1 - key) }
    lane[0] = random.uniform(4, 12)
    return lane
  },
  LogitFamily(
    "attention-causal", "attention scores of a position that sees the first keys only: then -inf",
    isOrdinary: true, lengths: attentionLengths,
    reach: { _, _ in 3 * LogitFamily.largestDeviate }
  ) { request, random in
    let spread = random.uniform(0.5, 3)
    let seen = random.integer(1...request.length)
    return (0..<request.length).map { key in
      key < seen ? spread * random.normal() : -.infinity
    }
  },
]

private let attentionLengths = [128, 1024, 8192]
