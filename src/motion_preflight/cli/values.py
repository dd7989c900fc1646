"""Reads the values of options. Each function raises `ArgumentTypeError` for a wrong one."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path

from motion_preflight.cli.names import DIMENSIONS
from motion_preflight.text.numbers import is_amount


def amount(text: str) -> Decimal:
    """An amount of money or seconds: a decimal number that is not negative."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not is_amount(number):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number like 0.10')
    return number


def seconds(text: str) -> float:
    """A number of seconds above 0, up to an hour."""
    seconds = float(amount(text))
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds up to 3600')
    return seconds


def length(text: str) -> Decimal:
    """A length in seconds above 0, up to an hour."""
    number = amount(text)
    if not 0 < number <= 3600:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds up to 3600')
    return number


def wait_seconds(text: str) -> float:
    """A number of seconds to wait, from 0 up to a week."""
    seconds = float(amount(text))
    if not 0 <= seconds <= 7 * 86400:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds up to a week')
    return seconds


def life(text: str) -> dt.timedelta:
    """A time like `24h`, `90m` or `7d`, at most 7 days, which is the longest that S3 signs."""
    match = re.fullmatch(r"([0-9]{1,6})(m|h|d)", text.strip(), re.ASCII)
    unit = {"m": "minutes", "h": "hours", "d": "days"}
    span = dt.timedelta(**{unit[match[2]]: int(match[1])}) if match else dt.timedelta(0)
    if not dt.timedelta(0) < span <= dt.timedelta(days=7):
        raise argparse.ArgumentTypeError(f'"{text}" is not a time like 90m, 24h or 7d, the most')
    return span


def task_id(text: str) -> str:
    """The provider's id of a task, without blanks around it."""
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise argparse.ArgumentTypeError("that is no task id")
    return text.strip()


def jobs(text: str) -> int:
    """A number of jobs from 1 to 1000."""
    number = count(text)
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number from 1 to 1000')
    return number


def port(text: str) -> int:
    number = count(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is not a port: 0 (a free one) to 65535')
    return number


def count(text: str) -> int:
    """A whole number of at most six digits, not negative."""
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number up to 999999')
    return int(text)


def request_count(text: str) -> int:
    """A number of requests from 1 to 999999."""
    number = count(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number from 1 to 999999')
    return number


def day(text: str) -> dt.date:
    """A day like `2026-09-30`."""
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return dt.date.fromisoformat(text)
    raise argparse.ArgumentTypeError(f'"{text}" is not a day like 2026-09-30')


def dimensions(text: str) -> list[str]:
    """The dimensions by which money is summed, with commas between."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in DIMENSIONS:
            raise argparse.ArgumentTypeError(f'"{name}" is none of {", ".join(DIMENSIONS)}')
    return names


def output_pattern(text: str) -> str:
    """A pattern for the names of results."""
    from motion_preflight.submission.result_name import (  # noqa: PLC0415  no check needs it
        pattern_problem,
    )

    problem = pattern_problem(text)
    if problem:
        raise argparse.ArgumentTypeError(f'"{text}" names no result: {problem}')
    return text


def format_target(formats: tuple[str, ...], text: str) -> tuple[str, Path | None]:
    """The name of a format and its file, `None` for stdout, from `NAME` or `NAME=PATH`."""
    name, equals, path = text.partition("=")
    if name not in formats or (equals and not path):
        raise argparse.ArgumentTypeError(f'"{text}" is none of {", ".join(formats)} (=PATH)')
    return name, Path(path) if path and path != "-" else None
