"""How good a version is: accuracy with its uncertainty, confusion, honesty of the confidence; and the model card.

Works on a `.tflite` as it ships, without TensorFlow. `python -m model.evaluation [VERSION]` prints the card as a page.
"""

import argparse
import sys
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from model.handwriting import TRAINED_ON
from model.registry import PRETRAINED, Refusal, Registry, Version, open_version

Floats = NDArray[np.float64]
BATCH = 500  # pictures
Z = 1.96  # standard deviations: 95 % of a normal distribution
DIGITS = 10  # the first outputs of a network; an eleventh is "not a digit"
BINS = 10  # of confidence, equally wide


def run(tflite: bytes, pictures: NDArray[np.float32]) -> Floats:
    """The logits (n, outputs) of a `.tflite` for pictures (n, 28, 28), 0 to 1; ValueError for other files."""
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    entry, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    parts = []
    for start in range(0, len(pictures), BATCH):
        part = pictures[start : start + BATCH, ..., None]
        interpreter.resize_tensor_input(entry, part.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry, part)
        interpreter.invoke()
        parts.append(interpreter.get_tensor(result))
    return np.concatenate(parts).astype(np.float64)


def probabilities(logits: Floats, temperature: float) -> Floats:
    """Softmax of the logits divided by the temperature: Guo et al. 2017, "On calibration of modern neural networks"."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_temperature(logits: Floats, labels: NDArray[np.uint8]) -> float:
    """The temperature under which the labels are most probable, found on an ever finer grid of ratios."""
    best, width = 1.0, 4.0
    for _ in range(6):
        tried = best * np.geomspace(1 / width, width, 17)
        best = float(tried[np.argmin([_surprise(logits, labels, temperature) for temperature in tried])])
        width **= 0.25
    return best


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of which `right` of `n` were seen: Wilson 1927."""
    share = right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return float(middle - half), float(middle + half)


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: the mean gap between confidence and share right, over ten equal bins: 0 to 1."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float((right[bins == b] - confidence[bins == b]).sum())) for b in range(BINS)]
    return sum(gaps) / len(confidence)


def measure(logits: Floats, labels: NDArray[np.uint8], temperature: float, refuse_below: float) -> dict[str, Any]:
    """What a card says of one set: right, of, refused, accuracy, interval, calibration_error, brier, confusion.

    An answer is what a reader's is: the likeliest digit, or "not a digit" (10) where it is less probable than
    `refuse_below`. `digits` and `likeliest` count the digits and those whose likeliest digit is right, refused or not.
    The calibration error is over the digits answered.
    """
    said = probabilities(logits, temperature)
    digits = said[:, :DIGITS]
    confidence = digits.max(axis=1)
    answers = np.where(confidence >= refuse_below, digits.argmax(axis=1), DIGITS)
    answered = answers < DIGITS
    confusion = np.zeros((max(DIGITS, int(labels.max()) + 1), DIGITS + 1), int)
    np.add.at(confusion, (labels, answers), 1)
    right = answers == labels
    truth = np.eye(said.shape[1])[labels]
    return {
        "right": int(right.sum()),
        "of": len(labels),
        "refused": int((~answered).sum()),
        "digits": int((labels < DIGITS).sum()),
        "likeliest": int((digits.argmax(axis=1) == labels).sum()),
        "accuracy": round(float(right.mean()), 6),
        "interval": [round(end, 6) for end in wilson(int(right.sum()), len(labels))],
        "calibration_error": round(calibration_error(confidence[answered], right[answered]), 6),
        "brier": round(float(((said - truth) ** 2).sum(axis=1).mean()), 6),
        "confusion": confusion.tolist(),
    }


def _surprise(logits: Floats, labels: NDArray[np.uint8], temperature: float) -> float:
    said = probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(said, 1e-12)).mean())


