"""`publish`: checks a local file, puts it where the provider can fetch it, and proves the link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import Self

from motion_preflight import interruption
from motion_preflight.media.facts import Measured, MediaFacts
from motion_preflight.media.measurements import measure_one
from motion_preflight.media.medium import Medium
from motion_preflight.media.options import ProbeOptions
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.pipeline import default_profile, medium_location
from motion_preflight.provider.profile import Profile
from motion_preflight.publishing.errors import (
    CredentialsMissing,
    DestinationInvalid,
    PublishError,
    StoreProgramMissing,
)
from motion_preflight.publishing.options import PublishOptions, store_of
from motion_preflight.publishing.published import Published
from motion_preflight.publishing.publisher import Publisher
from motion_preflight.report.findings import Finding, Level, Verdict
from motion_preflight.settings import load_settings, state_folder
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.suitability import Suitability, fits
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url, redacted

_FATAL = (CredentialsMissing, DestinationInvalid, StoreProgramMissing)  # so for every other file
_LEVELS = {Verdict.FAIL: Level.ERROR, Verdict.UNSURE: Level.UNSURE}


def publish(
    medium: str | PathLike[str],
    *,
    to: str | None = None,
    options: PublishOptions | None = None,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    ledger_folder: str | PathLike[str] | None = None,
) -> Published:
    """Checks a local clip or picture, publishes it, proves the link, and returns what came of it.
    A file that is there already is not sent again.

    to             the destination, `s3://BUCKET/PREFIX` and the like; `None`: the setting's
    options        everything else; `None`: a link for 24 hours, of what passes for at least one
                   orientation. Its `to` counts where `to` is not given
    watch          called with the part of the file that was sent, 0 to 1
    profile        limits; `None`: those of `preflight`
    ledger_folder  `None`: `MOTION_PREFLIGHT_STATE`, else the user's state folder

    Why a file was not published stands in the `error` of the result. Raises `DestinationInvalid`,
    `CredentialsMissing`, `StoreProgramMissing`, `SettingsInvalid` and `LedgerUnusable`.
    """
    chosen = options or PublishOptions()
    chosen = replace(chosen, to=to or chosen.to)
    folder = None if ledger_folder is None else Path(ledger_folder)
    watching = watch or (lambda _: None)
    with Publishing(chosen, profile, watch=watching, ledger_folder=folder) as publishing:
        return publishing.publish(medium_location(medium))


class Publishing:
    """Checks and publishes files one after the other, with what they share. For one thread."""

    def __init__(
        self,
        options: PublishOptions,
        profile: Profile | None = None,
        *,
        watch: Callable[[float], None] = lambda _: None,
        ledger_folder: Path | None = None,
    ) -> None:
        settings = load_settings(spending=True)
        self._options = options.with_settings(settings)
        self._profile = profile or default_profile()
        with ExitStack() as stack:
            store = store_of(self._options, settings)
            stack.callback(store.close)
            ledger = stack.enter_context(Ledger(ledger_folder or state_folder()))
            from motion_preflight.network.client import Web  # noqa: PLC0415  imports httpx

            web = stack.enter_context(
                Web(timeout=self._options.timeout, allow_private=self._options.allow_private)
            )
            stack.enter_context(interruption.ended_by(web.abort))
            probe_options = ProbeOptions(profile=self._profile, timeout=self._options.timeout)
            self._workers = stack.enter_context(LocalWorkers(probe_options, 1))
            self._publisher = Publisher(
                store,
                Publications(ledger),
                web,
                expires=self._options.expires,
                url=self._options.public_url,
                watch=watch,
            )
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def publish(self, location: str) -> Published:
        """Publishes one file; see the function `publish`."""
        examined = self.examine(location)
        return examined if isinstance(examined, Published) else self.send(examined)

    def abort(self) -> None:
        """Ends what is being measured now, whichever thread waits for it."""
        self._workers.abort()

    def examine(self, location: str) -> MediaFacts | Published:
        """The facts of a file that may be published, else a result that says why it may not. Nobody
        is contacted.
        """
        destination = self._publisher.destination
        if is_url(location):
            text = "it is a link already, and nothing has to be published: check it"
            return Published(redacted(location), destination, verdict=Verdict.FAIL, error=text)
        medium = measure_one(self._workers, Medium(location, None))
        now = dt.datetime.now(dt.UTC)
        suitability = fits(medium, profile=self._profile, now=now)
        verdict = self._verdict(medium, suitability)
        accepted = verdict is Verdict.PASS or (
            verdict is Verdict.UNSURE and self._options.accept_unsure
        )
        if accepted and isinstance(medium, MediaFacts):
            return medium
        error = medium.error or _why(verdict, suitability.findings)
        return Published(location, destination, verdict=verdict, error=error)

    def send(self, facts: MediaFacts) -> Published:
        """Publishes a file that was examined, unless it changed since."""
        try:
            return self._publisher.publish(facts)
        except _FATAL:
            raise
        except PublishError as error:
            destination = self._publisher.destination
            return Published(facts.location, destination, error=str(error))

    def _verdict(self, medium: Measured, suitability: Suitability) -> Verdict:
        """The verdict on a file: that of its orientation, or the better one of both."""
        if not suitability.verdicts:
            levels = {finding.level for finding in suitability.findings}
            if not isinstance(medium, MediaFacts):
                levels.add(Level.UNSURE)
            return next(
                (verdict for verdict, level in _LEVELS.items() if level in levels), Verdict.PASS
            )
        wanted = self._options.orientation
        if wanted:
            return suitability.verdicts[wanted]
        order = (Verdict.PASS, Verdict.UNSURE, Verdict.FAIL)
        return min(suitability.verdicts.values(), key=order.index)


def _why(verdict: Verdict, findings: tuple[Finding, ...]) -> str:
    """Why a file is not published, and what to do: the first finding that decides it."""
    level = _LEVELS.get(verdict)
    finding = next((one for one in findings if one.level is level), None)
    text = "the check failed" if verdict is Verdict.FAIL else "the check is unsure"
    if finding is None:
        return text
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return f"{text} ({finding.rule}): {finding.message.removesuffix('.')}{remedy}"
