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
    "validation": N_("it is worse at MNIST's digits"),
    "worn": N_("it is worse at worn and distorted digits"),
    "corrections": N_("it is worse at corrections that it hadn't learnt"),
    "calibration": N_("it is worse at telling how sure it is"),
    "refused": N_("it refuses too many digits"),
    "labels": N_("too many of the corrections seem to be mistaken"),
    "answered": N_("it takes too much for a digit that is none"),
}
MISSING = {
    "tensorflow": N_(
        "TensorFlow isn't installed where I run. Whoever runs me mends it with:"
        " <code>pip install 'digitbot[train]'</code>"
    ),
    "mnist": N_(
        "MNIST isn't here and can't be fetched. Whoever runs me mends it with:"
        " <code>curl -LO https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz</code>, and"
        " MNIST_PATH=mnist.npz in my settings."
    ),
    "handwriting": N_(
        "The other sets of handwriting aren't here and can't be fetched: whoever runs me names their folder with"
        " HANDWRITING_PATH in my settings. /retrain without full needs only MNIST."
    ),
    "memory": N_(
        "There is too little memory for a training, it takes about 1.2 GB. With <code>READERS=1</code> in my settings"
        " I leave more of it."
    ),
    "disk": N_("There is too little room on my disk. <code>digitbot doctor</code> tells how much is left."),
    "busy": N_("An earlier training is still ending on this machine. Please try again in a minute."),
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
        title = _("🎓 I learn from the beginning") if self.full else _("🎓 I learn from corrections")
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
                words = _("Learning: round {round} of {rounds}, {accuracy} right so far")
                return words.format(round=round_, rounds=rounds, accuracy=accuracy)
            if round_ == 1:
                return _("Learning: {accuracy} right so far").format(accuracy=accuracy)
            # the others learn a part each, from the beginning, to be asked for the rest
            return _("Examining what was learnt: {part} of {parts}").format(part=round_ - 1, parts=rounds - 1)
        return _("Preparing what to learn from") if self.share <= PREPARED else _("Examining what was learnt")


def cancel_button(training: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under the progress."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(_("Cancel"), callback_data=f"retrain:cancel:{training}")]])


def ended(outcome: TrainingOutcome, serving: str, _: Gettext) -> str:
    """One or two sentences in the place of the progress: what came of it."""
    match outcome.result:
        case Result.PROMOTED:
            return "✓ " + _("<b>{version}</b> has learnt, and reads from now on.").format(version=outcome.version)
        case Result.WORSE:
            words = _("<b>{version}</b> has learnt, but doesn't read; {serving} goes on:")
            first = "✗ " + words.format(version=outcome.version, serving=serving)
            return "\n".join([first, *(f"· {_(WORSE_AT[name])}" for name in outcome.gate["worse"])])
        case Result.CANCELLED:
            return "✗ " + _("The training was cancelled. {serving} goes on.").format(serving=serving)
        case Result.INTERRUPTED:
            words = _("The training was interrupted, for I was stopped. {serving} goes on; /retrain begins anew.")
            return "✗ " + words.format(serving=serving)
        case Result.FAILED:
            why = MISSING.get(outcome.missing, N_("The training failed; the log says why."))
            return "✗ " + _(why) + "\n" + _("{serving} goes on.").format(serving=serving)


def report(outcome: TrainingOutcome, speech: GNUTranslations) -> str:
    """The caption of the report's picture: figures before → after."""
    _, gate = speech.gettext, outcome.gate
    learnt = speech.ngettext("Learnt: {count} correction", "Learnt: {count} corrections", gate["learnt"])
    lines = [
        ended(outcome, gate["serving"], _),
        learnt.format(count=gate["learnt"]),
        "",
        _("Right before → after:"),
        _("· corrections: {figures}").format(figures=_right(gate["corrections"], _)),
        _("· MNIST: {figures}").format(figures=_right(gate["validation"], _)),
        _("· MNIST, worn: {figures}").format(figures=_right(gate["worn"], _)),
        _("Shares before → after:"),
        _("· off in how sure it is: {figures}").format(figures=_share(gate["calibration"], _)),
        _("· digits refused: {figures}").format(figures=_share(gate["refused"], _)),
        _("· clutter taken for digits: {figures}").format(figures=_share(gate["answered"], _)),
        *_changed(gate["confusion"], _),
        "",
        _("Each correction was read by a network that hadn't learnt it, and so were MNIST's digits."),
        _("The picture: rows are what corrections say, columns what was read, before and after. x is for none."),
    ]
    if outcome.result is Result.PROMOTED:
        lines.append(_("/models rolls back."))
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
    lines = [_("Read better: {digits}").format(digits=", ".join(better))] if better else []
    return lines + ([_("Read worse: {digits}").format(digits=", ".join(worse))] if worse else [])


def _sign(label: int) -> str:
    return "x" if label == NOT_A_DIGIT else str(label)
