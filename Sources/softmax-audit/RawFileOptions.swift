import ArgumentParser
import Basics
import ExternalImplementations
import FloatFormats

/// The options that say what files hold that say nothing of themselves.
struct RawFileOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The shape of files that hold raw elements and nothing else, as 32,10: row-major, little-endian.",
      valueName: "sizes"))
  var shape: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The format of the elements in such files.", valueName: "format"))
  var dtype: FloatFormat?

  /// Whether neither was given.
  var isEmpty: Bool { shape == nil && dtype == nil }

  /// The description of the files; `nil` where nothing is said.
  ///
  /// - Parameter names: The files that it may be about.
  /// - Throws: ``UserError`` of kind `usage` where one of the two is missing, or no file needs
  ///   them.
  func raw(for names: [String]) throws(UserError) -> RawTensor? {
    guard !isEmpty else { return nil }
    guard let shape, let dtype else {
      throw UserError(.usage, "--shape and --dtype belong together; give both, or none")
    }
    guard names.contains(where: SavedTensor.saysNothing) else {
      throw UserError(
        .usage,
        "--shape and --dtype are for raw files; \(names.joined(separator: " and ")) say what they hold"
      )
    }
    let parts = shape.split(separator: ",", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Int($0) }
    guard sizes.count == parts.count, sizes.allSatisfy({ $0 >= 0 }), sizes.count <= 64 else {
      throw UserError(.usage, "--shape \(shape): write sizes with commas, as in 32,10")
    }
    return RawTensor(shape: sizes, format: dtype)
  }
}
