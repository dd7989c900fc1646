"""What each answer of the provider means; nothing that it can send makes the reading fail."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paths import ROOT

from motion_preflight.provider.responses import (
    Ambiguous,
    Refused,
    Submitted,
    Task,
    balance,
    classify_response,
    message,
    parsed,
    retry_after,
    task,
    uploaded_url,
)
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import FINAL

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = ROOT / "src/motion_preflight/sandbox/answers"
REFUSALS = {400, 401, 402, 403, 404, 405, 410, 413, 415, 422}
TASK = "task_7316402958160742"
TAKEN = b'{"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]}'


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def kind(status: int, body: bytes = b"", **headers: str) -> str:
    """The name of what an answer means."""
    return type(classify_response(status, headers, body)).__name__


def harmless(text: str | None) -> bool:
    """Whether a text is one line that cannot drive a terminal."""
    odd = {"Cc", "Cs", "Zl", "Zp"}
    return text is None or not any(
        category(sign) in odd or "\u202a" <= sign <= "\u202e" for sign in text
    )


def error(**words: object) -> bytes:
    """An error of the documented shape."""
    return json.dumps({"error": words}).encode()


# ---------------------------------------------------------------- the paid POST


@pytest.mark.parametrize("name", ["submitted-list.json", "submitted-object.json"])
@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_a_task_id_in_a_good_answer_means_submitted(name: str, status: int) -> None:
    assert classify_response(status, {}, sample(name)) == Submitted(TASK, None)


def test_without_a_task_id_the_status_alone_decides() -> None:
    usual = dict.fromkeys(range(100, 600), "Ambiguous")
    expected = usual | dict.fromkeys(REFUSALS | {429}, "Refused")
    assert {status: kind(status) for status in expected} == expected


def test_an_answer_of_any_status_with_a_task_id_is_submitted() -> None:
    assert {kind(status, TAKEN) for status in range(100, 600)} == {"Submitted"}


@pytest.mark.parametrize("code", [0, 200, 202, 400, 429, 500, "error", None])
@pytest.mark.parametrize("name", ["task_id", "id"])
@pytest.mark.parametrize("form", ["list", "object"])
def test_a_task_id_counts_whatever_the_code_says(code: object, name: str, form: str) -> None:
    data = {"status": "submitted", name: "task_1"}
    body = json.dumps({"code": code, "data": [data] if form == "list" else data}).encode()
    assert classify_response(200, {}, body) == Submitted("task_1", None)


def test_a_task_id_counts_next_to_an_error() -> None:
    body = b'{"error": {"message": "slow"}, "data": {"id": "task_1"}}'
    assert classify_response(200, {}, body) == Submitted("task_1", None)


@pytest.mark.parametrize(
    "document",
    [
        {"data": [{"task_id": "task_1"}]},
        {"data": {"id": "task_1"}},
        {"data": {"taskId": "task_1"}},
        {"data": {"task": {"id": "task_1"}}},
        {"data": {"task": {"task_id": "task_1"}}},
        {"data": {"data": {"id": "task_1"}}},
        {"data": "task_1"},
        {"data": ["task_1"]},
        {"task_id": "task_1"},
        {"taskId": "task_1"},
        {"id": "task_1"},
        {"id": "task_1", "object": "video", "status": "queued"},
        {"result": {"task_id": "task_1"}},
        {"task": {"id": "task_1"}},
        [{"task_id": "task_1"}],
        {"id": "request-7", "data": {"task_id": "task_1"}},
        {"error": {"message": "slow", "task_id": "task_1"}},
        {"error": {"message": "slow"}, "id": "task_1"},
    ],
)
def test_a_task_id_is_found_wherever_it_was_seen(document: object) -> None:
    body = json.dumps(document).encode()
    statuses = (200, 202, 302, 400, 409, 429, 500, 503, 504)
    results = {status: classify_response(status, {}, body) for status in statuses}
    assert results == dict.fromkeys(statuses, Submitted("task_1", None))


@pytest.mark.parametrize(
    "document",
    [
        {"error": {"message": "no"}, "id": "request-7"},
        {"error": {"message": "no", "id": "error-7"}},
        {"request_id": "request-7", "message": "no"},
        {"data": "the prompt is odd"},
        {"task_id": "null"},
        {"data": {"task_id": "0"}},
    ],
)
def test_the_id_of_a_refusal_or_of_its_request_is_no_task(document: object) -> None:
    assert kind(400, json.dumps(document).encode()) == "Refused"
    assert kind(500, json.dumps(document).encode()) == "Ambiguous"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "success", "result": {"url": "https://a/1"}}, State.COMPLETED),
        ({"status": "SUCCESS", "fail_reason": "https://a/1"}, State.COMPLETED),
        ({"status": "success"}, State.SUBMITTED),
        ({"status": "success", "result": {"cover_url": "https://a/1.jpg"}}, State.SUBMITTED),
        ({"status": "succeeded"}, State.COMPLETED),
    ],
)
def test_success_means_completed_where_there_is_a_result(
    fields: dict[str, object], state: State
) -> None:
    result = task({"data": fields})
    assert result is not None
    assert (result.state, result.error) == (state, None)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"error": {"message": "too dark"}}, "too dark"),
        ({"error_message": "too dark"}, "too dark"),
        ({"fail_reason": "too dark"}, "too dark"),
        ({"result": {"error_message": "too dark"}}, "too dark"),
        ({"fail_reason": "https://a/1?sig=x"}, None),
    ],
)
def test_why_a_task_failed_is_read_wherever_it_was_seen(
    fields: dict[str, object], why: str | None
) -> None:
    result = task({"data": {"status": "failure"} | fields})
    assert result is not None
    assert (result.state, result.error) == (State.FAILED, why)


def test_the_video_that_was_sent_is_no_result() -> None:
    sent = {"status": "completed", "video_url": "https://a/mine", "input": {"url": "https://a/2"}}
    result = task({"data": sent})
    assert result is not None
    assert result.urls == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"   \n", id="white space"),
        pytest.param(b"ok", id="text"),
        pytest.param(b"<!doctype html><title>Welcome</title>", id="a web page"),
        pytest.param(TAKEN[:-2], id="JSON that breaks off"),
        pytest.param(TAKEN + b"}", id="JSON with more behind it"),
        pytest.param(b"\xff\xfe\xfa", id="bytes"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"task_1"', id="a string"),
        pytest.param(b"17", id="a number"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b'{"code": 200}', id="no data"),
        pytest.param(b'{"code": 200, "data": null}', id="null for data"),
        pytest.param(b'{"code": 200, "data": []}', id="an empty list for data"),
        pytest.param(b'{"code": 200, "data": {}}', id="an empty object for data"),
        pytest.param(b'{"code": 200, "data": "accepted"}', id="a string for data"),
        pytest.param(b'{"code": 200, "data": ["accepted", null]}', id="strings in data"),
        pytest.param(b'{"code": 200, "data": [["task_1"]]}', id="a list in data"),
        pytest.param(b'{"code": 200, "data": {"status": "submitted"}}', id="no id"),
        pytest.param(b'{"code": 400, "data": null, "message": "no"}', id="a code of 400"),
        pytest.param(b'{"code": 500}', id="a code of 500"),
        pytest.param(error(code=400, message="no", type="invalid_request_error"), id="an error"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"data":' * 5000 + b"1" + b"}" * 5000, id="nested deeply"),
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_a_good_answer_without_a_task_id_means_unclear(status: int, body: bytes) -> None:
    result = classify_response(status, {}, body)
    assert isinstance(result, Ambiguous)
    assert result.message.startswith(f"the answer was {status}, without a task id")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("task_1", "task_1"),
        ("  task_1\n", "task_1"),
        ("a b/c?d", "a b/c?d"),
        ("tâche", "tâche"),
        ("x" * 200, "x" * 200),
        (12345, "12345"),
        pytest.param("", None, id="empty"),
        pytest.param(" \t\n", None, id="blank"),
        pytest.param(None, None, id="null"),
        pytest.param(True, None, id="true"),
        pytest.param(False, None, id="false"),
        pytest.param(0, None, id="zero"),
        pytest.param(-1, None, id="minus one"),
        pytest.param(1.5, None, id="a fraction"),
        pytest.param("x" * 201, None, id="too long"),
        pytest.param(10**200, None, id="a number that is too long"),
        pytest.param("task\x1b[31m", None, id="an escape character"),
        pytest.param("task\n1", None, id="two lines"),
        pytest.param("task\x00", None, id="a NUL"),
        pytest.param("task\u202e1", None, id="a change of direction"),
        pytest.param("task\ud800", None, id="half of a pair"),
        pytest.param(["task_1"], None, id="a list"),
        pytest.param({"id": "task_1"}, None, id="an object"),
    ],
)
@pytest.mark.parametrize("name", ["task_id", "id"])
def test_a_task_id_is_a_word_or_a_number_above_zero(
    name: str, value: object, expected: str | None
) -> None:
    result = classify_response(200, {}, json.dumps({"data": [{name: value}]}).encode())
    assert (result.task_id if isinstance(result, Submitted) else None) == expected


@pytest.mark.parametrize(
    "data",
    [
        {"task_id": "", "id": "task_1"},
        {"task_id": None, "id": "task_1"},
        {"task_id": False, "id": "task_1"},
        {"task_id": "task_1", "id": 77},
        [{}, {"task_id": "task_1"}],
        [None, {"id": " "}, {"id": "task_1"}],
        [{"task_id": "task_1"}, {"task_id": "task_2"}],
    ],
)
def test_the_first_usable_task_id_counts(data: object) -> None:
    body = json.dumps({"code": 200, "data": data}).encode()
    assert classify_response(200, {}, body) == Submitted("task_1", None)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(b"9" * 4000, id="long"),
        pytest.param(b"1e400", id="beyond a float"),
        pytest.param(b"1e999999", id="beyond a decimal"),
        pytest.param(b"-1e-999999", id="next to nothing"),
        pytest.param(b"1e9999999999999999999999", id="beyond every number"),
        pytest.param(b"1e-9999999999999999999999", id="nearer to zero than every number"),
        pytest.param(b"NaN", id="not a number"),
        pytest.param(b"-Infinity", id="infinite"),
    ],
)
def test_a_number_that_nobody_can_mean_does_not_hide_the_task_id(number: bytes) -> None:
    body = b'{"code": %b, "data": [{"task_id": "task_1", "progress": %b}]}' % (number, number)
    assert classify_response(200, {}, body) == Submitted("task_1", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert classify_response(200, {}, TAKEN.decode().encode(encoding)) == Submitted("task_1", None)


@pytest.mark.parametrize(
    "body", [b"", b"no", b"<p>no</p>", b"{", b"[]", b"{}", error(message="no", code=1)]
)
def test_a_refusal_is_one_whatever_its_body(body: bytes) -> None:
    results = {
        (status, whole): classify_response(status, {}, body, whole=whole)
        for status in sorted(REFUSALS)
        for whole in (True, False)
    }
    wrong = {
        (status, whole): result
        for (status, whole), result in results.items()
        if not isinstance(result, Refused)
        or (result.status, result.later, result.retry_after) != (status, False, None)
    }
    assert wrong == {}


def test_the_documented_refusal_says_why() -> None:
    result = classify_response(401, {"x-request-id": "r-1"}, sample("error.json"))
    answer = "authentication_error: 401: the API key is missing"
    assert result == Refused(401, answer, "r-1")


def test_too_many_requests_means_later() -> None:
    body = error(code=429, message="slow down", type="rate_limit_error")
    result = classify_response(429, {"retry-after": "7"}, body)
    answer = "rate_limit_error: 429: slow down"
    assert result == Refused(429, answer, None, later=True, retry_after=7.0)
    assert classify_response(429, {}, b"") == Refused(429, "", None, later=True, retry_after=None)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, error(type="idempotency_unavailable", message="not executed"), "Refused"),
        (503, error(type="idempotency_unavailable"), "Refused"),
        (503, error(type="service_unavailable"), "Ambiguous"),
        (503, error(code="idempotency_unavailable"), "Ambiguous"),
        (503, error(message="idempotency_unavailable"), "Ambiguous"),
        (503, error(type=["idempotency_unavailable"]), "Ambiguous"),
        (503, b'{"error": "idempotency_unavailable"}', "Ambiguous"),
        (503, b"idempotency_unavailable", "Ambiguous"),
        (503, b"", "Ambiguous"),
        (500, error(type="idempotency_unavailable"), "Ambiguous"),
        (502, error(type="idempotency_unavailable"), "Ambiguous"),
        (200, error(type="idempotency_unavailable"), "Ambiguous"),
    ],
)
def test_of_the_503_only_the_one_that_says_not_executed_is_a_refusal(
    status: int, body: bytes, expected: str
) -> None:
    assert kind(status, body) == expected


@pytest.mark.parametrize(
    "status", [100, 301, 302, 307, 308, 408, 409, 500, 502, 504, 520, 521, 522, 523, 524]
)
@pytest.mark.parametrize("body", [b"", b"<p>wait</p>", error(type="invalid_request_error")])
def test_whatever_may_have_been_taken_is_unclear(status: int, body: bytes) -> None:
    result = classify_response(status, {}, body)
    assert isinstance(result, Ambiguous)
    assert result.message.startswith(f"the answer was {status}")


def test_an_unclear_answer_is_quoted() -> None:
    page = b"<html><head><style>p {}</style><script>f('<p>')</script></head><p>Bad\n gateway</p>"
    assert classify_response(502, {}, page) == Ambiguous("the answer was 502: Bad gateway", None)
    assert classify_response(200, {}, b"") == Ambiguous(
        "the answer was 200, without a task id", None
    )
    broken = classify_response(200, {}, b'{"data": [{"task_id": "ta', whole=False)
    assert isinstance(broken, Ambiguous)
    assert broken.message.startswith("the answer was 200, and broke off, without a task id: ")


def test_an_answer_that_broke_off_behind_its_json_is_read() -> None:
    assert classify_response(200, {}, TAKEN, whole=False) == Submitted("task_1", None)


# ---------------------------------------------------------------- words, ids, moments


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (error(type="t", code="c", message="m"), "t: c: m"),
        (error(code=0, message="m", type=""), "m"),
        (error(code=400, message=None), "400"),
        (error(message=["a", {"b": 1}]), "['a', {'b': 1}]"),
        (b'{"error": "words"}', "words"),
        (b'{"message": "words"}', "words"),
        (b'{"msg": "words"}', "words"),
        (b'{"error": null, "message": "words"}', "words"),
        (b'{"error": [], "message": "words"}', "words"),
        pytest.param(b'{"error": "", "message": "words"}', "words", id="an empty error"),
        pytest.param(b'{"error": {}, "message": "words"}', "words", id="an error of nothing"),
        (b'{"message": 5, "msg": "words"}', "words"),
        (b"{}", ""),
        (b"", ""),
        (b"plain\n\n text", "plain text"),
        (b"a < b", "a < b"),
        (b"a <b>c</b>", "a c"),
        ("é".encode("latin-1"), "�"),
        (b"[1, 2]", "[1, 2]"),
        (b"a\x1b[31mb\x00", "a�[31mb�"),
        (error(message="a\u202eb\ud800"), "a�b�"),
        (b"see https://a.b/c?d=e#f now", "see https://a.b/c?d=…#… now"),
        (error(message="https://u:p@a.b/c?sig=e"), "https://…@a.b/c?sig=…"),
    ],
)
def test_the_words_of_an_answer_are_one_line_without_secrets(body: bytes, expected: str) -> None:
    assert message(body, parsed(body)) == expected


@pytest.mark.parametrize(
    "body", [b"x" * 400, b"y " * 50_000, error(message="z" * 400), b'{"msg": "%b"}' % (b"m" * 999)]
)
def test_the_words_of_an_answer_end_somewhere(body: bytes) -> None:
    assert 250 < len(message(body, parsed(body))) <= 300


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"x-request-id": "r-1"}, b"", "r-1"),
        ({"request-id": "r-1"}, b"", "r-1"),
        ({"x-oneapi-request-id": "r-1"}, b"", "r-1"),
        ({"cf-ray": "r-1"}, b"", "r-1"),
        ({"cf-ray": "r-2", "x-request-id": "r-1"}, b"", "r-1"),
        ({"cf-ray": "r-1", "x-request-id": " "}, b"", "r-1"),
        ({}, error(request_id="r-1"), "r-1"),
        ({}, b'{"request_id": "r-1"}', "r-1"),
        ({}, b'{"error": "no", "request_id": "r-1"}', "r-1"),
        ({}, b'{"error": {"request_id": "r-1"}, "request_id": "r-2"}', "r-1"),
        ({"x-request-id": "r-1"}, error(request_id="r-2"), "r-1"),
        ({}, error(request_id=17), None),
        ({}, b'[{"request_id": "r-1"}]', None),
        ({"x-request-id": "a\x1b b"}, b"", "a� b"),
        ({"x-request-id": "r" * 400}, b"", "r" * 100),
        ({"date": "today"}, b"", None),
    ],
)
def test_the_request_id_is_in_a_header_or_in_the_body(
    headers: dict[str, str], body: bytes, expected: str | None
) -> None:
    statuses = (200, 400, 429, 500)
    results = {status: classify_response(status, headers, body).request_id for status in statuses}
    assert results == dict.fromkeys(statuses, expected)


def test_a_submitted_request_has_its_request_id() -> None:
    assert classify_response(200, {"x-request-id": "r-1"}, TAKEN) == Submitted("task_1", "r-1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("5", 5.0),
        (" 5 ", 5.0),
        ("0.25", 0.25),
        ("86400", 86400.0),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1e3", None),
        ("0x10", None),
        ("1_0", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("5 s", None),
        ("5, 6", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 86_400.0),
    ],
)
def test_retry_after_is_a_number_of_seconds(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}) == seconds


def test_there_may_be_no_retry_after() -> None:
    assert retry_after({}) is None


# ---------------------------------------------------------------- tasks


def looked(**fields: object) -> Task:
    """A task in the answer to a poll."""
    result = task(parsed(json.dumps({"code": 200, "data": {"status": "queued"} | fields}).encode()))
    assert result is not None
    return result


def test_the_sample_of_a_completed_task() -> None:
    assert task(parsed(sample("task-completed.json"))) == Task(
        word="completed",
        state=State.COMPLETED,
        progress=100,
        cost=Decimal("0.45696"),
        error=None,
        urls=(f"https://example.com/results/{TASK}.mp4",),
        expires_at=1763174708,
    )


def test_the_sample_of_a_failed_task() -> None:
    assert task(parsed(sample("task-failed.json"))) == Task(
        word="failed",
        state=State.FAILED,
        progress=40,
        cost=Decimal("0.45696"),
        error="generation_failed: 500: the person could not be followed through the whole video",
        urls=(),
        expires_at=None,
    )


def test_the_sample_of_a_task_under_way() -> None:
    assert task(parsed(sample("task-processing.json"))) == Task(
        word="processing",
        state=State.SUBMITTED,
        progress=40,
        cost=Decimal(0),
        error=None,
        urls=(),
        expires_at=None,
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("completed", State.COMPLETED),
        ("failed", State.FAILED),
        ("cancelled", State.CANCELLED),
        ("Completed", State.COMPLETED),
        ("FAILED", State.FAILED),
        (" cancelled\n", State.CANCELLED),
        ("succeeded", State.COMPLETED),
        ("SUCCEEDED", State.COMPLETED),
        ("failure", State.FAILED),
        ("Error", State.FAILED),
        ("canceled", State.CANCELLED),
        ("expired", State.FAILED),
        *(
            (word, State.SUBMITTED)
            for word in (
                "submitted", "queued", "pending", "processing", "in_progress", "running",
                "success", "done", "not-sent", "unknown", "rejected", "completed?", "complete",
                "未知",
            )
        ),
    ],
)  # fmt: skip
def test_every_word_that_is_none_of_the_end_is_a_task_that_runs(word: str, state: State) -> None:
    result = looked(status=word)
    assert result.state is state
    assert result.word == word.strip()


@pytest.mark.parametrize("word", ["a" * 500, "a\x1b[2Jb", "https://a.b/c?d=secret-secret"])
def test_the_word_is_shown_short_and_without_secrets(word: str) -> None:
    shown = looked(status=word).word
    assert len(shown) <= 40
    assert harmless(shown)
    assert "secret" not in shown


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, "completed", 5, {"data": None}, {"data": []}, {"data": [[]]}, {"data": "x"},
        {"data": {}}, {"data": {"status": None}}, {"data": {"status": ""}},
        {"data": {"status": " "}}, {"data": {"status": 3}}, {"data": {"status": ["failed"]}},
        {"data": [None, {"status": "completed"}]}, {"status": "completed"},
        {"error": {"message": "no such task"}}, [{"status": "completed"}],
    ],
)  # fmt: skip
def test_an_answer_may_hold_no_task(data: object) -> None:
    assert task(data) is None


def test_the_task_may_stand_in_a_list() -> None:
    data = [{"status": "completed", "progress": 100}, {"status": "failed"}]
    result = task({"data": data})
    assert result is not None
    assert result.state is State.COMPLETED


@pytest.mark.parametrize(
    ("value", "progress"),
    [
        (0, 0), (40, 40), (100, 100), (40.9, 40), (-1, None), (101, None), (1e300, None),
        ("40", None), ("40%", None), (True, None), (None, None), ([40], None),
    ],
)  # fmt: skip
def test_progress_is_a_percentage(value: object, progress: int | None) -> None:
    assert looked(progress=value).progress == progress


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({}, None),
        ({"cost": 0.45696}, "0.45696"),
        ({"cost": 0.45696, "credits_cost": 4.5696}, "0.45696"),
        ({"credits_cost": 4.5696}, "0.45696"),
        ({"cost": None, "credits_cost": 12}, "1.2"),
        ({"cost": 0}, "0"),
        ({"cost": 0, "credits_cost": 0}, "0"),
        ({"cost": 0, "credits_cost": 5}, "0"),
        ({"cost": 1}, "1"),
        ({"cost": -0.5}, None),
        ({"credits_cost": -5}, None),
        ({"cost": 10**12}, None),
        ({"credits_cost": 10**12}, None),
        ({"cost": "0.45"}, None),
        ({"cost": True}, None),
        ({"cost": True, "credits_cost": 5}, "0.5"),
        ({"credits_cost": False}, None),
        ({"cost": [1], "credits_cost": {}}, None),
    ],
)
def test_the_cost_is_in_dollars_or_in_credits(fields: dict[str, Any], cost: str | None) -> None:
    assert looked(**fields).cost == (None if cost is None else Decimal(cost))


@pytest.mark.parametrize("name", ["cost", "credits_cost"])
@pytest.mark.parametrize(
    "number",
    ["1e99999", "-1e99999", "1e9999999", "1e-99999", "1e-9999999", "-1e-99999", "9" * 4000,
     "0." + "1" * 4000, "0e99999", "0e-99999"],
)  # fmt: skip
def test_a_cost_that_nobody_can_mean_is_not_known(name: str, number: str) -> None:
    result = task(parsed(f'{{"data": {{"status": "completed", "{name}": {number}}}}}'.encode()))
    assert result is not None
    assert result.cost is None or len(f"{result.cost:f}") < 60


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None), ("", None), ({}, None), ([], None), (0, None), (False, None), ([1], None),
        ("too dark", "too dark"),
        ({"message": "too dark"}, "too dark"),
        ({"code": 500, "message": "too dark", "type": "failed"}, "failed: 500: too dark"),
        ({"code": "E7", "message": "too dark"}, "E7: too dark"),
        ({"code": 7, "message": None, "type": None}, "7"),
        ({"message": "a\x1b\nb"}, "a� b"),
        ({"message": "see https://a.b/c?d=secret"}, "see https://a.b/c?d=…"),
    ],
)  # fmt: skip
def test_the_error_of_a_task_is_in_words(error: object, expected: str | None) -> None:
    assert looked(status="failed", error=error).error == expected


@pytest.mark.parametrize(
    ("result", "urls", "end"),
    [
        (None, (), None),
        ([], (), None),
        ({"videos": None}, (), None),
        ({"videos": {"url": "https://a/1"}}, ("https://a/1",), None),
        ({"videos": [None, "https://a/1", {}]}, ("https://a/1",), None),
        ({"videos": ["https://a/1", "https://a/2"]}, ("https://a/1", "https://a/2"), None),
        ({"url": "https://a/1"}, ("https://a/1",), None),
        ({"video_url": "https://a/1"}, ("https://a/1",), None),
        ({"video_url": "https://a/1", "videos": [{"url": "https://a/1"}]}, ("https://a/1",), None),
        ({"video": {"url": "https://a/1"}}, ("https://a/1",), None),
        ({"url": "https://a/1", "expires_at": 1763174708}, ("https://a/1",), 1763174708),
        ({"videos": [{"cover_url": "https://a/1.jpg"}], "image_url": "https://a/2"}, (), None),
        ("https://a/1", ("https://a/1",), None),
        (["https://a/1"], ("https://a/1",), None),
        ("it is done", (), None),
        ({"videos": [{"url": "https://a/1"}]}, ("https://a/1",), None),
        ({"videos": [{"url": ["https://a/1"]}]}, ("https://a/1",), None),
        ({"videos": [{"url": ["a", "", None, 5, "b"]}]}, ("a", "b"), None),
        ({"videos": [{"url": "a", "expires_at": 1763174708}]}, ("a",), 1763174708),
        (
            {"videos": [{"url": "a", "expires_at": 30}, {"url": ["b", "c"], "expires_at": 20}]},
            ("a", "b", "c"),
            20,
        ),
        ({"videos": [{"url": "a", "expires_at": 30}, {"url": "b"}]}, ("a", "b"), 30),
        ({"videos": [{"url": "a", "expires_at": 1763174708.9}]}, ("a",), 1763174708),
        ({"videos": [{"url": "a", "expires_at": 0}]}, ("a",), None),
        ({"videos": [{"url": "a", "expires_at": -1}]}, ("a",), None),
        ({"videos": [{"url": "a", "expires_at": 10**11}]}, ("a",), None),
        ({"videos": [{"url": "a", "expires_at": 1763174708123}]}, ("a",), 1763174708),
        ({"videos": [{"url": "a", "expires_at": True}]}, ("a",), None),
        ({"videos": [{"url": "a", "expires_at": "1763174708"}]}, ("a",), None),
    ],
)
def test_links_are_strings_or_lists_and_the_first_end_counts(
    result: object, urls: tuple[str, ...], end: int | None
) -> None:
    results_so_far = looked(status="completed", result=result)
    assert (results_so_far.urls, results_so_far.expires_at) == (urls, end)


# ---------------------------------------------------------------- balance and upload


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({"remain_balance": 12.5}, "12.5"),
        ({"success": True, "remain_balance": 0}, "0"),
        ({"success": True, "remain_balance": -3}, "-3"),
        ({"success": True, "remain_balance": -1}, None),
        ({"success": True, "remain_balance": -1.0}, None),
        ({"success": True, "unlimited_quota": True}, None),
        ({"success": True, "unlimited_quota": True, "remain_balance": 5}, None),
        ({"success": True, "unlimited_quota": False, "remain_balance": 5}, "5"),
        ({"success": True, "unlimited_quota": "true", "remain_balance": 5}, "5"),
    ],
)
def test_the_balance_is_what_is_left(data: dict[str, Any], left: str | None) -> None:
    result = balance(parsed(json.dumps(data).encode()))
    assert result == (None if left is None else Decimal(left))


def test_the_samples_of_a_balance() -> None:
    assert balance(parsed(sample("balance.json"))) == Decimal("99.54304")
    assert balance(parsed(sample("balance-unlimited.json"))) is None
    with pytest.raises(ValueError, match=r"^the balance cannot be read just now$"):
        balance(parsed(sample("balance-refused.json")))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "the answer is no balance"),
        ([], "the answer is no balance"),
        ("5", "the answer is no balance"),
        (5, "the answer is no balance"),
        ({"success": False}, "the answer is no balance"),
        ({"success": False, "remain_balance": 5}, "the answer is no balance"),
        ({"success": False, "message": "no\x1b key"}, "no� key"),
        ({"success": False, "error": {"message": "no key"}}, "no key"),
        ({}, "the answer holds no remain_balance"),
        ({"success": True}, "the answer holds no remain_balance"),
        ({"remain_balance": None}, "the answer holds no remain_balance"),
        ({"remain_balance": "5"}, "the answer holds no remain_balance"),
        ({"remain_balance": True}, "the answer holds no remain_balance"),
        ({"remain_balance": [5]}, "the answer holds no remain_balance"),
        ({"data": {"remain_balance": 5}}, "the answer holds no remain_balance"),
    ],
)
def test_an_answer_may_be_no_balance(data: object, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        balance(data)


@pytest.mark.parametrize("number", ["-1e99999", "1e-99999", "-1e-99999", "0e-99999"])
def test_a_balance_that_nobody_can_mean_is_none(number: str) -> None:
    with suppress(ValueError):
        left = balance(parsed(f'{{"success": true, "remain_balance": {number}}}'.encode()))
        assert left is None or len(f"{left:f}") < 60


def test_the_sample_of_an_upload() -> None:
    assert uploaded_url(parsed(sample("upload.json"))) == "https://example.com/uploads/1.png"


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"url": "https://a.b/1.png"}, "https://a.b/1.png"),
        ({"url": "HTTP://a.b/1.png?sig=x#y"}, "HTTP://a.b/1.png?sig=x#y"),
        ({"data": {"url": "https://a.b/1.png"}}, "https://a.b/1.png"),
        ({"data": {"url": "https://a.b/1.png"}, "url": "https://a.b/2.png"}, "https://a.b/1.png"),
        (None, None),
        ([], None),
        ([{"url": "https://a.b/1.png"}], None),
        ("https://a.b/1.png", None),
        ({}, None),
        ({"url": None}, None),
        ({"url": ""}, None),
        ({"url": 5}, None),
        ({"url": ["https://a.b/1.png"]}, None),
        ({"url": "/uploads/1.png"}, None),
        ({"url": "ftp://a.b/1.png"}, None),
        ({"url": "https://"}, None),
        ({"url": "https:///1.png"}, None),
        ({"url": "https:// a.b/1.png"}, None),
        ({"url": "javascript:https://a.b"}, None),
        pytest.param({"url": "https://a.b/1.png\nx"}, None, id="two lines"),
        pytest.param({"url": "https://a.b/1 2.png"}, None, id="a space"),
        pytest.param({"url": "https://a.b/1.png\x00"}, None, id="a NUL"),
        ({"data": [], "url": 5}, None),
    ],
)
def test_an_upload_is_a_link_or_none(data: object, url: str | None) -> None:
    assert uploaded_url(data) == url


# ---------------------------------------------------------------- whatever comes

NAMES = st.sampled_from(
    ["data", "task_id", "id", "status", "error", "type", "code", "message", "msg", "request_id",
     "cost", "credits_cost", "progress", "result", "videos", "url", "expires_at", "success",
     "remain_balance", "unlimited_quota", "x"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["completed", "failed", "Queued", "", " ", "task_1", "idempotency_unavailable", "0",
     "https://a.b/c?d=e", "\x1b[2J", "\ud800"]
)  # fmt: skip
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,25})?", fullmatch=True
)
LEAVES = (
    st.sampled_from(["null", "true", "false", "-1", "0", "NaN", "9" * 5000])
    | NUMBERS
    | (WORDS | st.text(max_size=20)).map(json.dumps)
)


def listed(parts: list[str]) -> str:
    return f"[{','.join(parts)}]"


def keyed(parts: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in parts) + "}"


DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(listed)
        | st.lists(st.tuples(NAMES, inner), max_size=5).map(keyed)
    ),
    max_leaves=20,
)
# What the interesting branches ask for, so that chance need not find it.
SHAPED = DOCUMENTS | DOCUMENTS.map('{{"data":{}}}'.format) | DOCUMENTS.map(
    '{{"data":{{"status":"completed","cost":{0},"credits_cost":{0},"progress":{0},"error":{0},'
    '"result":{{"videos":[{{"url":{0},"expires_at":{0}}}]}},"task_id":{0}}},"error":{0},'
    '"remain_balance":{0},"url":{0}}}'.format
)  # fmt: skip
BODIES = st.binary(max_size=200) | SHAPED.map(lambda text: text.encode("utf-8"))
STATUSES = st.sampled_from([200, 202, 302, 408, 429, 500, 503, *REFUSALS]) | st.integers(100, 999)
EXAMPLES = (b"\xef\xbb\xbf{", b'{"data":[{"task_id":false}]}', b'{"x":1e99999999999999999999}')


@settings(max_examples=120)
@example(200, EXAMPLES[0], "")
@example(200, EXAMPLES[1], "")
@example(200, EXAMPLES[2], "")
@given(STATUSES, BODIES, st.text(max_size=20))
def test_whatever_comes_is_submitted_refused_or_unclear(
    status: int, body: bytes, header: str
) -> None:
    headers = {"retry-after": header, "x-request-id": header}
    for whole in (True, False):
        result = classify_response(status, headers, body, whole=whole)
        if 200 <= status < 300:
            assert not isinstance(result, Refused)
        if status in REFUSALS | {429} and not isinstance(result, Submitted):
            assert isinstance(result, Refused)
            assert result.status == status
            assert (result.later or result.payment) >= (status == 429)
        if isinstance(result, Submitted):
            assert harmless(result.task_id)
            assert result.task_id == result.task_id.strip() != ""
        else:
            assert harmless(result.message)
            assert len(result.message) < 400
        assert harmless(result.request_id)


@given(st.sampled_from([200, 201, 202, 299]), BODIES)
def test_nothing_is_submitted_without_an_id(status: int, body: bytes) -> None:
    assert isinstance(
        classify_response(status, {}, body.replace(b"id", b"xx").replace(b"task", b"")), Ambiguous
    )


@settings(max_examples=150)
@given(BODIES)
def test_whatever_comes_of_a_free_call_has_a_meaning(body: bytes) -> None:
    data = parsed(body)
    result = task(data)
    if result is not None:
        assert harmless(result.word)
        assert result.state in FINAL | {State.SUBMITTED}
        assert result.progress is None or 0 <= result.progress <= 100
        assert result.cost is None or 0 <= result.cost < 10**9
        assert result.cost is None or len(f"{result.cost:f}") < 60
        assert harmless(result.error)
        assert result.expires_at is None or 0 <= result.expires_at < 10**11
    with suppress(ValueError):
        left = balance(data)
        assert left is None or left.is_finite()
    url = uploaded_url(data)
    assert url is None or url.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize(
    "reading",
    [
        partial(classify_response, 200, {}),
        partial(classify_response, 400, {}),
        lambda body: task(parsed(body)),
        lambda body: message(b"", parsed(body)),
        lambda body: uploaded_url(parsed(body)),
    ],
)
def test_nesting_that_the_parser_just_takes_is_no_trouble_later(
    opening: str, reading: Callable[[bytes], object]
) -> None:
    closing = "]" if opening == "[" else "}"
    for depth in range(850, 1010):
        nested = f"{opening * depth}1{closing * depth}"
        reading(f'{{"error": {{"message": {nested}}}}}'.encode())
        reading(f'{{"data": {{"status": "failed", "error": {{"code": {nested}}}}}}}'.encode())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"code":400,"data":"task failed"}'),
        (400, b'{"code":400,"data":"task: no such model"}'),
        (400, b'{"id":"req_01","message":"bad prompt"}'),
        (429, b'{"id":"0af7651916cd","error":{"type":"rate_limit_error"}}'),
    ],
)
def test_words_and_ids_of_a_refusal_are_no_task(status: int, body: bytes) -> None:
    assert isinstance(classify_response(status, {}, body), Refused)


HIDDEN = {
    "broken off in the id": b'{"data": [{"task_id": "task_',
    "two documents": TAKEN + b"\n" + TAKEN,
    "an event": b"data: " + TAKEN,
    "behind a prefix": b")]}',\n" + TAKEN,
    "a number that no reader takes": TAKEN[:-1] + b', "x": ' + b"9" * 5000 + b"}",
    "too deep": b'{"taskId": "task_1", "x": ' + b"[" * 200_000,
    "named twice": b'{"task_id": "task_1", "task_id": null}',
    "a number, named twice": b'{"task_id": 7, "task_id": null}',
    "a place nobody knows": b'{"error": {"details": {"task_id": "task_1"}}}',
    "a document in a text": json.dumps({"message": TAKEN.decode()}).encode(),
}


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("status", [400, 402, 429])
def test_a_refusal_that_names_a_task_nobody_can_read_is_unclear(status: int, name: str) -> None:
    result = classify_response(status, {}, HIDDEN[name])
    assert isinstance(result, Ambiguous)
    assert "names a task" in result.message


@pytest.mark.parametrize("body", [b"", b'{"error": {"message": "slow do', b"<p>slow do"])
def test_later_that_broke_off_is_unclear(body: bytes) -> None:
    """What did not come may have named a task, and the request would be sent again."""
    assert isinstance(classify_response(429, {}, body, whole=False), Ambiguous)
    empty = error(type="insufficient_quota", message="top up")
    assert classify_response(429, {}, empty, whole=False) == Refused(
        429, "insufficient_quota: top up", None, payment=True
    )


@pytest.mark.parametrize("value", ["null", '""', '"null"', '"0"', "0", '" "', "false", "[]", "{}"])
def test_a_refusal_that_names_no_task_is_one(value: str) -> None:
    body = f'{{"task_id": {value}, "error": {{"message": "no"}}}}'.encode()
    assert isinstance(classify_response(429, {}, body), Refused)
    assert isinstance(classify_response(400, {}, body + b"."), Refused)
