import Platform

/// Calls by name into NVIDIA's management library; every function may be missing in an older one, and every answer may be
/// "not supported".
struct NVMLSession {
  typealias Handle = UnsafeMutableRawPointer
  private typealias Number = UnsafeMutablePointer<UInt32>

  /// Where drivers put it: the loader's own search, WSL, Jetson.
  private static let places = [
    "libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1", "/usr/lib/aarch64-linux-gnu/nvidia/libnvidia-ml.so.1",
    "/usr/lib/aarch64-linux-gnu/tegra/libnvidia-ml.so.1",
  ]

  private let library: Handle
  /// The code by which the library refused to begin; 0 where it began.
  private(set) var failure: Int32 = 0

  /// Opens the library and begins a session; nil where there is none. `close` ends it.
  ///
  /// - Parameter keepsFailure: true to return a session that did not begin, for its code.
  init?(keepsFailure: Bool = false) {
    guard let library = Self.places.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
    // The library stays open: its threads may outlive the call, and unloading it under them ends the program.
    self.library = library
    failure = call("nvmlInit_v2") ?? -1
    guard failure == 0 || keepsFailure else { return nil }
  }

  func close() { _ = call("nvmlShutdown") }

  var devices: [Handle] {
    var count: UInt32 = 0
    guard number("nvmlDeviceGetCount_v2", &count) else { return [] }
    return (0..<min(count, 1024)).compactMap { handle($0) }
  }

  // Sound: the signatures are those of nvml.h, which NVIDIA keeps for all later versions of a name.
  private func function<Type>(_ name: String, as type: Type.Type) -> Type? {
    dlsym(library, name).map { unsafeBitCast($0, to: type) }
  }

  private func call(_ name: String) -> Int32? {
    function(name, as: (@convention(c) () -> Int32).self)?()
  }

  private func number(_ name: String, _ value: inout UInt32) -> Bool {
    function(name, as: (@convention(c) (Number) -> Int32).self)?(&value) == 0
  }

  private func handle(_ index: UInt32) -> Handle? {
    var device: Handle?
    typealias Function = @convention(c) (UInt32, UnsafeMutablePointer<Handle?>) -> Int32
    guard let get = function("nvmlDeviceGetHandleByIndex_v2", as: Function.self), get(index, &device) == 0 else {
      return nil
    }
    return device
  }

  private func number(_ name: String, of device: Handle) -> Int? {
    var value: UInt32 = 0
    guard let get = function(name, as: (@convention(c) (Handle, Number) -> Int32).self), get(device, &value) == 0
    else { return nil }
    return Int(value)
  }

  private func number(_ name: String, of device: Handle, at index: UInt32) -> Int? {
    var value: UInt32 = 0
    typealias Function = @convention(c) (Handle, UInt32, Number) -> Int32
    guard let get = function(name, as: Function.self), get(device, index, &value) == 0 else { return nil }
    return Int(value)
  }

  private func pair(_ name: String, of device: Handle) -> (Int, Int)? {
    var first: UInt32 = 0
    var second: UInt32 = 0
    typealias Function = @convention(c) (Handle, Number, Number) -> Int32
    guard let get = function(name, as: Function.self), get(device, &first, &second) == 0 else { return nil }
    return (Int(first), Int(second))
  }

