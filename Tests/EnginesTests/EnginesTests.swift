import Testing

@Suite struct EnginesTests {}
