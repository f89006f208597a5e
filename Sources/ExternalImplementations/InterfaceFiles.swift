/// The files that say how to write an implementation from outside, which are compiled in.
package enum InterfaceFiles {
  /// The C header of plug-ins.
  package static var header: [UInt8] { PackageResources.softmax_audit_h }
  /// The protocol of workers.
  package static var workerProtocol: [UInt8] { PackageResources.WorkerProtocol_md }
}
