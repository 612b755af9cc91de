"""The configuration: every number of a model. Strict, as a wrong threshold is a silent failure.

::

    {"schema": 1, "name": "en_v1", "state_size": 32, "cap": 2048, "overlap": 256, "windows": 32,
     "cues": ["age_probe", ..., "adult_oversight", "other_language"],
     "risks": ["grooming", "adult_content", "coercion", "scam_lure"],
     "thresholds": {"cue": {"age_probe": 0.5, ...}, "gentle": {"grooming": 0.6, ...},
                    "strong": {"grooming": 0.9, ...}, "other_language": 0.9},
     "vectors": [...],
     "training": {...}}

``cues`` and ``risks`` name the graph's outputs in order and must be the SDK's own lists: DESIGN.md,
section 1, item 7. ``vectors`` (optional) are golden vectors, read by `nudge_sdk.golden`.
``training`` (optional) is a free record of how the model was made, never read at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nudge_sdk.bundle._fields import Fields, parse_json
from nudge_sdk.policy import Thresholds
from nudge_sdk.state import MAX_GRAPH_STATE
from nudge_sdk.values import CUES, RISKS

SCHEMA: Final = 1
OTHER_LANGUAGE: Final = "other_language"
MAX_CAP: Final = 65_536  # code points in one window
MAX_WINDOWS: Final = 1_024
_CHECK: Final = "config"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """A model's numbers; see the module for the format.

    Attributes:
        name: the bundle's name, the same as in the manifest.
        state_size: floats in the graph's state, 1 to 64.
        cap, overlap: code points in one window, and shared by two neighbours.
        windows: windows read of one message at the most; at least 2, the head and the tail.
        thresholds: the policy's numbers that belong to this model.
        vectors: golden vectors as they stand in the file.
    """

    name: str
    state_size: int
    cap: int
    overlap: int
    windows: int
    thresholds: Thresholds
    vectors: tuple[Any, ...]

    @classmethod
    def from_bytes(cls, raw: bytes) -> Config:
        """Read a configuration whose hash has been checked.

        Raises:
            BundleSchemaError: it is of a later format.
            BundleDamagedError: a field is missing, wrong or unknown.
        """
        fields = Fields(parse_json(raw, _CHECK), _CHECK)
        fields.schema(SCHEMA)
        _equal_list(fields, "cues", (*CUES, OTHER_LANGUAGE))
        _equal_list(fields, "risks", RISKS)
        cap = fields.whole("cap", 1, MAX_CAP)
        config = cls(
            name=fields.take("name", str),
            state_size=fields.whole("state_size", 1, MAX_GRAPH_STATE),
            cap=cap,
            overlap=fields.whole("overlap", 0, cap - 1),
            windows=fields.whole("windows", 2, MAX_WINDOWS),
            thresholds=_thresholds(fields.within("thresholds")),
            vectors=tuple(fields.take("vectors", list)) if "vectors" in fields.names() else (),
        )
        fields.drop("training")
        fields.close()
        return config


def _equal_list(fields: Fields, name: str, wanted: tuple[str, ...]) -> None:
    if fields.take(name, list) != list(wanted):
        fields.fail(name, "are not the ones that this SDK reads")


def _thresholds(fields: Fields) -> Thresholds:
    strong_fields = fields.within("strong")
    gentle = _numbers(fields.within("gentle"), RISKS)
    strong = _numbers(strong_fields, RISKS)
    for risk, low, high in zip(RISKS, gentle, strong, strict=True):
        if high < low:
            strong_fields.fail(risk, "is below the gentle threshold")
    thresholds = Thresholds(
        cue=_numbers(fields.within("cue"), CUES),
        gentle=gentle,
        strong=strong,
        other_language=fields.probability(OTHER_LANGUAGE),
    )
    fields.close()
    return thresholds


def _numbers(fields: Fields, names: tuple[str, ...]) -> tuple[float, ...]:
    numbers = tuple(fields.probability(name) for name in names)
    fields.close()
    return numbers
