import AuditedOperations
import Basics
import FloatFormats
import Foundation
import PropertyTesting

/// Failing cases in files, kept from one run for the next.
///
/// One file per case, `<format>/<law>/<digest>.json`, with the logits in hexadecimal: it means the
/// same to every version, platform and implementation, and can be read and written by hand. Any
/// implementation is checked on it.
package struct RegressionDirectory: Sendable {
  package let path: String

  /// A directory; made when the first case is kept.
  package init(path: String) { self.path = path }

  /// The content of a file.
  struct File: Codable, Equatable {
    var law: String
    var format: String
    var shape: [Int]
    var axis: Int
    var logits: [String]
    var arguments: [Int]
    /// The rule for the inputs beside the first; `nil` where there are none.
    var accompanying: [Int]? = nil
    /// The run that found the case, for people.
    var foundIn: String
    var failure: String
  }

  private func directory(_ law: String, _ format: FloatFormat) -> URL {
    URL(fileURLWithPath: path).appendingPathComponent(format.rawValue).appendingPathComponent(law)
  }

  /// The cases kept for a law, in the order of their names.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` for a file that is no case of the law.
  func cases(of law: String, _ format: FloatFormat) throws -> [LawCase] {
    let directory = directory(law, format)
    guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    } catch {
      throw UserError(.malformedInput, "cannot list the regressions in \(directory.path): \(error)")
    }
    return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
      let url = directory.appendingPathComponent(name)
      do {
        let file = try StrictJSON.decode(File.self, from: MappedFile.bytes(of: url.path))
        guard file.law == law, file.format == format.rawValue else {
          throw UserError(
            .malformedInput,
            "the regression \(url.path) is for the law \(file.law) in \(file.format); move it where it belongs"
          )
        }
        return try LawCase(
          shape: file.shape, axis: file.axis, logits: file.logits, arguments: file.arguments,
          accompanying: file.accompanying, format: format)
      } catch let error as UserError {
        throw UserError(.malformedInput, "the regression \(url.path): \(error.message)")
      } catch {
        throw UserError(
          .malformedInput,
          "the regression \(url.path) cannot be read as a case of a law; remove it, or restore it from where it came"
        )
      }
    }
  }

  /// Keeps a case.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  func keep(_ input: LawCase, of law: String, _ subject: Subject, failure: String) throws {
    let directory = directory(law, subject.input)
    let file = File(
      law: law, format: subject.input.rawValue, shape: input.geometry.shape,
      axis: input.geometry.axis, logits: input.logits.map(\.hexText), arguments: input.arguments,
      accompanying: input.accompanying?.integers, foundIn: subject.name, failure: failure)
    let url = url(of: input, in: directory)
    guard !FileManager.default.fileExists(atPath: url.path) else { return }
    try OutputFile.makeDirectory(directory.path)
    try OutputFile.write(DocumentJSON.encode(file), to: url.path)
  }
}

extension RegressionDirectory {
  /// Removes a case that a simpler one has taken the place of.
  func remove(_ input: LawCase, of law: String, _ subject: Subject) {
    // A file that cannot be removed is one regression more: no harm.
    try? FileManager.default.removeItem(at: url(of: input, in: directory(law, subject.input)))
  }

  private func url(of input: LawCase, in directory: URL) -> URL {
    var name = input.digest
    for argument in input.arguments { name += "_\(argument)" }
    return directory.appendingPathComponent("\(name).json")
  }
}

extension LawCase {
  /// A case from its text.
  init(
    shape: [Int], axis: Int, logits: [String], arguments: [Int],
    accompanying: [Int]? = nil, format: FloatFormat
  ) throws(UserError) {
    let geometry = try LaneGeometry(shape: shape, axis: axis)
    if let objection = geometry.objection {
      throw UserError(.malformedInput, "the shape \(shape) \(objection)")
    }
    guard logits.count == geometry.elementCount else {
      throw UserError(
        .malformedInput,
        "\(logits.count) logits for a shape \(shape), which takes \(geometry.elementCount)")
    }
    var numbers: [Double] = []
    for text in logits {
      guard let number = Double(text: text), number.isNaN || format.rounded(number) == number else {
        throw UserError(
          .malformedInput, "\"\(text)\" is not a number of \(format.rawValue); use hexadecimal")
      }
      numbers.append(number)
    }
    var rule: AccompanyingInputs?
    if let accompanying {
      rule = AccompanyingInputs(integers: accompanying)
      guard rule != nil else {
        throw UserError(
          .malformedInput, "the integers \(accompanying) are no rule for accompanying inputs")
      }
    }
    self.init(geometry: geometry, logits: numbers, arguments: arguments, accompanying: rule)
  }
}
