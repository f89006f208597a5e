import AuditedOperations
import ExternalImplementations
import FloatFormats

extension NumberFile {
  /// Reads the numbers of a file.
  ///
  /// - Parameters:
  ///   - integers: The format that 16-bit integers are the bit patterns of; `nil` for none.
  ///   - raw: What a file that says nothing of itself holds; `nil` where it does.
  /// - Throws: ``UserError`` where there is no such file, or it holds something else.
  init(reading path: String, integersAre integers: FloatFormat?, raw: RawTensor? = nil) throws {
    let tensor = try SavedTensor.read(path, integersAre: integers, raw: raw)
    self.init(path: path, shape: tensor.shape, numbers: try tensor.numbers())
  }

  /// The numbers of a file that a policy names, whose path is one from the current folder.
  static func namedByPolicy(_ path: String) throws -> NumberFile {
    try NumberFile(reading: path, integersAre: nil)
  }
}
