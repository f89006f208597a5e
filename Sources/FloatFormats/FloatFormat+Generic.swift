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
  /// Runs generic work for the type of this format: the one place where a format becomes a type.
  @inlinable
  public func open<Work: FormatGenericWork>(_ work: Work) throws -> Work.Result {
    var work = work
    switch self {
    case .float16: return try work.run(Float16.self)
    case .bfloat16: return try work.run(BFloat16.self)
    case .float32: return try work.run(Float.self)
    case .float64: return try work.run(Double.self)
    }
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
