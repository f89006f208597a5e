#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The softmax that subtracts the maximum.
public func mySoftmax(_ logits: [Float]) -> [Float] {
  guard let largest = logits.max() else { return [] }
  let powers = logits.map { expf($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// The softmax that forgets to.
public func naiveSoftmax(_ logits: [Float]) -> [Float] {
  let powers = logits.map { expf($0) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
