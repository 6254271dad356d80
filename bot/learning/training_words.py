"""How a training looks as a message: while it runs, and what came of it. HTML for Telegram, in the admin's language."""

import time
from gettext import GNUTranslations
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Gettext
from bot.learning.trainings import Result, TrainingOutcome
from bot.messages.percent import percent, share
from model.reading.result import N_, NOT_A_DIGIT

CELLS = 10  # of the bar
PREPARED, LEARNT = 0.25, 0.8  # of a training's time: until it learns, and until it is examined
MINUTE = 60

WORSE_AT = {
    "validation": N_("it reads MNIST's digits less accurately"),
    "worn": N_("it reads distorted digits less accurately"),
    "corrections": N_("it reads corrections it wasn't trained on less accurately"),
    "calibration": N_("its confidence is less accurate"),
    "refused": N_("it misses too many digits"),
    "labels": N_("too many of the corrections look wrong"),
    "answered": N_("it reads too many non-digits as digits"),
}
MISSING = {
    "tensorflow": N_(
        "TensorFlow isn't installed where I run. To fix this, my operator can run: <code>pip install"
        " 'digitbot[train]'</code>"
    ),
    "mnist": N_(
        "MNIST isn't here and can't be downloaded. To fix this, my operator can run <code>curl -LO"
        " https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz</code> and set MNIST_PATH=mnist.npz"
        " in my settings."
    ),
    "handwriting": N_(
        "The other handwriting datasets aren't here and can't be downloaded. My operator can set HANDWRITING_PATH to"
        " their folder; /retrain without full needs only MNIST."
    ),
    "memory": N_(
        "There isn't enough memory for a training, which takes about 1.2 GB. <code>READERS=1</code> in my settings"
        " frees some."
    ),
    "disk": N_("There isn't enough space on my disk. <code>digitbot doctor</code> shows how much is left."),
    "busy": N_("An earlier training is still shutting down on this machine. Please try again in a minute."),
}


