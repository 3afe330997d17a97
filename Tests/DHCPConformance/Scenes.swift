extension Scene {
    /// The scenes with the facts alone in which the drivers are unlike each other.
    public static let differing: [Scene] = all.compactMap { scene in
        let facts = scene.facts.filter { $0.difference != nil }
        return facts.isEmpty ? nil : Scene(scene, facts)
    }

    /// All scenes of the suite.
    public static let all: [Scene] =
        [V4StateFacts.scene, V4PortOptionFacts.scene, V4RelayFacts.scene, V4FormFacts.scene, V6Facts.scene]
        + V4OptionFacts.scenes + V6SceneFacts.scenes + RouterFacts.scenes + DNSFacts.scenes
        + LiveFacts.scenes
}