  private func text(_ body: (UnsafeMutablePointer<CChar>, UInt32) -> Int32?) -> String? {
    var buffer = [CChar](repeating: 0, count: 128)
    let code = buffer.withUnsafeMutableBufferPointer { space -> Int32? in
      space.baseAddress.flatMap { body($0, 127) }
    }
    guard code == 0 else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var driver: String? {
    text {
      function(
        "nvmlSystemGetDriverVersion", as: (@convention(c) (UnsafeMutablePointer<CChar>, UInt32) -> Int32).self)?(
          $0, $1)
    }
  }

  var cuda: Int? {
    var version: UInt32 = 0
    return number("nvmlSystemGetCudaDriverVersion_v2", &version) ? Int(version) : nil
  }

  /// Energy since the driver was loaded, which Volta and later count, and the power at this moment.
  func power(of handle: Handle) -> NVMLPower {
    var millijoules: UInt64 = 0
    typealias Function = @convention(c) (Handle, UnsafeMutablePointer<UInt64>) -> Int32
    let code = function("nvmlDeviceGetTotalEnergyConsumption", as: Function.self)?(handle, &millijoules)
    return NVMLPower(
      millijoules: code == 0 ? millijoules : nil, milliwatts: number("nvmlDeviceGetPowerUsage", of: handle))
  }

  func device(_ handle: Handle) -> NVMLReading.Device {
    var device = NVMLReading.Device()
    typealias Name = @convention(c) (Handle, UnsafeMutablePointer<CChar>, UInt32) -> Int32
    device.name = text { function("nvmlDeviceGetName", as: Name.self)?(handle, $0, $1) }
    device.address = pci { space in
      function("nvmlDeviceGetPciInfo_v3", as: (@convention(c) (Handle, Handle) -> Int32).self)?(handle, space)
    }
    if let memory = memory(handle) { (device.totalBytes, device.reservedBytes, device.freeBytes) = memory }
    device.busyPercent = busyPercent(handle)
    if let (major, minor) = pair("nvmlDeviceGetCudaComputeCapability", of: handle) {
      device.capability = "\(major).\(minor)"
    }
    device.busWidthBits = number("nvmlDeviceGetMemoryBusWidth", of: handle)
    device.maximumMemoryMegahertz = maximumClock(handle)
    device.pcieGeneration = number("nvmlDeviceGetMaxPcieLinkGeneration", of: handle)
    device.pcieWidth = number("nvmlDeviceGetMaxPcieLinkWidth", of: handle)
    device.milliwatts = number("nvmlDeviceGetEnforcedPowerLimit", of: handle)
    device.isMIG = pair("nvmlDeviceGetMigMode", of: handle).map { $0.0 == 1 }
    if device.isMIG == true { (device.instances, device.slices) = instances(handle) }
    device.links = (0..<UInt32(18)).compactMap { link(handle, $0) }
    return device
  }

  /// Clock 2 is the memory's.
  private func maximumClock(_ handle: Handle) -> Int? { number("nvmlDeviceGetMaxClockInfo", of: handle, at: 2) }

  /// Calls with room for nvmlPciInfo_t and reads its last field, the address as text.
  private func pci(_ body: (Handle) -> Int32?) -> String? {
    var space = [UInt8](repeating: 0, count: 128)
    let code = space.withUnsafeMutableBytes { $0.baseAddress.flatMap(body) }
    guard code == 0 else { return nil }
    // busIdLegacy[16], five 32-bit numbers, busId[32].
    return String(decoding: space[36..<68].prefix { $0 != 0 }, as: UTF8.self)
  }

  private func memory(_ handle: Handle) -> (UInt64?, UInt64?, UInt64?)? {
    typealias Function = @convention(c) (Handle, Handle) -> Int32
    var values = [UInt64](repeating: 0, count: 8)
    // The second version's first field is its size and number: 40 bytes, version 2; reserved memory is told apart there.
    values[0] = 40 | 2 << 24
    let code = values.withUnsafeMutableBytes { space in
      space.baseAddress.flatMap { function("nvmlDeviceGetMemoryInfo_v2", as: Function.self)?(handle, $0) }
    }
    if code == 0 { return (values[1], values[2], values[3]) }
    let old = values.withUnsafeMutableBytes { space in
      space.baseAddress.flatMap { function("nvmlDeviceGetMemoryInfo", as: Function.self)?(handle, $0) }
    }
    return old == 0 ? (values[0], nil, values[1]) : nil
  }

  /// The first of the two numbers of nvmlUtilization_t, which a card with MIG does not tell.
  private func busyPercent(_ handle: Handle) -> Int? {
    var values: [UInt32] = [0, 0]
    typealias Function = @convention(c) (Handle, Handle) -> Int32
    let code = values.withUnsafeMutableBytes { space in
      space.baseAddress.flatMap { function("nvmlDeviceGetUtilizationRates", as: Function.self)?(handle, $0) }
    }
    return code == 0 && values[0] <= 100 ? Int(values[0]) : nil
  }

  private func instances(_ handle: Handle) -> ([Int: UInt64], [Int: Int]) {
    var instances: [Int: UInt64] = [:]
    var slices: [Int: Int] = [:]
    typealias Function = @convention(c) (Handle, UInt32, UnsafeMutablePointer<Handle?>) -> Int32
    guard let get = function("nvmlDeviceGetMigDeviceHandleByIndex", as: Function.self) else { return ([:], [:]) }
    for index in 0..<UInt32(min(64, number("nvmlDeviceGetMaxMigDeviceCount", of: handle) ?? 8)) {
      var slice: Handle?
      guard get(handle, index, &slice) == 0, let slice, let total = memory(slice)?.0 else { continue }
      let id = number("nvmlDeviceGetGpuInstanceId", of: slice) ?? Int(index)
      instances[id] = total
      slices[id] = sliceCount(slice)
    }
    return (instances, slices)
  }

  /// The seventh 32-bit number of nvmlDeviceAttributes_t counts the compute slices of the GPU instance.
  private func sliceCount(_ slice: Handle) -> Int? {
    var values = [UInt32](repeating: 0, count: 32)
    typealias Function = @convention(c) (Handle, Handle) -> Int32
    let code = values.withUnsafeMutableBytes { space in
      space.baseAddress.flatMap { function("nvmlDeviceGetAttributes_v2", as: Function.self)?(slice, $0) }
    }
    return code == 0 && (1...7).contains(values[6]) ? Int(values[6]) : nil
  }

  private func link(_ handle: Handle, _ index: UInt32) -> NVMLReading.Link? {
    guard number("nvmlDeviceGetNvLinkState", of: handle, at: index) == 1 else { return nil }
    typealias Function = @convention(c) (Handle, UInt32, Handle) -> Int32
    let remote = pci { function("nvmlDeviceGetNvLinkRemotePciInfo_v2", as: Function.self)?(handle, index, $0) }
    // Device type 2 is a switch.
    let isSwitch = number("nvmlDeviceGetNvLinkRemoteDeviceType", of: handle, at: index) == 2
    let version = number("nvmlDeviceGetNvLinkVersion", of: handle, at: index) ?? 0
    return NVMLReading.Link(remote: remote, isSwitch: isSwitch, version: version)
  }
}
