import Platform

/// Intel's Level Zero loader, opened when it is first asked; a machine without it is normal.
///
/// The structures are those of zes_api.h, which only ever gained new ones: each has its kind in the first four bytes, a
/// null pointer at 8, and its own fields from 16 on.
public struct LevelZeroLibrary: IntelManagement {
  private typealias Handle = UnsafeMutableRawPointer

  public init() {}

  public func reading() -> LevelZeroReading? {
    // The library stays open: its threads may outlive the call.
    guard let library = dlopen("libze_loader.so.1", RTLD_NOW | RTLD_LOCAL) else { return nil }
    let session = Session(library: library)
    guard session.start() else { return nil }
    let drivers = session.handles { session.list("zesDriverGet", $0, $1) }
    let devices = drivers.flatMap { driver in session.handles { session.list("zesDeviceGet", driver, $0, $1) } }
    return devices.isEmpty ? nil : LevelZeroReading(devices: devices.prefix(1024).map { session.device($0) })
  }

  /// Calls by name; every function may be missing, and every answer may be an error.
  private struct Session {
    typealias Count = UnsafeMutablePointer<UInt32>
    typealias Handles = UnsafeMutablePointer<Handle?>
    let library: Handle

    // Sound: the signatures are those of zes_api.h.
    private func function<Type>(_ name: String, as type: Type.Type) -> Type? {
      dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }

    func start() -> Bool { function("zesInit", as: (@convention(c) (UInt32) -> Int32).self)?(0) == 0 }

    func list(_ name: String, _ count: Count, _ room: Handles?) -> Bool {
      function(name, as: (@convention(c) (Count, Handles?) -> Int32).self)?(count, room) == 0
    }

    func list(_ name: String, _ parent: Handle, _ count: Count, _ room: Handles?) -> Bool {
      function(name, as: (@convention(c) (Handle, Count, Handles?) -> Int32).self)?(parent, count, room) == 0
    }

    /// Asks for the number of handles, then for the handles.
    func handles(_ ask: (Count, Handles?) -> Bool) -> [Handle] {
      var count: UInt32 = 0
      guard ask(&count, nil), count > 0, count <= 1024 else { return [] }
      var found = [Handle?](repeating: nil, count: Int(count))
      let isAnswered = found.withUnsafeMutableBufferPointer { ask(&count, $0.baseAddress) }
      return isAnswered ? found.compactMap { $0 } : []
    }

    /// Returns a structure as bytes: its kind set, room for all fields of every version.
    private func structure(_ name: String, of handle: Handle, kind: UInt32) -> [UInt8]? {
      var space = [UInt8](repeating: 0, count: 1024)
      let code = space.withUnsafeMutableBytes { bytes -> Int32? in
        bytes.storeBytes(of: kind, as: UInt32.self)
        return bytes.baseAddress.flatMap {
          function(name, as: (@convention(c) (Handle, Handle) -> Int32).self)?(handle, $0)
        }
      }
      return code == 0 ? space : nil
    }

    func device(_ handle: Handle) -> LevelZeroReading.Device {
      var device = LevelZeroReading.Device()
      if let properties = properties(handle) {
        // The core's name stands at 112 of the structure inside, which begins at 16; the model's at 580, the driver's at 708.
        device.name = Self.text(properties, 128, 256) ?? Self.text(properties, 580, 64)
        device.driver = Self.text(properties, 708, 64)
      }
      if let pci = structure("zesDevicePciGetProperties", of: handle, kind: 0x2) {
        let place = (0..<4).map { Int(Self.value(pci, 16 + 4 * $0, as: UInt32.self)) }
        device.address = MachineText.pciAddress(domain: place[0], bus: place[1], device: place[2], function: place[3])
        let rate = Self.value(pci, 40, as: Int64.self)
        if rate > 0 { device.hostBytesPerSecond = rate }
      }
      for module in handles({ list("zesDeviceEnumMemoryModules", handle, $0, $1) }) { add(module, to: &device) }
      return device
    }

    /// The structure inside has a kind of its own at 16.
    private func properties(_ handle: Handle) -> [UInt8]? {
      var space = [UInt8](repeating: 0, count: 2048)
      let code = space.withUnsafeMutableBytes { bytes -> Int32? in
        bytes.storeBytes(of: 0x1, as: UInt32.self)
        bytes.storeBytes(of: 0x3, toByteOffset: 16, as: UInt32.self)
        let name = "zesDeviceGetProperties"
        return bytes.baseAddress.flatMap {
          function(name, as: (@convention(c) (Handle, Handle) -> Int32).self)?(handle, $0)
        }
      }
      return code == 0 ? space : nil
    }

    /// Adds a module that is on the card; one in the machine's memory is none of the card's.
    private func add(_ module: Handle, to device: inout LevelZeroReading.Device) {
      let isOnCard = structure("zesMemoryGetProperties", of: module, kind: 0xb).map {
        Self.value($0, 28, as: UInt32.self) == 1
      }
      guard isOnCard == true, let state = structure("zesMemoryGetState", of: module, kind: 0x1e) else { return }
      device.freeBytes = (device.freeBytes ?? 0) &+ Self.value(state, 24, as: UInt64.self)
      device.totalBytes = (device.totalBytes ?? 0) &+ Self.value(state, 32, as: UInt64.self)
    }

    private static func value<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, as type: Number.Type)
      -> Number
    {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    private static func text(_ bytes: [UInt8], _ offset: Int, _ length: Int) -> String? {
      let text = String(decoding: bytes[offset..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
      return text.isEmpty ? nil : text
    }
  }
}
