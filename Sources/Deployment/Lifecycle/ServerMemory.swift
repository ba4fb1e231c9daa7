public import Engines
import Units

extension Deployer {
  /// What a running server says that it allocated, and what it holds.
  public func memory(of deployment: Deployment) -> EngineMemory {
    // Engines tell it while they load: the beginning of the log is enough, however long the server has been up.
    let log = readRange(deployment.log, from: 0, count: 4 << 20) ?? []
    let operation = EngineCatalogue.engine(deployment.engine).operation
    let text = String(decoding: log, as: UTF8.self)
    var memory = EngineMemory(log: text, lines: operation.memoryLines, build: deployment.engineBuild)
    memory.layersOnAccelerators = EngineMemory.layersOnAccelerators(log: text, words: operation.layerWords)
    if let leader = deployment.process {
      let resident = ProcessGroup(leader: leader).residentBytes()
      if resident > .zero {
        memory.residentBytes = Figure(resident, .measured, "resident memory of its processes after the first token")
      }
    }
    return memory
  }
}
