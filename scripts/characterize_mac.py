#!/usr/bin/python3
"""Area of one MAC of anybody's, by the flow of rtl/synth: what `bitscale cosim --characterize` calls.

  scripts/characterize_mac.py --top my_mac my_mac.sv -o area.json
"""

import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rtl/synth"))
import synthesize  # noqa: E402  (found through the line above)


def parameter(text):
    name, _, value = text.partition("=")
    return name, int(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--top", required=True)
    parser.add_argument("--param", action="append", default=[], type=parameter)
    parser.add_argument("--beside", action="append", default=[], type=pathlib.Path, metavar="FILE",
                        help="a file that the others include, or a module found beside them; repeatable")
    parser.add_argument("--liberty", default=synthesize.DEFAULT_LIBERTY, type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=synthesize.ROOT / "build/synth")
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
    options = parser.parse_args()
    try:
        library = synthesize.Library(options.liberty)
        result = synthesize.synthesize(options.top, dict(options.param), library, options.cache, options.files,
                                       options.beside)
    except synthesize.SynthesisError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(str(error))
    document = {"library": library.name, **{key: result[key] for key in ("area_um2", "cells", "flip_flops")}}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