class Progress:
    """How far a training is, as its events tell."""

    def __init__(self, *, full: bool) -> None:
        self.full = full
        self.share = 0.0  # of the whole, 0 to 1
        self._began = time.monotonic()
        self._stage = ""
        self._step: dict[str, Any] = {}

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of one event."""
        self._stage = event["stage"]
        if self._stage == "step":
            self._step = event
            done = (event["epoch"] - 1 + event["step"] / event["steps"]) / event["epochs"]
            self._reach(PREPARED + (LEARNT - PREPARED) * done)
        elif self._stage == "gate":
            self._reach(0.95)
        elif self._stage == "done":
            self._reach(1)
        else:
            self._reach(self.share + (PREPARED - self.share) / 3)

    def _reach(self, share: float) -> None:
        self.share = max(self.share, share)

    def words(self, _: Gettext) -> str:
        """Title, bar, stage, time left."""
        title = _("🎓 Learning from scratch") if self.full else _("🎓 Learning from corrections")
        filled = round(self.share * CELLS)
        bar = "▰" * filled + "▱" * (CELLS - filled) + f" {share(self.share, _)}"
        return "\n".join(filter(None, [f"<b>{title}</b>", bar, self._stage_words(_), self._time_left(_)]))

    def _time_left(self, _: Gettext) -> str:
        if self.share <= PREPARED or self.share == 1:  # how long it prepares tells little of the rest
            return ""
        seconds = (time.monotonic() - self._began) * (1 - self.share) / self.share
        if seconds < MINUTE:
            return _("About {seconds} s left").format(seconds=10 * round(seconds / 10 + 0.5))
        return _("About {minutes} min left").format(minutes=round(seconds / MINUTE + 0.5))

    def _stage_words(self, _: Gettext) -> str:
        if self._stage == "step":
            accuracy, round_, rounds = percent(self._step["accuracy"], _, 1), self._step["epoch"], self._step["epochs"]
            if self.full:
                words = _("Learning: epoch {round} of {rounds}, {accuracy} right so far")
                return words.format(round=round_, rounds=rounds, accuracy=accuracy)
            if round_ == 1:
                return _("Learning: {accuracy} right so far").format(accuracy=accuracy)
            # the others learn a part each, from the beginning, to be asked for the rest
            return _("Evaluating the result: {part} of {parts}").format(part=round_ - 1, parts=rounds - 1)
        return _("Preparing the training data") if self.share <= PREPARED else _("Evaluating the result")


def cancel_button(training: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under the progress."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(_("Cancel"), callback_data=f"retrain:cancel:{training}")]])


def ended(outcome: TrainingOutcome, serving: str, _: Gettext) -> str:
    """One or two sentences in the place of the progress: what came of it."""
    match outcome.result:
        case Result.PROMOTED:
            return "✓ " + _("<b>{version}</b> is trained and now in use.").format(version=outcome.version)
        case Result.WORSE:
            words = _("<b>{version}</b> is trained but not in use; {serving} stays, because:")
            first = "✗ " + words.format(version=outcome.version, serving=serving)
            return "\n".join([first, *(f"· {_(WORSE_AT[name])}" for name in outcome.gate["worse"])])
        case Result.CANCELLED:
            return "✗ " + _("The training was cancelled. {serving} stays in use.").format(serving=serving)
        case Result.INTERRUPTED:
            words = _(
                "The training was interrupted because I was stopped. {serving} stays in use; /retrain starts again."
            )
            return "✗ " + words.format(serving=serving)
        case Result.FAILED:
            why = MISSING.get(outcome.missing, N_("The training failed; the log says why."))
            return "✗ " + _(why) + "\n" + _("{serving} stays in use.").format(serving=serving)


def report(outcome: TrainingOutcome, speech: GNUTranslations) -> str:
    """The caption of the report's picture: figures before → after."""
    _, gate = speech.gettext, outcome.gate
    learnt = speech.ngettext("Learnt from {count} correction", "Learnt from {count} corrections", gate["learnt"])
    lines = [
        ended(outcome, gate["serving"], _),
        learnt.format(count=gate["learnt"]),
        "",
        _("Correct, before → after:"),
        _("· corrections: {figures}").format(figures=_right(gate["corrections"], _)),
        _("· MNIST: {figures}").format(figures=_right(gate["validation"], _)),
        _("· MNIST, distorted: {figures}").format(figures=_right(gate["worn"], _)),
        _("Rates, before → after:"),
        _("· confidence error: {figures}").format(figures=_share(gate["calibration"], _)),
        _("· digits missed: {figures}").format(figures=_share(gate["refused"], _)),
        _("· non-digits read as digits: {figures}").format(figures=_share(gate["answered"], _)),
        *_changed(gate["confusion"], _),
        "",
        _("Each correction was read by a network that wasn't trained on it, and so were MNIST's digits."),
        _(
            "In the picture, rows are the corrected digits and columns my readings, before above and after below; x"
            " means “not a digit”."
        ),
    ]
    if outcome.result is Result.PROMOTED:
        lines.append(_("/models can roll it back."))
    return "\n".join(lines)


def _right(found: dict[str, Any], _: Gettext) -> str:
    return _("{before} → <b>{after}</b> of {all}").format(before=found["before"], after=found["after"], all=found["of"])


def _share(found: dict[str, Any], _: Gettext) -> str:
    return f"{share(found['before'], _, 2)} → <b>{share(found['after'], _, 2)}</b>"


def _changed(confusion: list[list[list[int]]], _: Gettext) -> list[str]:
    """Which digits are read better or worse."""
    right = [[row[label] for label, row in enumerate(counts)] for counts in confusion]
    better = [_sign(label) for label, (before, after) in enumerate(zip(*right, strict=True)) if after > before]
    worse = [_sign(label) for label, (before, after) in enumerate(zip(*right, strict=True)) if after < before]
    lines = [_("Now read better: {digits}").format(digits=", ".join(better))] if better else []
    return lines + ([_("Now read worse: {digits}").format(digits=", ".join(worse))] if worse else [])


def _sign(label: int) -> str:
    return "x" if label == NOT_A_DIGIT else str(label)
