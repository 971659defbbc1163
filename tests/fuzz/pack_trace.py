#!/usr/bin/env python3
"""Packs a trace's folder into one seed of trace_fuzz: pack_trace.py FOLDER SEED.

The format is at the head of tests/fuzz/trace_fuzz.cpp. Checksums become the names of their files.
"""
import pathlib
import re
import struct
import sys


def main():
    folder, seed = map(pathlib.Path, sys.argv[1:])
    document = (folder / "trace.json").read_text()
    document = re.sub(
        r'("file": "([^"]+)"(?:[^{}]|\{[^{}]*\})*?"sha256": ")[0-9a-f]{64}"', r'\1\2"', document
    )
    files = {"trace.json": document.encode()}
    for path in sorted(folder.glob("*.npy")):
        files[path.name] = path.read_bytes()
    packed = b""
    for name, content in files.items():
        packed += bytes([len(name)]) + name.encode() + struct.pack("<I", len(content)) + content
    seed.write_bytes(packed)


if __name__ == "__main__":
    main()
