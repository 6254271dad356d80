"""A version's `card.json` as a page for people: the model card, `docs/model-card.md` of the version that ships.

Nothing is measured here; `export` and `evaluation` did. Sections of the exam that a version didn't sit are left out.
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
        "validation_distorted": "validation pictures, worn and distorted",
    }
    learnt = "".join(f"\n- {name} ({TRAINED_ON[name]})" for name in card["data"]["sets"])
    return PAGE.format(
        **card,
        rows="\n".join(_measured(name, card[part]) for part, name in sets.items()),
        confusion=_confusion(card["test"]["confusion"]),
        examined=_exam(card),
        said=_said(card),
        begun=BEGUN.format(**card) if card.get("parent") else f"`{card['command']}` learns from",
        of_which=f" for {card['parent']}" if card.get("parent") else "",
        risk=_refused_on_validation(card["validation_distorted"]["confusion"]),
        learnt=f", and, drawn with many pens on many papers, from{learnt}" if learnt else " alone.",
        tflite=card["files"]["model.tflite"],
        packed=", ".join(f"{name} {number}" for name, number in card["packages"].items()),
        sums=_table("file | checksum", ([name, f"`{sum}`"] for name, sum in card["data"]["checksums"].items())),
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

What it answered on the test set, a row for each digit that was written; the last answer is "not a digit":

{confusion}
{examined}{said}
## How sure it is

The confidence is the softmax of the logits divided by the temperature {temperature}, which makes the truth most
probable on {calibrated_on}. A picture whose likeliest digit is less probable than {refuse_below} is answered with "no
digit". That point is where, on the worn and distorted validation pictures, the share of digits refused and the share of
everything else answered are equally far from what they may be, 1 % and 5 %, and at most even odds;
{risk}

## How it was made

{begun} {data[name]}{learnt}

What is no digit is learnt from the letters and signs of these sets that can't be mistaken for one, and from scribbles,
lines, blots, parts and pairs made by procedure. {pictures[train]} pictures learnt, {pictures[validation]} for
validation, {pictures[test]} for the test. {minutes:.0f} CPU minutes{of_which} ({processor}), {date}, commit {commit};
Python {python}, {packed}.

{sums}

(MNIST's are MD5, the others' SHA-256.)

{parameters:,} parameters, {multiply_adds:,} multiply-adds a picture; {tflite[bytes]:,} bytes in `model.tflite` (float16
weights), its logits within {largest_difference_from_keras:.4f} of Keras's on 1,000 validation pictures.

## What it reads badly

- Most of its digits are MNIST's: American census workers and high-school students. Other ways of writing come from the
  smaller sets: Turkey (pendigits, optdigits), Italy (Semeion), laboratories of several countries (UNIPEN). There are
  few hands of Africa and Asia among them, and few children's or old people's anywhere.
- Letters that look like a digit (O, l, Z, S, B, b, g, q and their like) are read as that digit.
- Digits that lie or stand on their heads: 6 and 9 can't be told apart then.
- It reads one digit; finding and separating digits on a photo is the work of what comes before it.
"""


BEGUN = """`{command}` begins with version {parent} and has it learn what people said, while it goes over
MNIST again. {parent} learns from"""


SAID = """
## What people said

{learnt} corrections were learnt. In the exam, beside {serving}, {how}:

{figures}

Losses count where they are more than chance (p < 0.05, McNemar's exact test). Of {labels[of]} labels that are new to
it, {serving} finds {labels[doubted]} all but impossible. {verdict}
"""


EXAM = """
## Hands that it never saw

Writers held back from the sets that it learns from, and whole sets that it doesn't know, their pen strokes drawn as a
usual pen does. Look-alikes are letters and signs that nobody could tell from a digit by their form (O, l, Z and their
like): they don't count, neither as digits nor as others.

{hands}

All these digits, as they were written and answered:

{confusion}

What it would answer if it refused below other confidences (it does so at {refuse_below}):

{curve}
"""


SPOILT = """
## MNIST's test set, spoilt on purpose

The 28×28 pictures themselves are spoilt; on a photo, size and place are put right before the network sees a digit.

{spoilt}
"""


PHOTOS = """
## Photos

{photos} generated photos of pages, written by the held-back writers of UNIPEN and pendigits and read by the whole
reader: {exact} ({exact_share:.1%}) are exactly right. Of {one_digit} with one digit {one_digit_exact} are right, and
{one_digit_refused} are answered with "no digit". Of {digits} digits in all {right} are read right, {misread} misread
and {missed} not answered; {answers_to_no_digit} answers stand where no digit is.

Over the {answers} boxes answered the calibration error is {calibration_error:.2%} and the Brier score {brier:.4f}.
In the diagram, each bar is the share of answers that are right, and | where it would end if the confidence were honest:

{reliability}

What would be answered if nothing below a confidence were:

{curve}
"""


def _exam(card: dict[str, Any]) -> str:
    """What `evaluation` measured, as far as it did."""
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
    """What came of corrections, where the version was given any."""
    gate = card.get("gate")
    if gate is None:
        return ""
    counted = {"corrections": "corrections, not learnt", "validation": "MNIST's validation split", "worn": "it, worn"}
    shares = {"calibration": "calibration error", "refused": "digits refused", "answered": "other things answered"}
    rows = [[told, *(f"{gate[name][when]} of {gate[name]['of']}" for when in WHEN)] for name, told in counted.items()]
    rows += [[told, *(f"{gate[name][when]:.2%}" for when in WHEN)] for name, told in shares.items()]
    held_back = "others, which were held back, were answered"
    return SAID.format(
        **gate,
        how="each was answered by a network that hadn't learnt it" if gate["cross_validated"] else held_back,
        figures=_table(f"right, or the share | {gate['serving']} | this version", rows),
        verdict=f"It must not serve: worse at {', '.join(gate['worse'])}." if gate["worse"] else "It may serve.",
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
        hands=_table("set | of | likeliest digit right | answered right | refused", rows),
        confusion=_confusion(hands["digits"]["confusion"]),
        refuse_below=refuse_below,
        curve=_table("confidence | digits answered | others refused | wrong answers", curve),
    )


def _spoilt(test: dict[str, Any], spoilt: dict[str, dict[str, int]]) -> str:
    rows = (
        [name, *(_share(found[key], found["of"]) for key in (*READ, "refused"))]
        for name, found in {"as it is": test, **spoilt}.items()
    )
    return _table("the pictures | likeliest digit right | answered right | refused", rows)


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
    """A diagram of characters: confidence, answers, share right, bar."""
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
    said = f"of the digits {refused} are refused there"
    if others:
        said += f", of everything else {_share(sum(row[DIGITS] for row in others), sum(map(sum, others)))}"
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
