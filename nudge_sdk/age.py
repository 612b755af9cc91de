"""From what platforms say about age to a band, without keeping a birth date.

Each function takes what a platform gave and returns an `AgeBand`, or ``None`` when it said nothing;
hand that to ``Profile(band=...)``, which takes 13 to 15 for ``None``, or to ``Contact(band=...)``.
Nothing is stored here, and a birth year goes no further than its function.

A range can span more than one band. Then the **youngest** one counts: for the user that is the more
careful one, and for a contact it is no more than is certain, so that nobody is taken for an adult
who may not be.

==================  ================================================================================
signal              source
==================  ================================================================================
`from_apple`        Declared Age Range: ``AgeRangeService.AgeRange``, ``lowerBound`` and
                    ``upperBound``; ``declinedSharing`` gives nothing
                    (developer.apple.com/documentation/declaredagerange)
`from_google`       Play Age Signals: ``userStatus``, ``ageLower`` and ``ageUpper``; bands 0-12,
                    13-15, 16-17 and 18+ by default
                    (developer.android.com/google/play/age-signals/use-age-signals-api)
`from_birth_year`   a year that the user gave
==================  ================================================================================

>>> from nudge_sdk import Profile, age
>>> Profile(band=age.from_apple(13, 15)).age_band
'13_15'
>>> Profile(band=age.from_apple(declined=True)).age_band  # nothing is known: 13 to 15
'13_15'
"""

from __future__ import annotations

from typing import Final

from nudge_sdk._checks import check_str, check_whole
from nudge_sdk.errors import UsageError
from nudge_sdk.values import MAX_AGE, AgeBand, age_band

_ADULT: Final = 18  # years: Google's VERIFIED means over 18
_VERIFIED: Final = "VERIFIED"
_NOTHING: Final = ("", "UNKNOWN")
_FIRST_YEAR: Final = 1900


def from_range(lower: int | None, upper: int | None) -> AgeBand | None:
    """Youngest band of a range of ages, whole years, both ends included; ``None`` without ends.

    Raises:
        UsageError: an impossible age, or a range that runs backwards.
    """
    for name, end in (("lower", lower), ("upper", upper)):
        if end is not None:
            check_whole(end, name, 0, MAX_AGE)
    if lower is None and upper is None:
        return None
    if lower is not None and upper is not None and upper < lower:
        raise UsageError("upper must not be below lower")
    return age_band(lower or 0)


def from_apple(
    lower: int | None = None, upper: int | None = None, *, declined: bool = False
) -> AgeBand | None:
    """Band from Apple's declared age range.

    Args:
        lower, upper: ``lowerBound`` and ``upperBound``, whole years; an open end is ``None``. Ask
            with the gates 10, 13 and 16, or 13, 16 and 18: the system takes three at the most.
        declined: the answer was ``declinedSharing``.

    Raises:
        UsageError: an impossible range.
    """
    return None if declined else from_range(lower, upper)


def from_google(
    status: str | None, lower: int | None = None, upper: int | None = None
) -> AgeBand | None:
    """Band from Google's age signals.

    Args:
        status: name of ``userStatus``, for example ``SUPERVISED``; ``None`` or empty where the law
            asks Google Play for no signal. A status that is not known here counts by its ages.
        lower, upper: ``ageLower`` and ``ageUpper``, whole years, where given.

    Raises:
        UsageError: a status that is not a str, or an impossible range.
    """
    name = "" if status is None else status
    check_str(name, "status")
    if name.upper() in _NOTHING:
        return None
    if name.upper() == _VERIFIED and lower is None and upper is None:
        return age_band(_ADULT)
    return from_range(lower, upper)


def from_birth_year(year: int | None, *, this_year: int) -> AgeBand | None:
    """Band from a year of birth, as if the birthday were still to come: the younger of two ages.

    Args:
        year: of birth; ``None`` when it was not given.
        this_year: the current one, by the host's calendar.

    Raises:
        UsageError: a year in the future or over 130 years ago.
    """
    check_whole(this_year, "this_year", _FIRST_YEAR, 9999)
    if year is None:
        return None
    check_whole(year, "year", this_year - MAX_AGE, this_year)
    return age_band(max(this_year - year - 1, 0))
