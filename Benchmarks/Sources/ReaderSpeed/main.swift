do {
  try ReaderSpeed.run(Array(CommandLine.arguments.dropFirst()))
} catch {
  print("reader-speed: \(error)")
}
