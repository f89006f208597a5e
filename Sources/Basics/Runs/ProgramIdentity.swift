/// The program as results name it.
package enum ProgramIdentity {
  package static let name = "softmax-audit"
  package static let version = "0.1.0"
}
