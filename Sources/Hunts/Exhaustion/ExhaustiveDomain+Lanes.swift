import AuditRecords
import FloatFormats

extension ExhaustiveDomain {
  /// Writes consecutive lanes, in the format and as binary64.
  struct Writer<F: BinaryFloat> {
    private let domain: ExhaustiveDomain
    private let values: [F]
    private let doubles: [Double]
    private var digits: [Int]

    init(_ domain: ExhaustiveDomain) {
      self.domain = domain
      digits = Array(repeating: 0, count: domain.length)
      let count = domain.choices
      switch domain.kind {
      case .pairs:
        let half = Int(count / 2)
        values = (0..<Int(count)).map { index in
          index < half
            ? -F(bitPattern: F.BitPattern(half - 1 - index))
            : F(bitPattern: F.BitPattern(index - half))
        }
      case .tuples:
        let half = Double(count / 2)
        let step = domain.step?.value ?? 0
        values = (0..<Int(count)).map { F(rounding: (Double($0) - half) * step) }
      case .differences:
        values = []
      }
      doubles = values.map { $0.exactDouble }
    }

    /// Writes lanes from a number on.
    mutating func write(
      from first: UInt64, count: Int, to logits: UnsafeMutablePointer<F>,
      exactly exact: UnsafeMutablePointer<Double>
    ) {
      let length = domain.length
      if domain.kind == .differences {
        for index in 0..<count {
          let d = F(bitPattern: F.BitPattern(first + UInt64(index) + 1))
          logits[2 * index] = .zero
          logits[2 * index + 1] = -d
          exact[2 * index] = 0
          exact[2 * index + 1] = -d.exactDouble
        }
        return
      }
      var rest = first
      let base = values.count
      for place in (0..<length).reversed() {
        digits[place] = Int(rest % UInt64(base))
        rest /= UInt64(base)
      }
      for lane in 0..<count {
        for place in 0..<length {
          logits[lane * length + place] = values[digits[place]]
          exact[lane * length + place] = doubles[digits[place]]
        }
        var place = length - 1
        digits[place] += 1
        while place > 0, digits[place] == base {
          digits[place] = 0
          place -= 1
          digits[place] += 1
        }
      }
    }

    /// One lane.
    mutating func lane(_ number: UInt64) -> [F] {
      var exact = [Double](repeating: 0, count: domain.length)
      return [F](unsafeUninitializedCapacity: domain.length) { logits, filled in
        logits.initialize(repeating: .zero)
        write(from: number, count: 1, to: logits.baseAddress!, exactly: &exact)
        filled = domain.length
      }
    }
  }
}
