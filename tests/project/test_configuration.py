"""`[tool.gradguard]` and the editor's settings: the same names, checked, never a crash."""

from __future__ import annotations

import pytest

from gradguard.project.configuration import Configuration, with_pyproject, with_settings
from gradguard.text.places import Range


def read(text: str) -> Configuration:
    configuration = with_pyproject(Configuration(), "/p/pyproject.toml", "/p", text)
    assert configuration is not None
    return configuration


def test_every_setting_is_read() -> None:
    read_back = read(
        """
        [tool.gradguard]
        select = ["GG1", "GG301"]
        ignore = ["GG102"]
        severity = {GG901 = "warning", GG1 = "info"}
        exclude = ["old/"]
        follow = ["timm", "ours.layers"]
        hints = false
        assumptions = false
        language = "zh-CN"
        torch-version = "2.12"
        [tool.gradguard.per-file-ignores]
        "tests/*" = ["GG5"]
        """
    )
    assert read_back.problems == ()
    assert read_back == Configuration(
        root="/p",
        select=("GG1", "GG301"),
        ignore=("GG102",),
        severity=(("GG901", "warning"), ("GG1", "info")),
        exclude=("old/",),
        follow=("timm", "ours.layers"),
        per_file_ignores=(("tests/*", ("GG5",)),),
        hints=False,
        assumptions=False,
        language="zh-cn",
        torch_version="2.12",
    )


def test_the_longest_prefix_decides_and_ignore_wins_a_tie() -> None:
    configuration = Configuration(select=("GG", "GG102"), ignore=("GG1", "GG102", "GG3"))
    assert [code for code in ("GG101", "GG102", "GG201", "GG301") if configuration.enabled(code)] == ["GG201"]
    assert Configuration(select=("GG101",)).enabled("GG101")
    assert not Configuration(select=("GG101",)).enabled("GG102")
    assert Configuration(ignore=("GG1",), select=("GG", "GG103")).enabled("GG103")


def test_the_longest_prefix_gives_the_severity() -> None:
    configuration = Configuration(severity=(("GG1", "info"), ("GG101", "hint")))
    assert configuration.severity_of("GG101", "error") == "hint"
    assert configuration.severity_of("GG102", "error") == "info"
    assert configuration.severity_of("GG201", "error") == "error"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('[tool.gradguard]\nselct = ["GG1"]', "unknown setting `selct`", Range(1, 0, 1, 5)),
        ('[tool.gradguard]\nselect = ["GG1", "E501"]', "`E501`", Range(1, 18, 1, 22)),
        ('[tool.gradguard]\nselect = "GG1"', "must be a list of strings", Range(1, 0, 1, 6)),
        ("[tool.gradguard]\nignore = [1]", "must hold strings only", Range(1, 0, 1, 6)),
        ('[tool.gradguard]\nfollow = ["a-b"]', "`a-b` is no name of a package", Range(1, 11, 1, 14)),
        ('[tool.gradguard]\nfollow = ["torch.nn"]', "is known without being followed", Range(1, 11, 1, 19)),
        ("[tool.gradguard]\nhints = 1", "must be true or false", Range(1, 0, 1, 5)),
        ('[tool.gradguard]\nlanguage = "fr"', "must be one of", Range(1, 12, 1, 14)),
        ('[tool.gradguard]\nseverity = {GG901 = "warn"}', "`warn` is no severity", Range(1, 21, 1, 25)),
        ('[tool.gradguard.severity]\nXX1 = "error"', "begins with `XX1`", Range(1, 0, 1, 3)),
        ('[tool.gradguard]\ntorch-version = "newest"', "must be a version", Range(1, 17, 1, 23)),
        ('[tool]\ngradguard = ["GG1"]', "must be a table", Range(0, 0, 0, 6)),
        ("[tool.gradguard]\nselect = [", "cannot be read", Range(1, 0, 1, 10)),
        ('[tool.gradguard.per-file-ignores]\n"a.py" = "GG1"', "must be a list of strings", Range(0, 0, 0, 33)),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, message: str, place: Range) -> None:
    (problem,) = read(text).problems
    assert message in problem.message
    assert problem.place is not None
    assert problem.place.range == place


def test_what_is_right_beside_a_mistake_still_counts() -> None:
    configuration = read('[tool.gradguard]\nignore = ["GG1", "XX"]\nhints = "no"\nlanguage = "en"')
    assert (configuration.ignore, configuration.hints, configuration.language) == (("GG1",), True, "en")
    assert len(configuration.problems) == 2


@pytest.mark.parametrize("text", ["", "[tool.ruff]\nselect = []", "[tool.other]\nx = ["])
def test_a_file_without_the_table_does_not_count(text: str) -> None:
    assert with_pyproject(Configuration(), "/p/pyproject.toml", "/p", text) is None


def test_editor_settings_go_over_the_file() -> None:
    base = Configuration(select=("GG1",), ignore=("GG2",))
    over = with_settings(
        base, {"ignore": ["GG3"], "perFileIgnores": {"a.py": ("GG1",)}, "interpreter": ["python"], "select": None}
    )
    assert (over.select, over.ignore, over.per_file_ignores) == (("GG1",), ("GG3",), (("a.py", ("GG1",)),))
    assert over.problems == ()


def test_a_mistake_in_the_editors_settings_has_no_place() -> None:
    (problem,) = with_settings(Configuration(), {"select": 3}).problems
    assert problem.place is None
