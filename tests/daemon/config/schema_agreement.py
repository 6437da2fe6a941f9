"""Holds the loader and the JSON Schema against each other: what one refuses, the other refuses too.

The problems that a schema cannot express are listed in loader_only.txt, so that a rule which the schema
could express and does not is noticed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema


def without_comments(text):
    """JSON without // and /* */ comments; strings are left alone."""
    out, at = [], 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while end < len(text) and text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[at : end + 1])
            at = end + 1
        elif text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def schema_takes(validator, path):
    text = path.read_bytes().decode("utf-8-sig")
    try:
        document = json.loads(without_comments(text), object_pairs_hook=unique)
    except ValueError as error:
        return False, str(error)
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return (True, "") if error is None else (False, f"{error.json_path}: {error.message[:200]}")


def loader_takes(program, path, credentials):
    run = subprocess.run([program, "check", "--config", path], capture_output=True, text=True, timeout=20,
                         env={**os.environ, "CREDENTIALS_DIRECTORY": credentials}, check=False)
    if run.returncode not in (0, 78):
        sys.exit(f"{path}: check ended with {run.returncode}\n{run.stderr}")
    return run.returncode == 0, run.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--golden", type=pathlib.Path, required=True)
    parser.add_argument("--shipped", type=pathlib.Path, required=True)
    args = parser.parse_args()

    schema = json.loads(subprocess.run([args.program, "schema"], capture_output=True, check=True, timeout=20).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = (args.golden / "loader_only.txt").read_text().splitlines()
    loader_only = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}

    files = sorted([*args.golden.glob("bad/*.json"), *args.golden.glob("good/*.json"), args.shipped / "board2mqtt.json",
                    *args.shipped.glob("examples/*.json")])
    failures = [f"loader_only.txt names {name}, which does not exist" for name in loader_only
                if not (args.golden / "bad" / f"{name}.json").exists()]
    with tempfile.TemporaryDirectory() as credentials:
        secret = pathlib.Path(credentials, "mqtt-password")
        secret.write_text("secret\n")
        secret.chmod(0o400)
        for path in files:
            by_schema, why_schema = schema_takes(validator, path)
            by_loader, why_loader = loader_takes(args.program, path, credentials)
            only_loader = path.parent.name == "bad" and path.stem in loader_only
            if only_loader and not by_schema:
                failures.append(f"{path.name}: the schema refuses it too ({why_schema}); take it off loader_only.txt")
            elif by_schema != by_loader and not only_loader:
                failures.append(f"{path.name}: schema {'takes' if by_schema else 'refuses'} it, loader does not agree\n"
                                f"  schema: {why_schema}\n  loader: {why_loader.strip()}")
    print("\n".join(failures) or f"{len(files)} files: loader and schema agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
