"""The model card: a version's `card.json` as a page; `docs/model-card.md` is the shipped version's.

It measures nothing: `export` and `evaluation` did. It leaves out evaluations that a version hasn't had.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from model.data.handwriting import TRAINED_ON
from model.reading.result import DIGITS
from model.versions.version import Version

WIDTH = 40  # characters of a bar
WHEN = ("before", "after")
READ = ("likeliest", "right")  # figures of a set of digits


def page(version: Version) -> str:
    """The version's card as Markdown."""
    card = version.card
    test = "MNIST's test set" if card["data"]["published"] else "the test set"
    sets = {
        "test": test,
        "validation": "MNIST's validation split",
        "validation_distorted": "validation pictures, distorted",
    }
    learnt = "".join(f"\n- {name} ({TRAINED_ON[name]})" for name in card["data"]["sets"])
    return PAGE.format(
        **card,
        rows="\n".join(_measured(name, card[part]) for part, name in sets.items()),
        confusion=_confusion(card["test"]["confusion"]),
        examined=_exam(card),
        said=_said(card),
        begun=BEGUN.format(**card) if card.get("parent") else f"`{card['command']}` trains on",
        of_which=f" for {card['parent']}" if card.get("parent") else "",
        risk=_refused_on_validation(card["validation_distorted"]["confusion"]),
        learnt=f", and, drawn with many pens on many papers, on{learnt}" if learnt else " alone.",
        tflite=card["files"]["model.tflite"],
        packed=", ".join(f"{name} {number}" for name, number in card["packages"].items()),
        sums=_table("file | checksum", ([name, f"`{sum}`"] for name, sum in card["data"]["checksums"].items())),
        minutes=card["training_cpu_seconds"] / 60,
    )


PAGE = """# Model card: version {version}

Reads one handwritten digit, 0 to 9, in a 28×28 picture: white ink on black, in a 20×20 box, centred by mass.

Made from this version's `card.json` by `python -m model.evaluation > docs/model-card.md`.

## How good it is

| on | answered right | share (95 % interval) | most probable digit right | refused | calibration error | Brier score |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

MNIST's validation split is a twelfth of its training set, never trained on. Epochs, temperature and the refusal
threshold are chosen on validation pictures, nothing on the test set. Under "answered right" a refused digit counts as
wrong. Distorted: as pens, paper, phones and an imperfect finder leave them, some beyond recognition.

Its answers on the test set, with a row for each written digit; the last answer is "not a digit":

{confusion}
{examined}{said}
## How sure it is

The confidence is the softmax of the logits divided by the temperature {temperature}, which maximises the likelihood on
{calibrated_on}. If the most probable digit of a picture is less probable than {refuse_below}, the answer is "no digit".
At this threshold, on the distorted validation pictures, the share of digits refused and the share of everything else
answered are equally far from their limits, 1 % and 5 %, and the odds are at most even;
{risk}

## How it was made

{begun} {data[name]}{learnt}

Its examples of "not a digit" are those letters and signs of these sets that can't be mistaken for one, and generated
scribbles, lines, blots, parts and pairs. {pictures[train]} pictures for training, {pictures[validation]} for
validation, {pictures[test]} for the test. {minutes:.0f} CPU minutes{of_which} ({processor}), {date}, commit {commit};
Python {python}, {packed}.

{sums}

(MNIST's are MD5, the others' SHA-256.)

{parameters:,} parameters, {multiply_adds:,} multiply-adds per picture; {tflite[bytes]:,} bytes in `model.tflite`
(float16 weights), its logits within {largest_difference_from_keras:.4f} of Keras's on 1,000 validation pictures.

## What it reads badly

- Most of its digits are MNIST's: American census workers and high-school students. Other ways of writing come from the
  smaller sets: Turkey (pendigits, optdigits), Italy (Semeion), laboratories of several countries (UNIPEN). They
  include few writers from Africa and Asia, and few children or old people from anywhere.
- Letters that look like a digit (O, l, Z, S, B, b, g, q and their like) are read as that digit.
- Digits that are sideways or upside down: a 6 and a 9 can't be told apart then.
- It reads one digit; finding and separating the digits in a photo happens before.
"""


