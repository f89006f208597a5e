import AuditedOperations
import FloatFormats
import MultiPrecision

/// A modified score of attention that is a number: z = A / sqrt(root) + addend, or k tanh(A /
/// (sqrt(root) k)) + addend.
///
/// s = q . k is a dyadic rational. A is s and root the dimension where the scale is 1 /
/// sqrt(dimension); A is c s and root 1 where it is a binary64 number c.
///
/// Two of a row are equal exactly where ``isEqual(to:)`` says so. With sqrt(root) rational and no
/// cap z sqrt(root) is a dyadic rational, and these are compared. With sqrt(root) irrational z = z'
/// asks for (A - A') / sqrt(root) to be rational, so that A = A' and the addends are equal. With a
/// cap the arguments are different algebraic numbers, and the proof of ``ModifiedTerm`` holds for
/// them as it stands.
struct ScoreTerm: LogitTerm {
  /// The meaning of ``number``.
  enum Form: Int {
    /// z itself: a sink, or a score of 0.
    case dyadic
    /// z sqrt(root), where that is a dyadic rational.
    case quotient
    /// A.
    case argument
  }

  let form: Form
  let number: ExactNumber
  let scaling: ScoreScaling
  let addend: Double
  let approximate: Double

  /// - Parameters:
  ///   - argument: A.
  ///   - addend: What is added, finite.
  init(_ argument: borrowing BigFloat, plus addend: Double, _ scaling: ScoreScaling) {
    self.scaling = scaling
    if scaling.isRational {
      form = .quotient
      self.addend = 0
      number = ExactNumber(scaling.quotient(argument, plus: addend))
      approximate = scaling.clamped(number.value.double(.toNearestOrEven) / scaling.squareRoot)
    } else if argument.isZero {
      form = .dyadic
      self.addend = 0
      number = ExactNumber(BigFloat(addend))
      approximate = addend
    } else {
      form = .argument
      // Both zeros are one number.
      self.addend = addend + 0
      number = ExactNumber(argument)
      let scaled = number.value.double(.toNearestOrEven) / scaling.squareRoot
      let capped = scaling.cap.map { $0 * Double.tanhApproximately(scaled / $0) } ?? scaled
      approximate = scaling.clamped(capped + addend)
    }
  }

  /// A capped score that is infinite: the cap with its sign, and what is added.
  init(saturated limit: Double, plus addend: Double, _ scaling: ScoreScaling) {
    self.scaling = scaling
    form = .dyadic
    self.addend = 0
    var sum = BigFloat(precision: ExactSums.precision)
    sum.setSum(BigFloat(limit), BigFloat(addend), .toNearestOrEven)
    number = ExactNumber(sum)
    approximate = scaling.clamped(number.value.double(.toNearestOrEven))
  }

  /// Whether z is 0.
  var isZero: Bool { form != .argument && number.value.isZero }

  func enclosure(precision: Int) -> Enclosure {
    switch form {
    case .dyadic: return Enclosure(exactly: number.value)
    case .quotient: return scaling.divided(number.value, precision: precision)
    case .argument: break
    }
    var result = scaling.divided(number.value, precision: precision)
    if let cap = scaling.cap { result = Self.capped(result, BigFloat(cap), precision) }
    guard addend != 0 else { return result }
    return result.plus(Enclosure(addend), precision: precision)
  }

  /// k tanh(x / k): all steps grow with their argument, so that each end follows from its own.
  private static func capped(
    _ argument: borrowing Enclosure, _ cap: borrowing BigFloat, _ precision: Int
  ) -> Enclosure {
    var result = argument.divided(by: Enclosure(exactly: cap), precision: precision)
    result.lower.formHyperbolicTangent(.down)
    result.upper.formHyperbolicTangent(.up)
    return result.times(cap, precision: precision)
  }

  /// Whether both have an irrational argument, the same.
  func hasArgument(of other: ScoreTerm) -> Bool {
    form == .argument && other.form == .argument
      && number.value.compare(other.number.value) == 0
  }

