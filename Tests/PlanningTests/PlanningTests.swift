import Testing

@Suite struct PlanningTests {}
