/// A JSON schema of a file that this program writes or reads, which is compiled in.
package struct SchemaFile: Sendable {
  /// Its name in the tree, such as `results-1.schema.json`.
  package let name: String
  /// The documents that follow it, in one line.
  package let subject: String
  package let content: [UInt8]

  package static var all: [SchemaFile] {
    [
      .init(
        name: "results-1.schema.json", subject: "what --json writes",
        content: PackageResources.results_1_schema_json),
      .init(
        name: "policy-1.schema.json", subject: "policies of gate",
        content: PackageResources.policy_1_schema_json),
      .init(
        name: "comparison-1.schema.json", subject: "what compare --json writes",
        content: PackageResources.comparison_1_schema_json),
      .init(
        name: "search-1.schema.json", subject: "what search --json writes",
        content: PackageResources.search_1_schema_json),
      .init(
        name: "certificates-1.schema.json", subject: "what exhaust --json writes",
        content: PackageResources.certificates_1_schema_json),
      .init(
        name: "inference-1.schema.json", subject: "what infer --json writes",
        content: PackageResources.inference_1_schema_json),
      .init(
        name: "claims-1.schema.json", subject: "what verify --claims --json writes",
        content: PackageResources.claims_1_schema_json),
      .init(
        name: "evidence-1.schema.json", subject: "what --evidence writes",
        content: PackageResources.evidence_1_schema_json),
      .init(
        name: "plan-1.schema.json", subject: "what plan --out writes",
        content: PackageResources.plan_1_schema_json),
      .init(
        name: "unit-1.schema.json", subject: "what run-unit writes",
        content: PackageResources.unit_1_schema_json),
    ]
  }
}
