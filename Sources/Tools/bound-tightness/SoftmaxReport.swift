import FloatFormats
import SoftmaxVariants

/// The ratio that a variant of softmax must exceed.
private let leastRatio = 0.3
/// The least number of outputs of each variant in each format that are compared with a bound.
private let leastElements = 1_000_000

/// Prints how near the variants of softmax come to their bounds.
///
/// - Returns: What is wrong with a bound.
func reportSoftmax(seed: UInt64) async -> [String] {
  print(
    "|y - p| / bound, largest: (a) over all lanes in the domain of the bound, (b) over lanes of")
  print("at least 1024 logits less than 20 apart; each with its witness family/length/sample")
  row("variant", "format", "elements", [("(a)", "witness"), ("(b)", "witness")])

  var findings: [String] = []
  var leastEverywhere: [String: Double] = [:]
  var leastSequential: [String: Double] = [:]
  for format in FloatFormat.allCases {
    let variants = SoftmaxVariant.all.filter { $0.formats.contains(format) }
    let results: [Tightness]
    do {
      results = try await sweep(Cell.all(of: format), variants, seed: seed)
    } catch {
      fail("\(error)", status: 70)
    }
    for (variant, result) in zip(variants, results) {
      row(
        variant.name, format.rawValue, "\(result.elements)",
        [cell(result.everywhere), cell(result.moderate)])
      let (everywhere, moderate) = (result.everywhere.ratio, result.moderate.ratio)
      leastEverywhere[variant.algorithmName] = min(
        everywhere, leastEverywhere[variant.algorithmName] ?? .infinity)
      if variant.summation == .sequential {
        leastSequential[variant.name] = min(moderate, leastSequential[variant.name] ?? .infinity)
      }
      func check(_ isSound: Bool, _ finding: String) {
        if !isSound { findings.append("\(variant.name) in \(format.rawValue): \(finding)") }
      }
      check(everywhere <= 1, "the bound is exceeded, \(decimals(everywhere)) times")
      check(
        result.mismatches == 0, "\(result.mismatches) mismatches inside the domain of the bound")
      check(result.undecided == 0, "\(result.undecided) ratios are undecided")
      check(result.elements >= leastElements, "only \(result.elements) outputs have a bound")
      check(everywhere > leastRatio, "no ratio (a) above \(leastRatio)")
      check(
        variant.summation != .sequential || moderate > leastRatio,
        "no ratio (b) above \(leastRatio)")
    }
  }

  print()
  for (name, ratio) in leastEverywhere.sorted(by: { $0.key < $1.key }) {
    print("\(padded(name, 40)) least (a) \(decimals(ratio))")
  }
  for (name, ratio) in leastSequential.sorted(by: { $0.key < $1.key }) {
    print("\(padded(name, 40)) least (b) \(decimals(ratio))")
  }
  print("least (a) \(decimals(leastEverywhere.values.min() ?? 0))")
  print("least (b) of the sequential sums \(decimals(leastSequential.values.min() ?? 0))")
  return findings
}
