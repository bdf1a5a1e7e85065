"""Settings: one table for the command line and the environment."""

from __future__ import annotations

import argparse
import dataclasses

import pytest

from ali5.errors import Ali5Error
from ali5.site.settings import TABLE, Settings, add_options, read_size, settle


def test_the_table_has_every_setting_and_nothing_else() -> None:
    assert [row.name for row in TABLE] == [each.name for each in dataclasses.fields(Settings)]


def test_what_is_given_wins_over_the_environment_and_that_over_the_default() -> None:
    said = {"ALI5_PORT": "8600", "ALI5_HOST": "0.0.0.0", "ALI5_ALLOW_HOST": "a.example, B.example."}
    assert settle({}, {}) == Settings()
    found = settle({"port": "8700", "host": None}, said)
    assert (found.port, found.host) == (8700, "0.0.0.0")
    assert found.allow_host == ("a.example", "b.example")
    assert settle({"allow_host": ["c.example", "*.d.example"]}, said).allow_host == (
        "c.example",
        "*.d.example",
    )
    assert settle({}, {"ALI5_PORT": ""}) == Settings(), "set to nothing is not set"


def test_the_command_line_takes_each_of_them() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    assert settle(vars(parser.parse_args([])), {}) == Settings()
    words = ["--host", "::1", "--port", "1", "--device", "cpu", "--engine", "ray"]
    words += ["--allow-host", "a", "--allow-host", "b", "--cert", "c.pem", "--key", "k.pem"]
    words += ["--visitor-uploads", "1G", "--all-uploads", "2 GiB", "--memory", "512M"]
    found = settle(vars(parser.parse_args(words)), {})
    assert found == Settings(
        "::1",
        1,
        "cpu",
        "ray",
        ("a", "b"),
        "c.pem",
        "k.pem",
        memory=2**29,
        visitor_uploads=2**30,
        all_uploads=2**31,
    )
    assert found.is_secure


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("port", text) for text in ("0", "65536", "-1", "8501x", "", "٨", "99999999999")),
        *(("device", text) for text in ("gpu", "CUDA", "")),
        *(("engine", text) for text in ("", "RAY", "ray://", "ray://a", "http://a:80", "auto ")),
        *(("allow_host", text) for text in ("http://a", "a:80", "a/b", "a b", "", "*a", "a.*")),
        *(("visitor_uploads", text) for text in ("", "0", "-1M", "much", "1Q", "nan", "1e9G")),
        *(("memory", text) for text in ("", "63M", "much")),
        ("host", " "),
        ("cert", " "),
    ],
)
def test_what_is_not_possible_is_a_sentence_that_names_it(name: str, text: str) -> None:
    row = next(row for row in TABLE if row.name == name)
    with pytest.raises(Ali5Error, match=rf"^{row.option} has to .*, not '.*'\.$"):
        settle({name: [text] if row.is_list else text}, {})
    if text:
        with pytest.raises(Ali5Error, match=rf"^{row.variable} has to "):
            settle({}, {row.variable: text})


def test_https_needs_both_files() -> None:
    for one in ("cert", "key"):
        with pytest.raises(Ali5Error, match="--cert FILE and --key FILE"):
            settle({one: "x.pem"}, {})


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("2K", 2048),
        ("320m", 320 * 2**20),
        (" 1.5 GB ", 3 * 2**29),
        ("2gib", 2**31),
        ("0.25t", 2**38),
        ("800000000", 800_000_000),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "G", "lots", "-1G", "1 G G", "1e9", "1,5G", "²G", "nan", "infG", "1" * 16, "1X"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(Ali5Error, match="has to be a size such as 320M or 1G"):
        read_size(text)


def test_memory_in_which_nothing_could_be_kept_is_refused() -> None:
    assert settle({"memory": "64M"}, {}).memory == 64 * 2**20
    with pytest.raises(Ali5Error, match=r"--memory has to be at least 64M, .* not '63M'"):
        settle({"memory": "63M"}, {})
