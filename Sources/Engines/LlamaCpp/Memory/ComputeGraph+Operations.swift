/// The operations that model graphs are made of. A weight is given by its extents, since it lies outside the graph.
extension ComputeGraph {
  // MARK: Elementwise

  /// Adds an elementwise operation, which may write over its source.
  func elementwise(_ tensor: GraphTensor, _ others: GraphTensor...) -> GraphTensor {
    result(
      shape(tensor), of: [tensor] + others, elementBytes: nodes[tensor.index].elementBytes, reusesSource: true)
  }

  /// Adds an operation whose result has its source's extents but memory of its own.
  func copy(_ tensor: GraphTensor, elementBytes: Int? = nil) -> GraphTensor {
    result(shape(tensor), of: [tensor], elementBytes: elementBytes ?? nodes[tensor.index].elementBytes)
  }

  /// Adds a gated activation over two halves of one tensor.
  func gatedHalves(_ tensor: GraphTensor) -> GraphTensor {
    var extents = shape(tensor)
    extents[0] /= 2
    return result(extents, of: [tensor])
  }

  /// Adds a gated activation of two tensors.
  func gated(_ gate: GraphTensor, _ up: GraphTensor) -> GraphTensor {
    result(shape(gate), of: [gate, up])
  }

  // MARK: Products

  /// Adds the product with a weight of `rows` rows.
  func multiplied(_ tensor: GraphTensor, rows: Int) -> GraphTensor {
    var extents = shape(tensor)
    extents[0] = rows
    return result(extents, of: [tensor])
  }

  /// Adds the product of two tensors of the graph.
  func product(_ left: GraphTensor, _ right: GraphTensor) -> GraphTensor {
    var extents = shape(right)
    extents[0] = shape(left)[1]
    return result(extents, of: [left, right])
  }

  /// Adds the product with the experts that `ids` picks.
  func multiplied(_ tensor: GraphTensor, rows: Int, experts ids: GraphTensor) -> GraphTensor {
    result(Shape(rows, shape(ids)[0], shape(tensor)[2], 1), of: [tensor, ids])
  }

  // MARK: Rows

  /// Adds the rows of a table outside the graph.
  func rows(width: Int, _ ids: GraphTensor) -> GraphTensor {
    let picked = shape(ids)
    return result(Shape(width, picked[0], picked[1], picked[2]), of: [ids])
  }

  /// Adds the rows of a table of embeddings, which the host looks up.
  func tableRows(width: Int, _ ids: GraphTensor) -> GraphTensor {
    let picked = rows(width: width, ids)
    markHost(picked)
    return picked
  }

  /// Adds the rows of a tensor of the graph.
  func rows(of tensor: GraphTensor, _ ids: GraphTensor) -> GraphTensor {
    let picked = shape(ids)
    return result(Shape(shape(tensor)[0], picked[0], picked[1], picked[2]), of: [tensor, ids])
  }

  /// Adds the sums over the first dimension.
  func rowSums(_ tensor: GraphTensor) -> GraphTensor {
    var extents = shape(tensor)
    extents[0] = 1
    return result(extents, of: [tensor])
  }

  /// Adds the indices of the largest elements of each row.
  func largest(_ count: Int, of tensor: GraphTensor) -> GraphTensor {
    let sorted = result(shape(tensor), of: [tensor])
    var extents = shape(tensor)
    extents[0] = count
    return view(sorted, extents, isPacked: count == shape(tensor)[0])
  }

  // MARK: Forms

  /// Adds a reshaped view.
  func reshaped(_ tensor: GraphTensor, _ shape: Shape) -> GraphTensor {
    view(tensor, shape, isPacked: true)
  }

  /// Adds a view with permuted dimensions: source dimension `i` becomes dimension `axes[i]`.
  func permuted(_ tensor: GraphTensor, _ axes: Shape) -> GraphTensor {
    let from = shape(tensor)
    var extents = from
    for dimension in 0..<4 { extents[axes[dimension]] = from[dimension] }
    return view(tensor, extents)
  }

  /// Adds a view with the first two dimensions exchanged.
  func transposed(_ tensor: GraphTensor) -> GraphTensor { permuted(tensor, Shape(1, 0, 2, 3)) }

  /// Adds a packed copy, in other extents where given.
  func packed(_ tensor: GraphTensor, _ shape: Shape? = nil) -> GraphTensor {
    result(shape ?? self.shape(tensor), of: [tensor], elementBytes: nodes[tensor.index].elementBytes)
  }

  /// Adds two tensors one after the other along a dimension.
  func joined(_ left: GraphTensor, _ right: GraphTensor, dimension: Int = 0) -> GraphTensor {
    var extents = shape(left)
    extents[dimension] += shape(right)[dimension]
    return result(extents, of: [left, right], elementBytes: nodes[left.index].elementBytes)
  }

  /// Adds a tensor repeated to the given extents.
  func repeated(_ tensor: GraphTensor, _ shape: Shape) -> GraphTensor {
    result(shape, of: [tensor])
  }
}
