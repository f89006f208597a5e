import Basics

/// The sizes of an attention, whose rows are its lanes: one query against all keys.
///
/// Tensors have the dimensions (batch, heads, length, dimension), or lack the batch, or both batch
/// and heads. Keys and values may have fewer heads than queries: head h reads head h / (heads /
/// keyHeads).
package struct AttentionShape: Sendable, Hashable {
  /// The number of dimensions of each tensor: 2, 3 or 4.
  package let rank: Int
  package let batch: Int
  /// The heads of the queries.
  package let heads: Int
  /// The heads of the keys and of the values.
  package let keyHeads: Int
  package let queries: Int
  package let keys: Int
  /// The number of numbers of a query and of a key.
  package let dimension: Int
  /// The number of numbers of a value, and of an output.
  package let valueDimension: Int

  /// The sizes of three tensors.
  ///
  /// - Throws: `UserError` of kind `malformedInput` where they do not fit together.
  package init(query: [Int], key: [Int], value: [Int]) throws(UserError) {
    func refusal(_ text: String) -> UserError {
      UserError(
        .malformedInput, "query \(query), key \(key) and value \(value) do not fit: \(text)")
    }
    let rank = query.count
    guard 2...4 ~= rank, key.count == rank, value.count == rank else {
      throw refusal(
        "each is (batch, heads, length, dimension), or (heads, length, dimension), or (length, dimension)"
      )
    }
    guard (query + key + value).allSatisfy({ $0 >= 0 }),
      [query, key, value].allSatisfy({ LaneGeometry.product($0) != nil })
    else { throw refusal("no tensor has such a shape") }
    func size(_ shape: [Int], _ place: Int) -> Int {
      place < 4 - rank ? 1 : shape[place - (4 - rank)]
    }
    guard size(key, 0) == size(query, 0), size(value, 0) == size(query, 0) else {
      throw refusal("batches differ")
    }
    guard size(key, 1) == size(value, 1) else { throw refusal("key and value differ in heads") }
    guard size(key, 2) == size(value, 2) else { throw refusal("key and value differ in length") }
    guard size(key, 3) == size(query, 3) else {
      throw refusal("query and key differ in the last dimension")
    }
    guard size(query, 3) > 0 else { throw refusal("queries have no number") }
    let (heads, keyHeads) = (size(query, 1), size(key, 1))
    guard keyHeads > 0 ? heads % keyHeads == 0 : heads == 0 else {
      throw refusal("the heads of query are no multiple of those of key")
    }
    self.rank = rank
    batch = size(query, 0)
    self.heads = heads
    self.keyHeads = keyHeads
    queries = size(query, 2)
    keys = size(key, 2)
    dimension = size(query, 3)
    valueDimension = size(value, 3)
    let rows = LaneGeometry.product([batch, heads, queries, max(keys, valueDimension, 1)])
    guard rows != nil else { throw refusal("there are more scores than an Int can count") }
  }

  /// The number of rows: of queries in all heads.
  package var rowCount: Int { batch * heads * queries }

  /// The number of heads of keys and values in all batches.
  package var keyHeadCount: Int { batch * keyHeads }

  /// The dimensions before the last two that tensors have.
  private var leading: [Int] { Array([batch, heads].suffix(rank - 2)) }

  /// The sizes of tensors without batch where there is one, and without heads where neither.
  package init(
    batch: Int = 1, heads: Int = 1, keyHeads: Int = 1, queries: Int, keys: Int, dimension: Int,
    valueDimension: Int
  ) throws(UserError) {
    let rank = batch == 1 ? heads == 1 ? 2 : 3 : 4
    func tensor(_ heads: Int, _ length: Int, _ dimension: Int) -> [Int] {
      Array([batch, heads, length, dimension].suffix(rank))
    }
    try self.init(
      query: tensor(heads, queries, dimension), key: tensor(keyHeads, keys, dimension),
      value: tensor(keyHeads, keys, valueDimension))
  }

  /// The lanes along the last axis of a tensor.
  package static func rows(of shape: [Int]) -> LaneGeometry {
    guard let geometry = try? LaneGeometry(shape: shape, axis: -1) else {
      preconditionFailure("a tensor of attention has a last axis")
    }
    return geometry
  }

  /// The shape of the queries.
  package var query: [Int] { leading + [queries, dimension] }

  /// The shape of the keys.
  package var key: [Int] { Array([batch, keyHeads].suffix(rank - 2)) + [keys, dimension] }

  /// The shape of the values.
  package var value: [Int] { Array([batch, keyHeads].suffix(rank - 2)) + [keys, valueDimension] }

  /// The shape of the output.
  package var output: [Int] { leading + [queries, valueDimension] }

  /// The shape of the logsumexp of the rows.
  package var logSumExp: [Int] { leading + [queries] }

  /// The shape of the scores, of queries and keys.
  package var scores: [Int] { leading + [queries, keys] }

  /// The place of a row: its batch, its head and its query.
  package func place(ofRow row: Int) -> (batch: Int, head: Int, query: Int) {
    let (rest, query) = row.quotientAndRemainder(dividingBy: queries)
    let (batch, head) = rest.quotientAndRemainder(dividingBy: heads)
    return (batch, head, query)
  }

  /// The number of the head of keys and values that a row reads, counted through all batches.
  package func keyHead(ofRow row: Int) -> Int {
    let (batch, head, _) = place(ofRow: row)
    return batch * keyHeads + head / (heads / keyHeads)
  }
}
