"""Many designs at once: results in order, progress to stderr."""

import concurrent.futures
import sys


def run_all(measure, tasks, jobs, what, every):
    """[measure(task), …]; `what` is said of every so many that are done."""
    tasks, rows = list(tasks), []
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for row in pool.map(measure, tasks):
            rows.append(row)
            if len(rows) % every == 0:
                print(f"characterize: {what} of {len(rows)} of {len(tasks)} designs", file=sys.stderr)
    return rows
