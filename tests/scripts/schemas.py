"""The schemas of configs/schema for tests, with validators that find those named in $ref."""

import json
import pathlib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def all_schemas():
    return {path.name[:-len(".schema.json")]: json.loads(path.read_text(encoding="utf-8"))
            for path in (ROOT / "configs/schema").glob("*.schema.json")}


def validator(name):
    schemas = all_schemas()
    schema = schemas[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    store = {each["$id"]: each for each in schemas.values()}
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)
