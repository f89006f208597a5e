/// Work that is generic over the format of a value, to be run for a format known at run time.
public protocol FormatGenericWork {
  associatedtype Result
  mutating func run<F: BinaryFloat>(_ format: F.Type) throws -> Result
}

/// Work that is generic over the formats of an input and of an output, to be run for formats known
/// at run time.
public protocol FormatPairWork {
  associatedtype Result
  mutating func run<F: BinaryFloat, G: BinaryFloat>(
    _ input: F.Type, _ output: G.Type
  ) throws -> Result
}

extension FloatFormat {
  /// The type of the numbers of this format.
  public var type: any BinaryFloat.Type {
    switch self {
    case .float8E4M3FN: Float8<E4M3FN>.self
    case .float8E5M2: Float8<E5M2>.self
    case .float8E4M3FNUZ: Float8<E4M3FNUZ>.self
    case .float8E5M2FNUZ: Float8<E5M2FNUZ>.self
    case .float16: Float16.self
    case .bfloat16: BFloat16.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }

  /// Runs generic work for the type of this format.
  ///
  /// Code for an 8-bit format is not specialized: it would double what there is to compile, and
  /// four times over where there are two formats.
  @inlinable
  public func open<Work: FormatGenericWork>(_ work: Work) throws -> Work.Result {
    var work = work
    switch self {
    case .float16: return try work.run(Float16.self)
    case .bfloat16: return try work.run(BFloat16.self)
    case .float32: return try work.run(Float.self)
    case .float64: return try work.run(Double.self)
    default: return try Self.run(&work, type)
    }
  }

  /// Runs generic work for a type, out of sight of the optimizer.
  @usableFromInline
  static func run<Work: FormatGenericWork>(
    _ work: inout Work, _ type: any BinaryFloat.Type
  ) throws -> Work.Result {
    try work.run(type)
  }

  /// Runs generic work for the types of an input in this format and of an output in another.
  @inlinable
  public func open<Work: FormatPairWork>(
    with output: FloatFormat, _ work: Work
  ) throws -> Work.Result {
    try open(WorkOfInput(work: work, output: output))
  }
}

/// Work on a pair of formats whose output has yet to be opened.
@usableFromInline
struct WorkOfInput<Work: FormatPairWork>: FormatGenericWork {
  @usableFromInline let work: Work
  @usableFromInline let output: FloatFormat

  @inlinable
  init(work: Work, output: FloatFormat) {
    self.work = work
    self.output = output
  }

  @inlinable
  func run<F: BinaryFloat>(_ input: F.Type) throws -> Work.Result {
    try output.open(WorkOfOutput<Work, F>(work: work))
  }
}

/// Work on a pair of formats whose input is known.
@usableFromInline
struct WorkOfOutput<Work: FormatPairWork, F: BinaryFloat>: FormatGenericWork {
  @usableFromInline var work: Work

  @inlinable
  init(work: Work) { self.work = work }

  @inlinable
  mutating func run<G: BinaryFloat>(_ output: G.Type) throws -> Work.Result {
    try work.run(F.self, output)
  }
}
