"""Lets only pinned images of known places run, and labels every Job with its team."""

import json
import re

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.policy import Description, Rejection, Verdict, Verdict_Admit, Verdict_Reject
from wit_world.imports import job, metadata, settings

SCHEMA = {
    "type": "object",
    "required": ["team"],
    "properties": {
        "team": {"description": "The team that owns the Jobs.", "type": "string"},
        "images": {"description": "A regular expression for the images that may run.", "type": "string"},
        "break-in": {"description": "Only tests set it: the call that fails.", "type": "string"},
    },
    "additionalProperties": False,
}


class Policy(exports.Policy):
    def describe(self) -> Description:
        return Description(
            name="pinned-images",
            version="0.1.0",
            summary="Lets only pinned images run, and labels every Job with its team.",
            settings_schema=json.dumps(SCHEMA),
        )

    def validate_settings(self) -> None:
        break_in("validate-settings")
        try:
            re.compile(allowed_images())
        except re.error as error:
            raise Err(f"`images` is no regular expression: {error}") from None

    def review(self) -> Verdict:
        break_in("review")
        for container in job.containers():
            image = job.image(container) or ""
            if not re.fullmatch(allowed_images(), image):
                return reject(f"container `{container}` runs `{image}`, which is not allowed here")
            if not is_pinned(image):
                return reject(
                    f"container `{container}` runs `{image}`, which may change between two runs",
                    "name a digest, or a tag other than `latest`",
                )
        try:
            metadata.set_label("team", settings.text("/team") or "", "every Job has an owner")
        except Err as refused:
            return reject(f"{refused.value.what}: {refused.value.why}")
        return Verdict_Admit()


def allowed_images() -> str:
    return settings.text("/images") or ".*"


def is_pinned(image: str) -> bool:
    """A digest says which image it is, and so does a tag, unless it is `latest`."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return bool(digest) or tag not in ("", "latest")


def break_in(call: str) -> None:
    if settings.text("/break-in") == call:
        print(f"looking for the rule of {call}")
        raise LookupError(f"no rule for {call}")


def reject(reason: str, remedy: str | None = None) -> Verdict:
    return Verdict_Reject(Rejection(reason=reason, remedy=remedy))
