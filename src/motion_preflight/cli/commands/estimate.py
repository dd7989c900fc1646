"""`estimate`: the cost of requests, or of clips that there are not yet."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, OVER_BUDGET, first
from motion_preflight.cli.options import formats_of, profile_of
from motion_preflight.request.errors import ManifestInvalid

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.planned import PlannedCost

# Options that name a request, or something of it that has no influence on the price of a second.
_OF_REQUESTS = ("requests", "image", "video", "orientation", "prompt")
_FORMATS = {"text", "json", "csv"}


def estimate(options: argparse.Namespace) -> int:
    """Estimates requests, or with --seconds clips of that length with every model and mode."""
    if options.seconds is None:
        if options.count is not None:
            raise ManifestInvalid("--count needs --seconds: of how many seconds are the clips?")
        from motion_preflight.cli.commands.check import check  # noqa: PLC0415  the usual way

        return check(options)
    return _planned(options)


def _planned(options: argparse.Namespace) -> int:
    from motion_preflight.report.planned import plan_costs  # noqa: PLC0415  for --seconds alone

    if any(getattr(options, name) for name in _OF_REQUESTS):
        raise ManifestInvalid(
            "--seconds estimates clips that there are not yet: name no request and no media, "
            "at most --model and --mode"
        )
    formats = formats_of(options)
    if not {name for name, _ in formats} <= _FORMATS:
        raise ManifestInvalid(f"with --seconds the format is one of {', '.join(sorted(_FORMATS))}")
    profile, count = profile_of(options), options.count or 1
    plans = plan_costs(options.seconds, count, profile=profile, price=options.price)
    chosen = [
        plan
        for plan in plans
        if options.model in {None, plan.model} and options.mode in {None, plan.mode}
    ]
    if not chosen:
        raise ManifestInvalid(
            f"no model and mode is called so; there are {', '.join(profile.models)}, std and pro"
        )
    written = _write(options, chosen, profile, count)
    refused = not any(plan.orientations for plan in chosen)
    over = options.max_cost is not None and not any(
        plan.amount and plan.amount.high <= options.max_cost for plan in chosen
    )
    return first({OK if written else CANNOT_RUN, *([BROKEN] * refused), *([OVER_BUDGET] * over)})


def _write(
    options: argparse.Namespace, plans: Sequence[PlannedCost], profile: Profile, count: int
) -> bool:
    """Writes the plans in every format that was asked for; False when one was not written."""
    from motion_preflight.cli.console import write_all  # noqa: PLC0415  as above
    from motion_preflight.formats.json import json_text  # noqa: PLC0415  as above
    from motion_preflight.formats.spend import (  # noqa: PLC0415  as above
        SpendReport,
        spend_csv,
        spend_document,
    )
    from motion_preflight.formats.spend_text import planned_text  # noqa: PLC0415  as above
    from motion_preflight.submission.spending import SpendRow, Sums  # noqa: PLC0415  as above

    rows = [
        SpendRow(
            {"model": plan.model, "mode": plan.mode},
            Sums(
                count=count,
                seconds=plan.seconds,
                estimate=plan.amount,
                open=plan.amount,
                unestimated=0 if plan.amount else count,
            ),
            profile.currency,
        )
        for plan in sorted(plans, key=lambda plan: plan.amount.low if plan.amount else _DEAREST)
    ]
    report = SpendReport(("model", "mode"), tuple(rows), None)

    def rendered(name: str, style: Style) -> str:
        if name == "json":
            return json_text(spend_document(report))
        if name == "csv":
            return spend_csv(report)
        return style.shown(planned_text(report, options.seconds, plans, options.max_cost, style))

    options.answered = True
    return write_all(formats_of(options), rendered)


_DEAREST = Decimal("Infinity")
