/// The entry; one line, since closures made here would be bound to the main actor.
@main
enum Main {
  static func main() async {
    await CommandLineProgram.run()
  }
}
