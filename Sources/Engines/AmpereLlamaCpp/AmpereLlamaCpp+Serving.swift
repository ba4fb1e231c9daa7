extension AmpereLlamaCpp {
  public func nodeBinding(_ node: Int) -> NodeBinding { base.nodeBinding(node) }

  public var serving: ServingFacts {
    var facts = base.serving
    var images = ContainerImages(processors: "docker.io/amperecomputingai/llama.cpp:3.4.1")
    // Its releases follow llama.cpp at a distance.
    images.knowsOptionalFlags = false
    facts.container = .images(images)
    facts.recipes = []
    return facts
  }
}
