/// The laws that notice each faulty softmax, and those that flag sound ones.
public struct KillMatrix: Sendable, Equatable, Codable {
  /// The laws, in their order.
  public var laws: [String]
  public var faulty: [Entry]
  public var sound: [Entry]

  public init(laws: [String], faulty: [Entry], sound: [Entry]) {
    self.laws = laws
    self.faulty = faulty
    self.sound = sound
  }

  /// One implementation in one format.
  public struct Entry: Sendable, Equatable, Codable {
    public var implementation: String
    public var format: String
    /// The code of the class of its fault; nil for a sound one.
    public var bugClass: String?
    /// The laws that were found broken, in their order.
    public var broken: [String]
    /// Laws that were not measured on a sound one, with the reason: no pass either.
    public var notMeasured: [String]

    public init(
      implementation: String, format: String, bugClass: String?, broken: [String],
      notMeasured: [String]
    ) {
      self.implementation = implementation
      self.format = format
      self.bugClass = bugClass
      self.broken = broken
      self.notMeasured = notMeasured
    }
  }

  /// The faulty ones that no law noticed.
  public var survivors: [Entry] { faulty.filter(\.broken.isEmpty) }
  /// The sound ones that a law says is broken.
  public var falseAlarms: [Entry] { sound.filter { !$0.broken.isEmpty } }
  /// The faulty ones that one law alone notices, by that law.
  public var soleCatches: [(law: String, entries: [Entry])] {
    laws.compactMap { law in
      let entries = faulty.filter { $0.broken == [law] }
      return entries.isEmpty ? nil : (law, entries)
    }
  }
}
