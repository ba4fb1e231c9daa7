import Benchmarking

await ClientSpeed.run(Array(CommandLine.arguments.dropFirst()))
