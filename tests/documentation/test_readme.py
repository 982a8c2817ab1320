"""The README says what is there: its links lead somewhere, its table has every rule, its configuration is understood."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gradguard.project.configuration import Configuration, with_pyproject
from gradguard.rules.codes import RULE_NAMES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_into_the_repository_leads_to_a_file(name: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).is_file()] == []


def test_the_table_has_every_rule_once_under_its_name() -> None:
    rows = re.findall(r"^\| \[(GG\d+)\]\(docs/rules/(GG\d+)\.md\) \| ([a-z-]+)", README, flags=re.MULTILINE)
    assert [(code, name) for code, _, name in rows] == list(RULE_NAMES.items())
    assert all(code == page for code, page, _ in rows)


def test_the_configuration_shown_is_understood_and_complete() -> None:
    block = next(part for part in re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL))
    configuration = with_pyproject(Configuration(), "/pyproject.toml", "/", block)
    assert configuration is not None
    assert [problem.message for problem in configuration.problems] == []
    shown = {line.split(" =")[0].replace("-", "_") for line in block.splitlines() if " = " in line}
    assert shown == set(Configuration.__dataclass_fields__) - {"root", "problems"}


def test_the_settings_of_the_editor_are_those_of_the_configuration_and_those_shown() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    names = {name.removeprefix("gradguard.") for name in manifest["contributes"]["configuration"]["properties"]}
    camel = {
        re.sub(r"_(.)", lambda match: match[1].upper(), field)
        for field in Configuration.__dataclass_fields__
        if field not in ("root", "problems")
    }
    assert camel <= names
    assert [name for name in names - camel if f"`gradguard.{name}`" not in README] == []
