import Testing

@Suite struct HardwareTests {}