BEGUN = """`{command}` starts from version {parent} and trains it on people's corrections while it
rehearses MNIST. {parent} was trained on"""


SAID = """
## Corrections

It was trained on {learnt} corrections. In the exam, compared with {serving}, {how}:

{figures}

A loss counts if it is more than chance (p < 0.05, McNemar's exact test). Of {labels[of]} new labels, {serving} finds
{labels[doubted]} implausible. {verdict}
"""


EXAM = """
## Unseen writers

Held-out writers of the sets it was trained on, and whole sets it has never seen, with pen strokes drawn by a usual pen.
Look-alikes are letters and signs that nobody could tell from a digit by their form (O, l, Z and the like): they count
neither as digits nor as others.

{hands}

All these digits, as written and as answered:

{confusion}

Its answers at other refusal thresholds (its own is {refuse_below}):

{curve}
"""


SPOILT = """
## MNIST's test set, distorted

The 28×28 pictures themselves are distorted; in a photo, size and position are normalised before the network
sees a digit.

{spoilt}
"""


PHOTOS = """
## Photos

{photos} generated photos of pages, written by the held-out writers of UNIPEN and pendigits and read by the whole
reader: {exact} ({exact_share:.1%}) are exactly right. Of {one_digit} with one digit, {one_digit_exact} are right and
{one_digit_refused} are answered with "no digit". Of {digits} digits in all, {right} are read right, {misread} misread
and {missed} missed; {answers_to_no_digit} answers are where there is no digit.

Over the {answers} answered boxes the calibration error is {calibration_error:.2%} and the Brier score {brier:.4f}.
In the diagram, each bar is the share of right answers, and | marks where it would end if the confidence were exact:

{reliability}

The answers left at each minimum confidence:

{curve}
"""


def _exam(card: dict[str, Any]) -> str:
    """The sections of what `evaluation` measured."""
    exam = card.get("exam")
    if exam is None:
        return "\nMore figures: `python -m model.evaluation --measure VERSION` puts them into the card.\n"
    parts = [SPOILT.format(spoilt=_spoilt(card["test"], exam["spoilt"]))]
    if hands := exam["hands"]:
        parts.insert(0, _hands(hands, card["refuse_below"]))
    if photos := exam["photos"]:
        parts.append(_photos(photos, card["refuse_below"]))
    return "".join(parts) + f"\nMeasured by `{exam['command']}`, {exam['date']}, commit {exam['commit']}.\n"


def _said(card: dict[str, Any]) -> str:
    """The section on corrections, if the version was trained on any."""
    gate = card.get("gate")
    if gate is None:
        return ""
    counted = {
        "corrections": "corrections, not trained on",
        "validation": "MNIST's validation split",
        "worn": "it, distorted",
    }
    shares = {"calibration": "calibration error", "refused": "digits refused", "answered": "other things answered"}
    rows = [[told, *(f"{gate[name][when]} of {gate[name]['of']}" for when in WHEN)] for name, told in counted.items()]
    rows += [[told, *(f"{gate[name][when]:.2%}" for when in WHEN)] for name, told in shares.items()]
    held_out = "others, which were held out, were answered"
    return SAID.format(
        **gate,
        how="each was answered by a network that wasn't trained on it" if gate["cross_validated"] else held_out,
        figures=_table(f"right, or the share | {gate['serving']} | this version", rows),
        verdict=f"It must not be promoted: worse at {', '.join(gate['worse'])}."
        if gate["worse"]
        else "It may be promoted.",
    )


