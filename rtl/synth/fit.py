"""Relative least squares with coefficients that are not negative."""

import itertools


def solve(matrix, vector):
    """Gaussian elimination with pivoting; None for a singular matrix."""
    size = len(vector)
    rows = [list(row) + [value] for row, value in zip(matrix, vector)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        if abs(rows[pivot][column]) < 1e-12:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for r in range(size):
            if r != column:
                factor = rows[r][column] / rows[column][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column])]
    return [rows[k][size] / rows[k][k] for k in range(size)]


def fit_non_negative(features, values):
    """Coefficients >= 0 with the least sum of squared relative errors. Tries every set of features:
    for the handful there is, that is exact and needs no tolerance."""
    scaled = [[f / value for f in row] for row, value in zip(features, values)]
    count = len(features[0])
    gram = [[sum(row[i] * row[j] for row in scaled) for j in range(count)] for i in range(count)]
    sums = [sum(row[i] for row in scaled) for i in range(count)]
    best, best_gain = [0.0] * count, 0.0
    for size in range(1, count + 1):
        for chosen in itertools.combinations(range(count), size):
            found = solve([[gram[i][j] for j in chosen] for i in chosen], [sums[i] for i in chosen])
            if found is None or min(found) < 0:
                continue
            gain = sum(c * sums[i] for c, i in zip(found, chosen))  # what the residual loses
            if gain > best_gain + 1e-12:
                best, best_gain = [0.0] * count, gain
                for c, i in zip(found, chosen):
                    best[i] = c
    return best


def errors(guesses, values):
    """{"mean", "max", "rows"} of |guess / value - 1|."""
    relative = [abs(guess / value - 1) for guess, value in zip(guesses, values)]
    return {"mean": round(sum(relative) / len(relative), 4), "max": round(max(relative), 4),
            "rows": len(relative)}
