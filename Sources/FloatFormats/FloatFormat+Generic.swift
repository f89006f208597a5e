/// Work that is generic over the format of a value, to be run for a format known at run time.
public protocol FormatGenericWork {
  associatedtype Result
  mutating func run<F: BinaryFloat>(_ format: F.Type) throws -> Result
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
}
