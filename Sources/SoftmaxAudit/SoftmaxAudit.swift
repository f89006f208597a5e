/// The floors that audit a softmax, under one name.
///
/// Tests of a package need ``AuditedOperations/LaneFunction`` for their softmax, and one of two
/// calls: ``Audits/Audit`` measures its errors, ``Laws/Check`` looks for laws that it breaks.
@_exported import AuditRecords
@_exported import AuditedOperations
@_exported import Audits
@_exported import Basics
@_exported import Laws
