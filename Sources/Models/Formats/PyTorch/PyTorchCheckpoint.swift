import Units

/// The tensors of a file that `torch.save` wrote: sizes from the zip directory, names and shapes from the pickle.
struct PyTorchCheckpoint: Sendable {
  var tensors: [Tensor] = []
  /// Names that loading would import beyond those that every checkpoint needs.
  var foreignGlobals: [String] = []

  init(parsing bytes: RawSpan) throws(ModelError) {
    guard bytes.byteCount >= 4, bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self) == 0x0403_4b50 else {
      throw .unsupported(
        format: "PyTorch", cause: "only zip checkpoints (torch 1.6 and later) are read, not older pickles")
    }
    let directory = try ZipDirectory(parsing: bytes)
    guard let entry = directory.entries.first(where: { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }) else {
      throw .unsupported(format: "PyTorch", cause: "the archive holds no data.pkl")
    }
    let range = try directory.data(of: entry, in: bytes)
    var reader = PickleReader()
    let root = try reader.read(bytes.extracting(range))
    collect(root, prefix: "", depth: 0)
    foreignGlobals = reader.globals.filter { !Self.isUsual($0) }.sorted()
  }

  /// True for the names that files of weights have, not optimizers' or tokenizers'.
  static func isWeights(_ name: String) -> Bool {
    (name.hasPrefix("pytorch_model") && name.hasSuffix(".bin"))
      || name.hasPrefix("consolidated") && name.hasSuffix(".pth")
      || name == "model.pt" || name == "model.pth"
  }

  private static func isUsual(_ name: String) -> Bool {
    let usual = ["collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"]
    return usual.contains(name) || (name.hasPrefix("torch.") && name.hasSuffix("Storage")) || name == "torch.Size"
      || name.hasPrefix("torch.bfloat16") || name.hasPrefix("torch.float")
  }

  /// Walks dictionaries for tensors; training checkpoints nest the weights one level deeper.
  private mutating func collect(_ value: PickleValue, prefix: String, depth: Int) {
    guard depth < 4, tensors.count < 1 << 18 else { return }
    let members: [PickleValue]
    switch value {
    case .dictionary(let values): members = values
    case .call(let function, .list(let arguments)) where function.global == "collections.OrderedDict":
      members = arguments
    default: return
    }
    var index = 0
    // An OrderedDict's arguments come first where there are any; they are no text and are stepped over.
    while index + 1 < members.count {
      guard let key = members[index].text else {
        index += 1
        continue
      }
      let name = prefix + key
      if let tensor = Self.tensor(name, members[index + 1]) {
        tensors.append(tensor)
      } else {
        let isWrapper = ["state_dict", "model", "module"].contains(key)
        collect(members[index + 1], prefix: isWrapper ? prefix : name + ".", depth: depth + 1)
      }
      index += 2
    }
  }

  /// Reads the description of a call that would rebuild a tensor.
  private static func tensor(_ name: String, _ value: PickleValue) -> Tensor? {
    guard case .call(let function, let arguments) = value, let parts = arguments.elements else { return nil }
    if function.global == "torch._utils._rebuild_parameter", let inner = parts.first { return tensor(name, inner) }
    guard function.global == "torch._utils._rebuild_tensor_v2", parts.count >= 4,
      case .persistent(let storage) = parts[0], let storageParts = storage.elements, storageParts.count >= 2,
      let kind = storageParts[1].global, let (type, width) = types[kind], let shape = parts[2].elements
    else { return nil }
    var bytes = width
    var dimensions: [Int] = []
    for length in shape {
      guard let length = length.integer, length >= 0 else { return nil }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      bytes = product
      dimensions.insert(length, at: 0)
    }
    return Tensor(name: name, dimensions: dimensions.isEmpty ? [1] : dimensions, type: type, bytes: ByteCount(bytes))
  }

  private static let types: [String: (String, Int)] = [
    "torch.FloatStorage": ("F32", 4), "torch.HalfStorage": ("F16", 2), "torch.BFloat16Storage": ("BF16", 2),
    "torch.DoubleStorage": ("F64", 8), "torch.LongStorage": ("I64", 8), "torch.IntStorage": ("I32", 4),
    "torch.ShortStorage": ("I16", 2), "torch.CharStorage": ("I8", 1), "torch.ByteStorage": ("U8", 1),
    "torch.BoolStorage": ("BOOL", 1), "torch.cuda.FloatStorage": ("F32", 4), "torch.cuda.HalfStorage": ("F16", 2),
    "torch.cuda.BFloat16Storage": ("BF16", 2),
  ]
}
