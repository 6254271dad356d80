"""What the networks and their recipes promise, asked in one process of its own: TensorFlow stays out of the tests'."""

import json
from functools import cache
from typing import Any

from tests.commands import needs_tensorflow, python

RECIPES = ("tutorial", "quick", "best")

ASK = """
import json

import keras
import numpy as np

from model.training import network

keras.utils.set_random_seed(3)
pictures = np.random.default_rng(3).random((5, 28, 28, 1), np.float32)
found = {}
for name, recipe in network.RECIPES.items():
    built = recipe.build()
    recipe.prepare(built, 40)
    probabilities = built(pictures, training=False)
    logits = network.copy_of(built, "linear")(pictures, training=False)
    if built.layers[-1].activation is keras.activations.linear:
        probabilities = keras.ops.softmax(probabilities)
    first = [weight.numpy() for weight in built.weights]
    average = network.copy_of(built)
    built.train_on_batch(pictures, np.eye(logits.shape[1], dtype=np.float32)[:5])
    last = [weight.numpy() for weight in built.weights]
    network.follow(average, built, 0.5)
    halfway = [weight.numpy() for weight in average.weights]
    network.follow(average, built, 0)
    found[name] = {
        "answers": list(logits.shape),
        "xla": built.jit_compile,
        "weights": built.count_params(),
        "multiply_adds": network.multiply_adds(built),
        "softmax_is_all_that_a_copy_lacks": bool(np.allclose(keras.ops.softmax(logits), probabilities, atol=1e-5)),
        "learnt": any(not np.array_equal(one, other) for one, other in zip(first, last)),
        "halfway": all(np.allclose(h, (f + l) / 2, atol=1e-6) for h, f, l in zip(halfway, first, last)),
        "caught_up": all(np.array_equal(w.numpy(), l) for w, l in zip(average.weights, last)),
    }
print(json.dumps(found))
"""


@cache
def networks() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(python(ASK).splitlines()[-1])
    return found


@needs_tensorflow
def test_every_network_answers_for_each_digit_and_the_best_for_what_is_none_too() -> None:
    assert {name: network["answers"] for name, network in networks().items()} == {
        "tutorial": [5, 10],
        "quick": [5, 10],
        "best": [5, 11],
    }


@needs_tensorflow
def test_no_recipe_lets_xla_slow_the_training_down() -> None:
    assert [networks()[name]["xla"] for name in RECIPES] == [False] * 3


@needs_tensorflow
def test_the_quick_network_is_less_than_two_fifths_of_the_tutorials() -> None:
    quick, tutorial = networks()["quick"], networks()["tutorial"]
    assert quick["weights"] < 0.4 * tutorial["weights"]
    assert quick["multiply_adds"] < 0.4 * tutorial["multiply_adds"]


@needs_tensorflow
def test_a_copy_made_for_export_ends_in_logits_and_says_the_same() -> None:
    assert all(networks()[name]["softmax_is_all_that_a_copy_lacks"] for name in RECIPES)


@needs_tensorflow
def test_an_average_moves_by_the_share_that_is_not_kept_and_keeping_nothing_is_the_last_weights() -> None:
    for name in RECIPES:
        assert networks()[name]["learnt"], name
        assert networks()[name]["halfway"], name
        assert networks()[name]["caught_up"], name
