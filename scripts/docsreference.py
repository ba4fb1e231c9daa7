"""docs/commands.md: every command with its options, and every JSON document, from the program's own help and schemas."""
import glob, json, os

HEAD = """# Commands and documents

Every command with its options, as `--help-all` shows them, and every JSON document. `scripts/check-docs` writes this page from the
program's help and from the JSON schemas in `Sources/plimsoll/Schemas`. What holds for all commands is in [reference](reference.md).
"""


def names(argument):
    """`--context, --max-context TOKENS`."""
    if argument["kind"] == "positional":
        text = argument.get("valueName", "argument").upper() + ("..." if argument.get("isRepeating") else "")
        return "`%s`" % text
    words = ["--" + name["name"] if name["kind"] == "long" else "-" + name["name"] for name in argument["names"]]
    value = " " + argument.get("valueName", "value").upper() if argument["kind"] == "option" else ""
    return "`%s%s`" % (", ".join(words), value)


def meaning(argument):
    text = argument.get("abstract", "")
    values = argument.get("allValues") or []
    if values and not all(value in text for value in values):
        text = text.rstrip(".") + ": " + ", ".join(values) + "."
    default = argument.get("defaultValue")
    if default and "default" not in text:
        text += " Default: %s." % default
    return text.replace("|", "\\|").replace("<", "&lt;")


def shown(argument):
    """Old names of options have no text; `--help` and `--version` are everywhere."""
    return argument.get("abstract") and not {name["name"] for name in argument.get("names", [])} & {"help", "version"}


def command_text(command, parents, level):
    words = " ".join(parents + [command["commandName"]])
    out = ["%s plimsoll %s" % ("#" * level, words), "", command.get("abstract", "")]
    examples = [line.strip() for line in command.get("discussion", "").split("\n") if line.startswith("  plimsoll ")]
    if examples:
        out += ["", "```sh"] + examples + ["```"]
    sections = {}
    for argument in command.get("arguments", []):
        if shown(argument):
            title = argument.get("sectionTitle") or ("Arguments" if argument["kind"] == "positional" else "Options")
            sections.setdefault(title, []).append(argument)
    if sections:
        out += ["", "| option | meaning |", "| --- | --- |"]
        for title, members in sections.items():
            out.append("| **%s** | |" % title)
            out += ["| %s | %s |" % (names(one), meaning(one)) for one in members]
    out.append("")
    for one in command.get("subcommands", []):
        if one.get("shouldDisplay", True) and one["commandName"] != "help":
            out += command_text(one, parents + [command["commandName"]], level + 1)
    return out


def kind(schema, root):
    """What a field holds, in a word or two."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1]
    if "const" in schema:
        return "`%s`" % schema["const"]
    if "enum" in schema:
        return "one of " + ", ".join("`%s`" % value for value in schema["enum"])
    if schema.get("type") == "array":
        return "list of " + kind(schema.get("items", {}), root)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(kind(one, root) for one in schema[word])
    types = schema.get("type", "any")
    return " or ".join(types) if isinstance(types, list) else types


def documents(folder):
    out = ["## JSON documents", "", "`--json` prints one of these. A field keeps its meaning as long as the number of its schema stays."]
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path) as file:
            schema = json.load(file)
        out += ["", "### %s" % schema.get("$id", os.path.basename(path)), "", schema.get("title", "") + ".", "", "| field | value | meaning |", "| --- | --- | --- |"]
        needed = set(schema.get("required", []))
        for name, field in schema.get("properties", {}).items():
            text = field.get("description", "") + ("" if name in needed else " May be absent.")
            out.append("| `%s` | %s | %s |" % (name, kind(field, schema).replace("|", "\\|"), text.strip().replace("|", "\\|")))
    return out


def page(help_as_json, folder):
    lines = [HEAD.rstrip("\n"), ""]
    for command in help_as_json["subcommands"]:
        if command.get("shouldDisplay", True) and command["commandName"] != "help":
            lines += command_text(command, [], 2)
    return "\n".join(lines + documents(folder)) + "\n"
