import Basics

/// The places of the outputs of a command, looked at before it begins.
///
/// One file must not be written twice, nor what is read be written over. `-` is standard output,
/// for one option at most; what would be printed there goes to standard error then.
struct OutputPlaces {
  /// Options and the files they name.
  private let files: [(option: String, path: String)]
  private let directories: [(option: String, path: String)]
  /// The paths that the command reads.
  private let inputs: [String]
  /// The options that keep their state in a file or folder, and cannot do so on standard output.
  private let states: [(option: String, path: String)]

  /// - Parameters:
  ///   - files: Options that write a file.
  ///   - directories: Options that write into a directory.
  ///   - states: Options that name a file which is read and written again.
  ///   - inputs: Files that are read.
  init(
    files: [(option: String, path: String?)], directories: [(option: String, path: String?)] = [],
    states: [(option: String, path: String?)] = [], inputs: [String?] = []
  ) {
    func given(_ options: [(option: String, path: String?)]) -> [(option: String, path: String)] {
      options.compactMap { option in option.path.map { (option.option, $0) } }
    }
    self.files = given(files)
    self.directories = given(directories)
    self.states = given(states)
    self.inputs = inputs.compactMap { $0 }
  }

  /// Notes what is wrong with the places; then says whether standard output is one of them.
  func check(_ mistakes: inout Mistakes) throws {
    for (option, path) in files + directories + states where path.isEmpty {
      mistakes.add(.usage, "\(option) '': the path is empty; name a place")
    }
    for (option, path) in directories + states where path == OutputFile.standardOutput {
      mistakes.add(
        .usage, "\(option) -: standard output can take one file only; name a place on disk")
    }
    var owners: [String: String] = [:]
    for (option, path) in files + states + directories where !path.isEmpty {
      guard let identity = OutputFile.identity(of: path) else { continue }
      if let other = owners[identity] {
        mistakes.add(
          .usage, "\(other) and \(option) both write to \(path); give each a place of its own")
      }
      owners[identity] = option
    }
    for input in inputs {
      let identities = Self.paths(in: input).compactMap { OutputFile.identity(of: $0) }
      guard let option = identities.compactMap({ owners[$0] }).first else { continue }
      mistakes.add(
        .usage, "\(option) would write over \(input), which is read; name another file")
    }
    for (_, path) in files + states where !path.isEmpty {
      _ = try mistakes.collect { try OutputFile.checkWritable(path) }
    }
    for (_, path) in directories where !path.isEmpty && path != OutputFile.standardOutput {
      _ = try mistakes.collect { try OutputFile.checkDirectory(path) }
    }
    if files.contains(where: { OutputFile.isStandardOutput($0.path) }) {
      Console.leaveStandardOutput()
    }
  }

  /// The paths that a text on the command line may name: a file, a file behind a name
  /// (`mine=lib.so`), a file before the name of a part of it (`x.safetensors:logits`).
  private static func paths(in text: String) -> [String] {
    var paths = [text]
    if let equals = text.firstIndex(of: "=") {
      paths.append(String(text[text.index(after: equals)...]))
    }
    paths += paths.flatMap { path in
      [":", "#"].compactMap { mark in path.lastIndex(of: mark).map { String(path[..<$0]) } }
    }
    return paths.filter { !$0.isEmpty && $0 != OutputFile.standardOutput }
  }

  /// Checks the places where nothing else can be wrong.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  func check() throws {
    var mistakes = Mistakes()
    try check(&mistakes)
    try mistakes.throwIfAny()
  }
}
