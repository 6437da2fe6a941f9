#!/usr/bin/env python3
"""Makes the completions of bash, zsh and fish in deploy/completion from what the program says of its command line.

    docs/completions.py PROGRAM           writes the files
    docs/completions.py PROGRAM --check   ends with 1 when a file there is another one
"""
import sys

from made_files import main, program_says

FOLDER = "deploy/completion/"
MADE = "# Made by docs/completions.py from what the program says of its command line.\n"
# What completes a value whose type does not say it: by an option's name or a positional's.
FILES = ("--config",)
DIRECTORIES = ("--state",)
WORDS = {"VALUE": ("ON", "OFF", "TOGGLE")}


def named(command):
    return [option for option in command["options"] if option["names"]]


def positionals(command):
    return [option for option in command["options"] if option["positional"]]


def choices(option):
    """The words a value can be; empty when it can be anything."""
    if option["positional"]:
        return WORDS.get(option["positional"], ())
    return tuple(option["value"].split("|")) if "|" in option["value"] else ()


def short(description):
    """The first part of a description: one line of a menu."""
    return description.split("; ")[0].split(". ")[0]


# ── bash ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

def bash_value(option):
    if any(name in FILES for name in option["names"]):
        return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))"
    if any(name in DIRECTORIES for name in option["names"]):
        return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))"
    return f"COMPREPLY=($(compgen -W '{' '.join(choices(option))}' -- \"$current\"))"


def bash(line):
    text = MADE + """
_board2mqtt() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  COMPREPLY=()
  case $command in
"""
    for command in line["subcommands"]:
        text += f"    {command['name']})\n      case $previous in\n"
        for option in named(command):
            if option["value"]:
                text += f"        {'|'.join(option['names'])}) {bash_value(option)}; return ;;\n"
        text += "      esac\n"
        words = [name for option in named(command) for name in option["names"]]
        words += [word for option in positionals(command) for word in choices(option)]
        text += f"      COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$current\")) ;;\n"
    words = [command["name"] for command in line["subcommands"]] + [name for option in named(line) for name in option["names"]]
    text += f"    *) COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$current\")) ;;\n  esac\n}}\ncomplete -F _board2mqtt board2mqtt\n"
    return text


# ── zsh ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

def zsh_quoted(words):
    return words.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_value(option):
    if any(name in FILES for name in option["names"]):
        return "_files"
    if any(name in DIRECTORIES for name in option["names"]):
        return "_directories"
    return f"({' '.join(choices(option))})" if choices(option) else " "


def zsh_option(option):
    names = option["names"]
    value = f":{zsh_quoted(option['value'].split(':')[0])}:{zsh_value(option)}" if option["value"] else ""
    about = f"[{zsh_quoted(short(option['description']))}]{value}"
    alone = f"({' '.join(names)})" if len(names) > 1 and not option["many"] else "*" if option["many"] else ""
    spelled = "{" + ",".join(names) + "}" if len(names) > 1 else ""
    return f"'{alone}'{spelled}'{about}'" if spelled else f"'{alone}{names[0]}{about}'"


def zsh(line):
    text = "#compdef board2mqtt\n" + MADE + """
_board2mqtt() {
  local line state
  _arguments -C \\
"""
    text += "".join(f"    {zsh_option(option)} \\\n" for option in named(line))
    text += "    '1:command:->command' '*::argument:->argument'\n  case $state in\n    command)\n      local -a commands=(\n"
    for command in line["subcommands"]:
        text += f"        '{command['name']}:{zsh_quoted(short(command['description']))}'\n"
    text += "      )\n      _describe command commands ;;\n    argument)\n      case $line[1] in\n"
    for command in line["subcommands"]:
        specs = [zsh_option(option) for option in named(command)]
        for option in positionals(command):
            place = "*" if option["many"] else ""
            specs.append(f"'{place}:{option['positional'].lower()}:{zsh_value(option)}'")
        text += f"        {command['name']})\n          _arguments \\\n" + " \\\n".join(f"            {spec}" for spec in specs) + " ;;\n"
    return text + "      esac ;;\n  esac\n}\n\n_board2mqtt \"$@\"\n"


# ── fish ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

def fish_quoted(words):
    return "'" + words.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_option(option):
    parts = []
    for name in option["names"]:
        parts.append(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}")
    if option["value"]:
        files = any(name in FILES for name in option["names"])
        folders = any(name in DIRECTORIES for name in option["names"])
        parts.append("-r -F" if files else "-x -a '(__fish_complete_directories)'" if folders else
                     f"-x -a {fish_quoted(' '.join(choices(option)))}" if choices(option) else "-x")
    return " ".join([*parts, "-d", fish_quoted(short(option["description"]))])


def fish(line):
    text = MADE + "complete -c board2mqtt -f\n"
    for option in named(line):
        text += f"complete -c board2mqtt -n __fish_use_subcommand {fish_option(option)}\n"
    for command in line["subcommands"]:
        text += f"complete -c board2mqtt -n __fish_use_subcommand -a {command['name']} -d {fish_quoted(short(command['description']))}\n"
    for command in line["subcommands"]:
        seen = f"'__fish_seen_subcommand_from {command['name']}'"
        for option in named(command):
            text += f"complete -c board2mqtt -n {seen} {fish_option(option)}\n"
        words = [word for option in positionals(command) for word in choices(option)]
        if words:
            text += f"complete -c board2mqtt -n {seen} -a {fish_quoted(' '.join(words))}\n"
    return text


def files(program):
    line = program_says(program, "command-line")
    return {FOLDER + "board2mqtt": bash(line), FOLDER + "_board2mqtt": zsh(line), FOLDER + "board2mqtt.fish": fish(line)}


if __name__ == "__main__":
    sys.exit(main(files))
