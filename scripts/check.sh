#!/usr/bin/env bash
# Every static check, the same by hand and in CI: format, style, include rule, shell, RTL lint,
# clang-tidy. Runs all of them and fails if any found something.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
scripts/install.sh test || exit 1

failed=()
check() {  # check NAME COMMAND…
  echo "== check $1" >&2
  "${@:2}" || failed+=("$1")
}

check_format() {
  /usr/bin/python3 scripts/check_style.py --list-cpp | xargs clang-format --dry-run -Werror
}
check_shell() {
  /usr/bin/python3 scripts/check_style.py --list-shell | xargs shellcheck
}
check_tidy() {
  cmake --preset release -DBITSCALE_TRAINING=ON >&2 && /usr/bin/python3 scripts/tidy.py --build build/release
}

check format check_format
check style /usr/bin/python3 scripts/check_style.py
check includes /usr/bin/python3 scripts/check_includes.py
check shell check_shell
if [ -x scripts/lint_rtl.sh ]; then check rtl scripts/lint_rtl.sh; fi
check tidy check_tidy

if [ "${#failed[@]}" -gt 0 ]; then
  echo "check.sh: failed: ${failed[*]}" >&2
  exit 1
fi
echo "check.sh: all static checks passed" >&2
