import Testing

@Suite struct HubTests {}
