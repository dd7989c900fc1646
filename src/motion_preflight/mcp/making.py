"""The tools that make a file fit and put it where the provider can fetch it: `fix`, `publish`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.fixes import fix_text, fixes_document
from motion_preflight.formats.publications import publish_document, published_text
from motion_preflight.formats.style import Style
from motion_preflight.mcp.answer import Answer
from motion_preflight.mcp.consent import ensure_can_ask, listed, named
from motion_preflight.mcp.reading import profile_in_force
from motion_preflight.publishing.options import PublishOptions, destination_of
from motion_preflight.publishing.publish import Publishing
from motion_preflight.publishing.published import Published
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.settings import config_folder, load_settings
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from motion_preflight.mcp.arguments import FixArguments, PublishArguments
    from motion_preflight.mcp.call import Call
    from motion_preflight.mcp.reading import Surroundings
    from motion_preflight.media.facts import MediaFacts


def fix(arguments: FixArguments, call: Call, _: Surroundings) -> Answer:
    """Makes media fit, each beside its source."""
    seconds = arguments.seconds
    wish = FixOptions(
        orientation=arguments.orientation,
        start=Decimal(str(arguments.start)),
        seconds=None if seconds is None else Decimal(str(seconds)),
        best_shot=arguments.best_shot,
        slow=arguments.slow,
        mute=arguments.mute,
    )
    fixes = []
    with call.watch(Fixer(wish, profile_in_force())) as fixer:
        for number, location in enumerate(arguments.media):

            def watch(share: float, number: int = number) -> None:
                call.report(number + share, len(arguments.media), "mending")

            call.ensure_wanted()
            fixes.append(fixer.fix(location, dry_run=arguments.dry_run, watch=watch))
    call.ensure_wanted()
    pages = [fix_text(fix, Style(), command=arguments.dry_run) for fix in fixes]
    failed = any(fix.error is not None for fix in fixes)
    return Answer(fixes_document(fixes, []), "\n\n".join(pages), failed)


def publish(arguments: PublishArguments, call: Call, here: Surroundings) -> Answer:
    """Checks files, asks the user, and publishes what passes."""
    settings = load_settings(spending=True)
    destination = destination_of(None, settings)
    if destination is None:
        raise SettingsInvalid(
            "nothing was published: no destination is set. The user sets one in "
            f'{config_folder() / "config.toml"}: publish = "s3://BUCKET/PREFIX"'
        )
    ensure_can_ask(call, "published", "motion-preflight publish FILE")
    options = PublishOptions(orientation=arguments.orientation, allow_private=here.allow_private)
    results: dict[int, Published] = {}
    with call.watch(
        Publishing(options, profile_in_force(), watch=call.ensure_wanted)
    ) as publishing:
        passing: dict[int, MediaFacts] = {}
        for index, location in enumerate(arguments.media):
            examined = publishing.examine(location)
            call.ensure_wanted()
            if isinstance(examined, Published):
                results[index] = examined
            else:
                passing[index] = examined
        if passing and not call.agrees(_question(list(passing.values()), destination)):
            for index, facts in passing.items():
                text = "the user did not say yes"
                results[index] = Published(facts.location, destination, error=text)
            passing = {}
        for index, facts in passing.items():
            results[index] = publishing.send(facts)
    ordered = [results[index] for index in sorted(results)]
    pages = [published_text(result, Style()) for result in ordered]
    failed = any(result.error is not None for result in ordered)
    return Answer(publish_document(ordered, []), "\n\n".join(pages), failed)


def _question(files: list[MediaFacts], destination: str) -> str:
    """What the user is asked: how many files, how large, to where, then each of them."""
    total = sum(facts.size or 0 for facts in files) / 1e6
    what = f"{plural(len(files), 'file')} ({total:.1f} MB) to {printable(destination)}"
    note = "Whoever has its link can fetch such a file until the link ends."
    return "\n".join(
        [f"Publish {what}?", *listed([named(facts.location) for facts in files]), note]
    )
