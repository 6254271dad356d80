"""How a probability is written for people."""


def percent(probability: float, decimals: int = 0) -> str:
    """`probability` (0 to 1) in per cent, never rounded up to certainty: 0.9996 with one decimal is "99.9 %"."""
    most = 100 - 10**-decimals
    return f"{min(100 * probability, most):.{decimals}f} %"
