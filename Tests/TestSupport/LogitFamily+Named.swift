import LogitFamilies

extension LogitFamily {
  /// The family with a name, for the tests of its purpose.
  package static func named(_ name: String) throws -> LogitFamily { try selected(by: [name])[0] }
}
