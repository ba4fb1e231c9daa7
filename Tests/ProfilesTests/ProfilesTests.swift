import Testing

@Suite struct ProfilesTests {}
