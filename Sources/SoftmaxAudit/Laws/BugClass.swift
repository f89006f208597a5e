/// The classes of real softmax defects, from a catalogue of 190 published ones.
///
/// The codes are those of the catalogue; the examples are issues and pull requests of public projects.
public enum BugClass: String, Sendable, Hashable, Codable, CaseIterable {
  case overflow = "OV"
  case specialValues = "NF"
  case lowPrecision = "LP"
  case axes = "AX"
  case contraction = "CF"
  case formula = "FM"
  case nondeterminism = "DT"
  case memoryLayout = "ML"
  case approximation = "AP"
  case indexWidth = "IX"
  case types = "TY"
  case tails = "TL"
  case emptiness = "EM"
  case wrongFunction = "WD"
}
