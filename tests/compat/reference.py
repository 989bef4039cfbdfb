"""Asks the reference, MLCube in Python, what it makes of cubes.

Reads cases as JSON lines and answers each with one JSON line. The reference runs as its own command line does; only
the Kubernetes client is replaced by one that keeps the Job instead of sending it.

A case:   {"root", "cube", "system", "platform", "overrides", "workspace", "values", "task", "env", "merged"}
An answer: {"config", "order", "job", "namespace"} or {"refused": [class, message]}
"""

import json
import logging
import os
import sys
import types

import kubernetes
from omegaconf import OmegaConf

from mlcube.cli import parse_cli_args
from mlcube.parser import CliParser
from mlcube.platform import Platform
from mlcube.system_settings import SystemSettings
from mlcube_k8s.k8s_run import Config

LARGEST = 2**63 - 1


class Client:
    """A cluster that takes every Job and has finished it at once."""

    sent = None

    def create_namespaced_job(self, body, namespace):
        Client.sent = (body, namespace)
        metadata = types.SimpleNamespace(name="job", namespace=namespace)
        return types.SimpleNamespace(status=None, metadata=metadata)

    def read_namespaced_job_status(self, name, namespace):
        done = types.SimpleNamespace(status="True", type="Complete")
        return types.SimpleNamespace(status=types.SimpleNamespace(conditions=[done]))


def merge_own_section(mlcube):
    """What the base class of the runners tells each runner to do, and the Kubernetes runner leaves out."""
    for name in ("k8s", "kubernetes"):
        mlcube.runner = OmegaConf.merge(mlcube.runner, mlcube.get(name, None) or {})


def ask(case):
    cube = os.path.join(case["root"], "mlcube.yaml")
    settings = os.path.join(case["root"], "settings.yaml")
    with open(cube, "w", encoding="utf-8", newline="") as file:
        file.write(case["cube"])
    with open(settings, "w", encoding="utf-8", newline="") as file:
        file.write(case["system"] or "")
    os.environ.clear()
    os.environ.update(case["env"], MLCUBE_SYSTEM_SETTINGS=settings)
    Config.merge = staticmethod(merge_own_section if case["merged"] else lambda mlcube: None)

    # As `mlcube run` does it.
    SystemSettings().update_installed_runners()
    typed = ["-P" + override for override in case["overrides"]] + case["values"]
    platform = case["platform"] or "k8s"
    runner, config = parse_cli_args(
        typed, {"mlcube": cube, "platform": platform, "workspace": case["workspace"]}, resolve=True
    )
    known = list((config.get("tasks", None) or {}).keys())
    [task] = CliParser.parse_list_arg(case["task"])
    if task not in known:
        return {"refused": ["UnknownTask", task]}
    Client.sent = None
    runner(config, task=task).run()
    job, namespace = Client.sent
    # As `mlcube show_config --resolve` does it: what a resolved value seems to interpolate is not followed again.
    shown = OmegaConf.to_container(config, resolve=False)
    return {
        "config": plain(shown),
        "order": [key(name) for name in known],
        "job": kubernetes.client.ApiClient().sanitize_for_serialization(job),
        "namespace": namespace,
    }


def plain(value):
    """The value as JSON has it; what JSON has not is marked."""
    if isinstance(value, dict):
        return {key(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        return {"!integer": str(value)}
    return value


def key(name):
    return name if isinstance(name, str) else f"!{type(name).__name__} {name}"


def main():
    logging.disable(logging.CRITICAL)
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")
    # What is installed does not change from case to case.
    installed = Platform.get_installed_runners()
    Platform.get_installed_runners = staticmethod(lambda: installed)
    kubernetes.config.load_kube_config = lambda: None
    kubernetes.client.BatchV1Api = Client
    for line in sys.stdin:
        try:
            answer = ask(json.loads(line))
        except (Exception, SystemExit) as error:
            cause = error.__context__ if type(error).__name__ == "ExecutionError" else error
            cause = cause or error
            answer = {"refused": [type(cause).__name__, str(cause)[:2000]]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