  /// Whether two of a row are the same number.
  func isEqual(to other: ScoreTerm) -> Bool {
    form == other.form && addend == other.addend && number.value.compare(other.number.value) == 0
  }

  /// Whether it comes before another: the larger first, as far as binary64 tells.
  ///
  /// Equal numbers have equal approximations, and so stand side by side.
  func precedes(_ other: ScoreTerm) -> Bool {
    if approximate != other.approximate { return approximate > other.approximate }
    if form != other.form { return form.rawValue < other.form.rawValue }
    let order = number.value.compare(other.number.value)
    return order != 0 ? order > 0 : addend > other.addend
  }
}

/// The factor and the cap of the products of a row's query with its keys.
struct ScoreScaling {
  /// c; `nil` for 1 / sqrt(dimension).
  let scale: Double?
  /// The number of which the square root divides.
  let root: UInt64
  let cap: Double?
  /// Whether z sqrt(root) is a dyadic rational.
  let isRational: Bool
  /// sqrt(root), correctly rounded.
  let squareRoot: Double
  private let integerRoot: UInt64?

  init(_ row: AttentionRow) {
    scale = row.modifiers.scale
    root = scale == nil ? UInt64(row.head.dimension) : 1
    cap = row.modifiers.softcap
    squareRoot = Double(root).squareRoot()
    let nearest = UInt64(squareRoot)
    integerRoot = nearest * nearest == root ? nearest : nil
    isRational = cap == nil && integerRoot != nil
  }

  /// Bits that hold a sum of products of two binary64 numbers times a third one, and another
  /// number: exponents from -3222 to 3104.
  private static let sumPrecision = 6656

  /// A, without a rounding.
  func argument(_ product: borrowing BigFloat) -> BigFloat {
    var argument = BigFloat(precision: product.precision + 53)
    argument.setProduct(product, BigFloat(scale ?? 1), .toNearestOrEven)
    return argument
  }

  /// A + sqrt(root) addend, for a rational root.
  func quotient(_ argument: borrowing BigFloat, plus addend: Double) -> BigFloat {
    guard addend != 0 else { return BigFloat(copying: argument) }
    var sum = BigFloat(precision: Self.sumPrecision)
    sum.setProduct(BigFloat(addend), BigFloat(integer: integerRoot ?? 1), .toNearestOrEven)
    sum.formSum(argument, .toNearestOrEven)
    return sum
  }

  /// A number divided by sqrt(root), exact where it has an end.
  func divided(_ number: borrowing BigFloat, precision: Int) -> Enclosure {
    if root == 1 || number.isZero { return Enclosure(exactly: number) }
    var root = Enclosure(precision: precision)
    if let integerRoot {
      var quotient = BigFloat(precision: number.precision)
      let divisor = BigFloat(integer: integerRoot)
      if quotient.setQuotient(number, divisor, .toNearestOrEven) == 0 {
        return Enclosure(exactly: quotient)
      }
      root = Enclosure(exactly: divisor)
    } else {
      root.lower.setSquareRoot(of: self.root, .down)
      root.upper.setSquareRoot(of: self.root, .up)
    }
    return Enclosure(exactly: number).divided(by: root, precision: precision)
  }

  /// A number of binary64 in the place of one beyond it.
  func clamped(_ value: Double) -> Double {
    if value.isNaN { return 0 }
    return max(-Double.greatestFiniteMagnitude, min(.greatestFiniteMagnitude, value))
  }
}

/// A multiple-precision number that is never changed, with as many bits as it needs.
final class ExactNumber {
  let value: BigFloat

  init(_ number: borrowing BigFloat) {
    let bits =
      number.isZero || !number.isFinite ? 2 : number.exponent - number.lowestBitExponent + 1
    var value = BigFloat(precision: max(bits, 2))
    // Adding +0 turns -0 into +0.
    value.setSum(number, BigFloat(0), .toNearestOrEven)
    self.value = value
  }
}
