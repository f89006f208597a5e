import Testing

@Suite("The house")
struct HouseTests {
  let tree: SourceTree

  init() throws { tree = try SourceTree.all.get() }

  @Test("A target imports only targets that the manifest names before it")
  func importsPointOneWay() throws {
    let order = try tree.targets()
    #expect(order.count > 20)
    #expect(Set(tree.files.map(\.target)).isSubset(of: order))
    for file in tree.files {
      guard let own = order.firstIndex(of: file.target) else { continue }
      let above = file.imports.filter { name in
        order.firstIndex(of: name).map { $0 >= own } ?? false
      }
      #expect(above.isEmpty, "\(file.path) imports \(above.sorted())")
    }
  }

  @Test(
    "What comes from outside, and what is reported, knows nothing of measuring",
    arguments: [
      (
        "ExternalImplementations",
        ["Basics", "FloatFormats", "AuditedOperations", "CForeignCalls"]
      ),
      (
        "AuditReports",
        [
          "Basics", "FloatFormats", "AuditedOperations", "SoftmaxVariants", "LogitFamilies",
          "AuditRecords",
        ]
      ),
      ("PropertyTesting", ["Basics", "FloatFormats"]),
      ("AuditRecords", ["Basics", "FloatFormats", "AuditedOperations"]),
    ])
  func floorsThatKnowLittle(_ target: String, _ allowed: [String]) throws {
    let targets = Set(try tree.targets())
    let files = tree.files.filter { $0.target == target }
    #expect(!files.isEmpty)
    for file in files {
      let others = file.imports.intersection(targets).subtracting(allowed)
      #expect(others.isEmpty, "\(file.path) imports \(others.sorted())")
    }
  }

  @Test("No folders of a target need one another in a circle")
  func foldersHaveNoCircles() throws {
    for target in Set(tree.files.map(\.target)).sorted() {
      let files = tree.files.filter { $0.target == target }
      let homes = Dictionary(
        files.flatMap { file in file.types.map { ($0, file.folder) } },
        uniquingKeysWith: { first, _ in first })
      var needs: [String: Set<String>] = [:]
      for file in files {
        let folders = file.names.compactMap { homes[$0] }.filter { $0 != file.folder }
        needs[file.folder, default: []].formUnion(folders)
      }
      for folder in needs.keys.sorted() {
        let reached = Self.reached(from: folder, needs)
        #expect(
          !reached.contains(folder),
          "\(target)/\(folder) needs itself by way of \(reached.filter { Self.reached(from: $0, needs).contains(folder) }.sorted())"
        )
      }
    }
  }

  @Test("The tests of a target bear its name and import nothing above it")
  func testsOfFloors() throws {
    let order = try tree.targets()
    for file in tree.tests where !["HouseTests", "TestSupport"].contains(file.target) {
      let floor =
        file.target == "CommandLineTests"
        ? "softmax-audit" : String(file.target.dropLast("Tests".count))
      let own = try #require(order.firstIndex(of: floor), "\(file.path) tests no target")
      let above = file.imports.filter { name in order.firstIndex(of: name).map { $0 > own } ?? false
      }
      #expect(above.isEmpty, "\(file.path) imports \(above.sorted())")
    }
  }

  @Test("Every target of Swift that measures has tests of its own")
  func targetsHaveTests() throws {
    let written = Set(tree.files.lazy.filter { !$0.path.hasPrefix("Tools/") }.map(\.target))
    let tested = Set(tree.tests.map(\.target))
    let untested = written.filter { !tested.contains($0 + "Tests") && $0 != "softmax-audit" }
    #expect(untested.isEmpty, "\(untested.sorted())")
  }

  @Test("No module bears the name of a type in it")
  func modulesAndTypes() {
    for file in tree.files {
      #expect(!file.types.contains(file.target), "\(file.path) declares \(file.target)")
    }
  }

  private static func reached(from folder: String, _ needs: [String: Set<String>]) -> Set<String> {
    var reached = Set<String>()
    var open = Array(needs[folder] ?? [])
    while let next = open.popLast() {
      if reached.insert(next).inserted { open += needs[next] ?? [] }
    }
    return reached
  }
}
