"""Destinations as people write them."""

from __future__ import annotations

import pytest

from motion_preflight.publishing.destination import Destination, parse_destination
from motion_preflight.publishing.errors import DestinationInvalid


@pytest.mark.parametrize(
    ("text", "kind", "bucket", "prefix", "path"),
    [
        ("s3://clips", "s3", "clips", "", "a.mp4"),
        ("s3://clips/", "s3", "clips", "", "a.mp4"),
        (" s3://my.clips_2/of/mine/ ", "s3", "my.clips_2", "of/mine", "of/mine/a.mp4"),
        ("gs://clips/ü b", "gs", "clips", "ü b", "ü b/a.mp4"),
        ("az://$web/clips", "az", "$web", "clips", "clips/a.mp4"),
        ("rclone:box:", "rclone", "box", "", "a.mp4"),
        (
            "rclone:my box:clips/of mine/",
            "rclone",
            "my box",
            "clips/of mine",
            "clips/of mine/a.mp4",
        ),
        ("rclone:box:/srv/www", "rclone", "box", "/srv/www", "/srv/www/a.mp4"),
        ("rclone:box:/", "rclone", "box", "/", "/a.mp4"),
        ("command", "command", "", "", "a.mp4"),
    ],
)
def test_a_destination_is_read(text: str, kind: str, bucket: str, prefix: str, path: str) -> None:
    destination = parse_destination(text)
    assert (destination.kind, destination.bucket, destination.prefix) == (kind, bucket, prefix)
    assert destination.path_of("a.mp4") == path
    assert destination.text == text.strip()
    assert isinstance(destination, Destination)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("s3:/clips/of/mine", "s3://clips/of/mine"),
        ("s3:clips", "s3://clips"),
        ("S3://clips", "s3://clips"),
        ("s3a://clips", "s3://clips"),
        ("r2://clips", "s3://clips"),
        ("gcs://clips/p", "gs://clips/p"),
        ("abfss://clips/p", "az://clips/p"),
        ("https://clips.s3.eu-west-1.amazonaws.com/p", "s3://clips/p"),
        ("https://clips.s3.amazonaws.com/?X-Amz-Signature=0123456789", "s3://clips"),
        ("https://s3.eu-west-1.amazonaws.com/clips/p/", "s3://clips/p"),
        ("https://storage.googleapis.com/clips/p", "gs://clips/p"),
        ("https://mine.blob.core.windows.net/clips/p", "az://clips/p"),
        ("https://0a.r2.cloudflarestorage.com/clips", "AWS_ENDPOINT_URL to https://0a.r2."),
        ("http://192.168.1.5:9000/clips", "AWS_ENDPOINT_URL"),
        ("box:clips/p", "rclone:box:clips/p"),
        ("rclone:box", "rclone:box:PATH"),
        ("rclone:/srv/www", "rclone:REMOTE:PATH"),
        ("gs://", "gs://BUCKET/PREFIX"),
        ("az:///p", "az://CONTAINER/PREFIX"),
    ],
)
def test_what_was_meant_is_said(text: str, meant: str) -> None:
    with pytest.raises(DestinationInvalid) as invalid:
        parse_destination(text)
    assert meant in str(invalid.value)
    assert "0123456789" not in str(invalid.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("ftp://clips.example/p", "ftp:// is not published to"),
        ("sftp://clips.example", "sftp:// is not published to"),
        ("/srv/www", "a file on this machine cannot be fetched"),
        ("out", "a file on this machine cannot be fetched"),
        ("C:/clips", "a file on this machine cannot be fetched"),
        ("s3://clips\\p", "backslash"),
        ("s3://clips/\u202ep", "invisible"),
        ("s3://clips/" + "p" * 1000, "has 1011 characters, and 1000 are allowed"),
        ("s3://clips/../p", r"has an empty part, \. or \.\."),
        ("s3://clips/a//b", r"has an empty part, \. or \.\."),
        ("s3://c", "is no name of a bucket"),
        ("s3://cl ips", "is no name of a bucket"),
        ("rclone:box:../p", r"has \.\. in its path"),
    ],
)
def test_what_is_no_destination_is_refused_with_its_reason(text: str, message: str) -> None:
    with pytest.raises(DestinationInvalid, match=message):
        parse_destination(text)


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIDEXAMPLE:SeCrEt01@clips/p",
        "https://me:SeCrEt01@minio.example/clips",
        "rclone::s3,access_key_id=AKIDEXAMPLE,secret_access_key=SeCrEt01:clips",
        "rclone:box,secret_access_key=SeCrEt01:clips",
        "s3://clips/p?secret_access_key=SeCrEt01",
        "az://clips?sv=2023&sig=SeCrEt01",
    ],
)
def test_credentials_in_a_destination_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(DestinationInvalid, match="holds credentials or options") as invalid:
        parse_destination(text)
    assert "SeCrEt01" not in str(invalid.value)
    assert "AKIDEXAMPLE" not in str(invalid.value)