def page(version: Version) -> str:
    """The version's card as Markdown."""
    card = version.card
    test = "MNIST's test set" if card["data"]["published"] else "the test set"
    sets = {
        "test": test,
        "validation": "MNIST's validation split",
        "validation_distorted": "validation pictures, worn and distorted",
    }
    learnt = "".join(f"\n- {name} ({TRAINED_ON[name]})" for name in card["data"]["sets"])
    return PAGE.format(
        **card,
        rows="\n".join(_row(name, card[part]) for part, name in sets.items()),
        strangers=_unseen(card.get("unseen", {})),
        confusion=_confusion(card["test"]["confusion"]),
        learnt=f", and, drawn with many pens on many papers, from{learnt}" if learnt else " alone.",
        tflite=card["files"]["model.tflite"],
        packed=", ".join(f"{name} {number}" for name, number in card["packages"].items()),
        sums="\n".join(f"| {name} | `{md5}` |" for name, md5 in card["data"]["md5"].items()),
        minutes=card["training_cpu_seconds"] / 60,
    )


PAGE = """# Model card: version {version}

Reads one handwritten digit, 0 to 9, in a 28×28 picture: white ink on black, in a 20×20 box, centred by mass.

Made from this version's `card.json` by `python -m model.evaluation > docs/model-card.md`.

## How good it is

| on | answered right | share (95 % interval) | likeliest digit right | refused | calibration error | Brier score |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

MNIST's validation split is a twelfth of its training set, never learnt from; epochs, temperature and the point of
refusal are chosen on validation pictures, and nothing on the test set. Under "answered right" a digit that is refused
counts as wrong. Worn and distorted: as pens, paper, phones and an imperfect finder leave them, some beyond recognition.
{strangers}
What it answered on the test set, a row for each digit that was written; the eleventh answer is "not a digit":

{confusion}

## How sure it is

The confidence is the softmax of the logits divided by the temperature {temperature}. A picture whose likeliest digit is
less probable than {refuse_below} is answered with "no digit": at most 0.3 % of MNIST's validation digits lie below.

## How it was made

`{command}` learns from {data[name]}{learnt}

What is no digit is learnt from the letters and signs of these sets that can't be mistaken for one, and from scribbles,
lines, blots, parts and pairs made by procedure. {pictures[train]} pictures learnt, {pictures[validation]} for
validation, {pictures[test]} for the test. {minutes:.0f} CPU minutes ({processor}), {date}, commit {commit};
Python {python}, {packed}.

| file | checksum (MNIST's MD5, the others' SHA-256) |
| --- | --- |
{sums}

{parameters:,} parameters, {multiply_adds:,} multiply-adds a picture; {tflite[bytes]:,} bytes in `model.tflite` (float16
weights), its logits within {largest_difference_from_keras:.4f} of Keras's on 1,000 validation pictures.

## What it reads badly

- Most of its digits are MNIST's: American census workers and high-school students. Other ways of writing come from the
  smaller sets, among them few hands of Africa and Asia.
- Letters that look like a digit (O, l, Z, S, B, b, g, q and their like) are read as that digit.
- It reads one digit; finding and separating digits on a photo is the work of what comes before it.
"""


def _unseen(sets: dict[str, dict[str, int]]) -> str:
    """Hands that it never saw, as a table; nothing where they weren't measured."""
    if not sets:
        return ""
    rows = []
    for name, found in sets.items():
        digits = name.endswith(": digits")
        right = f"{found['right'] / found['of']:.2%}" if digits else "–"
        rows.append(f"| {name} | {found['of']} | {right} | {found['refused'] / found['of']:.2%} |")
    head = "\n| hands it never saw | of | read right | refused |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(rows) + "\n"


def _row(name: str, figures: dict[str, Any]) -> str:
    low, high = figures["interval"]
    return (
        f"| {name} | {figures['right']} of {figures['of']} | {figures['accuracy']:.2%} ({low:.2%} to {high:.2%}) "
        f"| {figures['likeliest'] / figures['digits']:.2%} | {figures['refused']} "
        f"| {figures['calibration_error']:.2%} | {figures['brier']:.4f} |"
    )


def _confusion(counts: list[list[int]]) -> str:
    answers = range(len(counts[0]))
    lines = [["written", *(str(answer) for answer in answers)], ["---"] * (len(answers) + 1)]
    lines += [[f"**{digit}**", *(str(n) if n else "·" for n in row)] for digit, row in enumerate(counts)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the card of a version as a page; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m model.evaluation", description="Prints a version's model card.")
    parser.add_argument("version", nargs="?", default=PRETRAINED, help="name or folder; left out: the shipped version")
    try:
        version = open_version(Registry().find(parser.parse_args(arguments).version))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(page(version))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
