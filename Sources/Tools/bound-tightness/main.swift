import Basics
import FloatFormats
import Foundation
import SoftmaxVariants

// How near the built-in variants come to their a-priori bounds: a bound that is exceeded is wrong,
// and one that nothing comes near is of little use.

/// The ratio that must be exceeded.
let leastRatio = 0.3
/// The least number of outputs of each variant in each format that are compared with a bound.
let leastElements = 1_000_000

func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("bound-tightness: \(message)\n".utf8))
  exit(status)
}

func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}

func decimals(_ value: Double) -> String {
  guard value.isFinite, value < 1e9 else { return "\(value)" }
  let thousandths = Int((value * 1e4).rounded(.up))
  let fraction = String(thousandths % 10_000)
  return "\(thousandths / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
}

func row(_ name: String, _ format: String, _ elements: String, _ cells: [(String, String)]) {
  var line = "\(padded(name, 40)) \(padded(format, 8)) \(padded(elements, 9, right: true))"
  for (ratio, witness) in cells {
    line += "  \(padded(ratio, 6, right: true)) \(padded(witness, 34))"
  }
  while line.last == " " { line.removeLast() }
  print(line)
}

func cell(_ extreme: Extreme) -> (String, String) {
  (decimals(extreme.ratio), "\(extreme.family)/\(extreme.length)/\(extreme.sample)")
}

let arguments = CommandLine.arguments.dropFirst()
guard let seed = arguments.first.map({ UInt64($0) }) ?? RunSeed.standard, arguments.count <= 1
else { fail("usage: bound-tightness [SEED]", status: 64) }

print("|y - p| / bound, largest: (a) over all lanes in the domain of the bound, (b) over lanes of")
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
    check(result.mismatches == 0, "\(result.mismatches) mismatches inside the domain of the bound")
    check(result.undecided == 0, "\(result.undecided) ratios are undecided")
    check(result.elements >= leastElements, "only \(result.elements) outputs have a bound")
    check(everywhere > leastRatio, "no ratio (a) above \(leastRatio)")
    check(
      variant.summation != .sequential || moderate > leastRatio, "no ratio (b) above \(leastRatio)")
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
for finding in findings { print("failed: \(finding)") }
exit(findings.isEmpty ? 0 : 1)
