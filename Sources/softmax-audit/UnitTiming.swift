import AuditRecords
import Basics
import Foundation

/// The times of parts of a run, measured on one thread with the code of the run itself.
struct UnitTiming {
  private let command: PlannedCommand
  private let subject: RunSubject
  /// Seconds that each run of a part needs to load implementations.
  private let loading: Double

  /// The largest number of parts that are measured.
  private static let greatestCount = 64

  init(_ command: PlannedCommand, of subject: RunSubject, loading: Double) {
    self.command = command
    self.subject = subject
    self.loading = loading
  }

  /// The times of runs, spread evenly over all parts, without loading: the first of one part,
  /// those after it of twice as many until the parts take most of the time; at least one.
  ///
  /// - Parameter budget: Seconds after which no other run is begun.
  func runs(for budget: Double) async throws -> [(parts: Int, seconds: Double)] {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("softmax-audit-plan-\(UUID().uuidString)")
    try OutputFile.makeDirectory(folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clock = ContinuousClock()
    let began = clock.now
    let parts = min(subject.parts, Shard.greatestCount)
    var runs: [(parts: Int, seconds: Double)] = []
    func isTimeLeft() -> Bool { (clock.now - began) / .seconds(1) < budget }
    func measure(_ group: Int, of groups: Int) async throws {
      let own = clock.now
      _ = try await command.run(
        Shard(index: group + 1, count: groups), threads: 1,
        writing: folder.appendingPathComponent("part.json").path)
      let seconds = max(0, (clock.now - own) / .seconds(1) - loading)
      runs.append((parts: (parts - group + groups - 1) / groups, seconds: seconds))
    }
    var groups = parts
    try await measure(groups / 2, of: groups)
    while groups >= 4, isTimeLeft(), runs[runs.count - 1].seconds < 4 * runs[0].seconds {
      groups /= 2
      try await measure(groups / 2, of: groups)
    }
    for group in Self.spread(over: groups) where group != groups / 2 {
      guard isTimeLeft() else { break }
      try await measure(group, of: groups)
    }
    return runs
  }

  /// Numbers below a count in an order of which every beginning is spread evenly: multiples of the
  /// golden section, modulo 1, each number once.
  ///
  /// S. Świerczkowski, "On successive settings of an arc on the circumference of a circle",
  /// Fundamenta Mathematicae 46, 1958.
  static func spread(over count: Int) -> [Int] {
    var seen = Set<Int>()
    var order: [Int] = []
    var place = 0.5
    while order.count < min(count, greatestCount) {
      let number = min(Int(place * Double(count)), count - 1)
      if seen.insert(number).inserted { order.append(number) }
      place += 0.618_033_988_749_894_9
      place -= place.rounded(.down)
    }
    return order
  }
}
