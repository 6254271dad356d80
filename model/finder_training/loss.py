"""How wrong the finder's answers are."""

import tensorflow as tf

from model.reading.finder import BOX, BOX_UNIT, DIGITS, HEAT, INK, STRIDE

CLASS, BOXES, INK_EACH, INK_ALL = 1.0, 2.0, 4.0, 0.5  # weights beside the heat maps'


def losses(answers: tf.Tensor, truth: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
    """The parts of the loss of a batch: answers (n, h/4, w/4, OUTPUTS), and the truth as `targets.Target` has it.

    Heat: penalty-reduced focal loss (Law and Deng, "CornerNet", 2018). Ink: cross-entropy and Dice.
    """
    heat, counts, classes, boxes, ink, ink_counts = truth
    heat, boxes = tf.cast(heat, tf.float32), tf.cast(boxes, tf.float32)
    said = answers[..., HEAT]
    log_yes, log_no = tf.math.log_sigmoid(said), tf.math.log_sigmoid(-said)
    centres = tf.cast(heat >= 0.999, tf.float32)
    yes = -centres * tf.exp(2 * log_no) * log_yes
    no = -(1 - centres) * (1 - heat) ** 4 * tf.exp(2 * log_yes) * log_no
    number = tf.maximum(tf.reduce_sum(centres, (0, 1, 2)), 8.0)
    heats = tf.reduce_sum((yes + no) * tf.cast(counts, tf.float32), (0, 1, 2)) / number
    near = tf.cast(classes >= 0, tf.float32)
    places = tf.maximum(tf.reduce_sum(near), 8.0)
    wrong = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(tf.cast(classes, tf.int32), 0), answers[..., DIGITS]
    )
    off = tf.reduce_mean(tf.abs(answers[..., BOX] - boxes / BOX_UNIT), -1)
    size = tf.maximum(boxes[..., 1] + boxes[..., 3], 4.0) / BOX_UNIT  # a small digit's box must be truer
    drawn = tf.nn.depth_to_space(answers[..., INK], STRIDE)[..., 0]
    inked, weight = tf.cast(ink, tf.float32) / 255, tf.cast(ink_counts, tf.float32)
    each = tf.nn.sigmoid_cross_entropy_with_logits(inked, drawn) * weight
    shown = tf.sigmoid(drawn) * weight
    both = 2 * tf.reduce_sum(shown * inked, (1, 2)) + 20
    dice = 1 - both / (tf.reduce_sum(shown + inked * weight, (1, 2)) + 20)
    right = tf.cast(tf.equal(tf.argmax(answers[..., DIGITS], -1, tf.int32), tf.cast(classes, tf.int32)), tf.float32)
    return {
        "digit": heats[0],
        "other": heats[1],
        "small": heats[2],
        "class": CLASS * tf.reduce_sum(wrong * near) / places,
        "box": BOXES * tf.reduce_sum(off / size * near) / places,
        "ink": INK_EACH * tf.reduce_mean(each) + INK_ALL * tf.reduce_mean(dice),
        "accuracy": tf.reduce_sum(right * near) / places,
    }


def total(parts: dict[str, tf.Tensor]) -> tf.Tensor:
    """What is made smaller: all parts but the accuracy."""
    return tf.add_n([parts[name] for name in ("digit", "other", "small", "class", "box", "ink")])