def _hands(hands: dict[str, Any], refuse_below: float) -> str:
    sets = hands["sets"]
    kinds = ("digits", "others", "look-alikes")
    totals = {kind: _sum(found for name, found in sets.items() if name.endswith(f": {kind}")) for kind in kinds}
    named = [*sets.items(), *((f"**all {kind}**", total) for kind, total in totals.items())]
    rows = (
        [name, found["of"], *(_share(found[key], found["of"]) if "digits" in name else "–" for key in READ),
         _share(found["refused"], found["of"])]
        for name, found in named if found["of"]
    )  # fmt: skip
    digits, others = totals["digits"]["of"], totals["others"]["of"]
    curve = (
        [f"{row['level']:.0%}", _share(row["digits"], digits), _share(others - row["others"], others),
         _share(row["wrong"], row["digits"] + row["others"])]
        for row in hands["risk_and_coverage"]
    )  # fmt: skip
    return EXAM.format(
        hands=_table("set | of | most probable digit right | answered right | refused", rows),
        confusion=_confusion(hands["digits"]["confusion"]),
        refuse_below=refuse_below,
        curve=_table("confidence | digits answered | others refused | wrong answers", curve),
    )


def _spoilt(test: dict[str, Any], spoilt: dict[str, dict[str, int]]) -> str:
    rows = (
        [name, *(_share(found[key], found["of"]) for key in (*READ, "refused"))]
        for name, found in {"as it is": test, **spoilt}.items()
    )
    return _table("the pictures | most probable digit right | answered right | refused", rows)


def _photos(photos: dict[str, Any], refuse_below: float) -> str:
    answered = photos["right"] + photos["misread"]
    curve = (
        [f"{row['level']:.0%}", _share(row["digits"], photos["digits"]),
         _share(row["wrong"], row["digits"] + row["others"])]
        for row in photos["risk_and_coverage"]
        if row["level"] == 0 or row["level"] > refuse_below
    )  # fmt: skip
    return PHOTOS.format(
        **{name: found for name, found in photos.items() if name != "reliability"},
        exact_share=photos["exact"] / photos["photos"],
        missed=photos["digits"] - answered,
        answers=answered + photos["answers_to_no_digit"],
        reliability=_reliability(photos["reliability"]),
        curve=_table("confidence | digits answered | wrong answers", curve),
    )


def _reliability(bins: list[dict[str, Any]]) -> str:
    """A text diagram: confidence, answers, share right, bar."""
    lines = [f"confidence    answers   right   0 %{'100 %':>{WIDTH - 1}}"]
    for i, found in enumerate(bins):
        if not found["of"]:
            continue
        share = found["right"] / found["of"]
        bar = list(("█" * round(share * WIDTH)).ljust(WIDTH))
        bar[min(WIDTH - 1, round(found["confidence"] * WIDTH))] = "|"
        span = f"{10 * i:>3} to {10 * (i + 1):>3} %"
        lines.append(f"{span}  {found['of']:>7} {share:>7.1%}   {''.join(bar).rstrip()}")
    return "\n".join(["```", *lines, "```"])


def _measured(name: str, figures: dict[str, Any]) -> str:
    low, high = figures["interval"]
    return (
        f"| {name} | {figures['right']} of {figures['of']} | {figures['accuracy']:.2%} ({low:.2%} to {high:.2%}) "
        f"| {figures['likeliest'] / figures['digits']:.2%} | {figures['refused']} "
        f"| {figures['calibration_error']:.2%} | {figures['brier']:.4f} |"
    )


def _refused_on_validation(confusion: list[list[int]]) -> str:
    digits, others = confusion[:DIGITS], confusion[DIGITS:]
    refused = _share(sum(row[DIGITS] for row in digits), sum(map(sum, digits)))
    said = f"{refused} of the digits are refused there"
    if others:
        said += f", and {_share(sum(row[DIGITS] for row in others), sum(map(sum, others)))} of everything else"
    return f"{said}."


def _confusion(counts: list[list[int]]) -> str:
    answers = " | ".join(str(digit) for digit in range(DIGITS))
    rows = ([f"**{digit}**", *(n or "·" for n in row)] for digit, row in enumerate(counts))
    return _table(f"written | {answers} | none", rows)


def _table(head: str, rows: Iterable[Sequence[object]]) -> str:
    columns = head.count("|") + 1
    lines = [f"| {head} |", f"|{' --- |' * columns}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _sum(found: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for figures in found:
        total.update(figures)
    return total


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"
