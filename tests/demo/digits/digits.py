"""The tasks of the cube `digits`: the task's name, then `--parameter=path` for each of its parameters."""

import argparse
import json
import pathlib
import sys

import joblib
import numpy
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

IMPOSSIBLE = 3  # the exit status for a configuration that cannot be trained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["train", "fail"])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--config", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--metrics", type=pathlib.Path)
    arguments = parser.parse_args()

    config = json.loads(arguments.config.read_text())
    check(config, arguments.config)
    pixels, digits = read(arguments.data)
    print(f"{len(digits)} images from {arguments.data}", flush=True)
    network, accuracy = train(config, pixels, digits)

    arguments.model.mkdir(parents=True, exist_ok=True)
    joblib.dump(network, arguments.model / "network.joblib")
    metrics = {"accuracy": accuracy, "images": len(digits), "epochs": config["epochs"]}
    arguments.metrics.write_text(json.dumps(metrics) + "\n")
    print(f"accuracy {accuracy}", flush=True)


def check(config, path):
    """Refuses what no network can be made of, before any work is done."""
    for key in ("hidden_units", "epochs"):
        if config[key] < 1:
            print(f"error: {path}: a network with {key} = {config[key]} cannot be trained", file=sys.stderr)
            sys.exit(IMPOSSIBLE)


def read(path):
    """Each line holds 64 pixels from 0 to 16, and the digit."""
    table = numpy.loadtxt(path, delimiter=",")
    return table[:, :-1] / 16, table[:, -1].astype(int)


def train(config, pixels, digits):
    """One pass over the data per epoch; the accuracy is that on images never seen in training."""
    seen, unseen, seen_digits, unseen_digits = train_test_split(
        pixels, digits, test_size=config["test_share"], stratify=digits, random_state=config["seed"]
    )
    network = MLPClassifier(
        hidden_layer_sizes=(config["hidden_units"],),
        learning_rate_init=config["learning_rate"],
        random_state=config["seed"],
    )
    for epoch in range(1, config["epochs"] + 1):
        network.partial_fit(seen, seen_digits, classes=range(10))
        if epoch % 5 == 0 or epoch == 1:
            print(f"epoch {epoch:2}  loss {network.loss_:.4f}", flush=True)
    return network, round(float(network.score(unseen, unseen_digits)), 4)


if __name__ == "__main__":
    main()
