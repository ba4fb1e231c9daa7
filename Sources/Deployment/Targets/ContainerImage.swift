import Engines

/// The image of an engine for the devices' maker, and the program in it that is started.
struct ContainerImage: Hashable, Sendable {
  let name: String
  /// Nil leaves the program to the image.
  let program: String?

  init(_ request: TargetRequest) {
    let images = request.serving.container.images
    name = request.image ?? images?.image(for: request.vendor, architecture: request.architecture) ?? ""
    program = images?.program
  }
}
