"""What is written to the client by hand is what lsprotocol would write, and is written anew only where something has changed."""

from __future__ import annotations

import json

import pytest
from lsprotocol import converters, types

from gradguard.lsp.diagnostics import Diagnostics, plain_of, plain_of_unused, typed
from gradguard.lsp.documents import Documents
from gradguard.lsp.encoded import array_of, encoded, object_of
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change

URI = "file:///project/a.py"
TEXT = """\
import torch
from torch import nn


def 損失_loss(x):
    y = x.exp(); z = "😀"; y += 1
    return y.sum()


class Safe(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x):
        y = self.linear(x) + 1
        y += 1  # gradguard: ignore[GG204]
        return y
"""


def opened() -> tuple[Workspace, Documents]:
    workspace = Workspace(("/project",))
    documents = Documents(workspace, "utf-16")
    documents.open(URI, TEXT, 1)
    return workspace, documents


def test_plain_diagnostics_are_those_of_lsprotocol() -> None:
    workspace, documents = opened()
    report = workspace.report("/project/a.py")
    assert report is not None
    assert {finding.code for finding in report.findings} == {"GG101", "GG901"}
    plain = [plain_of(finding, report.language, documents) for finding in report.findings]
    plain += [plain_of_unused(unused, documents) for unused in report.unused]
    converter = converters.get_converter()
    assert converter.unstructure([typed(each) for each in plain]) == plain
    assert converter.unstructure(converter.structure(plain, list[types.Diagnostic])) == plain


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("return y.sum()", "return y.mean()", {"GG901"}),
        ("(x) + 1", "(x) + 2", {"GG101"}),
        ("import torch\\n", "import torch\\n\\n", set()),
    ],
)
def test_only_what_has_changed_is_encoded_again(old: str, new: str, kept: set[str]) -> None:
    workspace, documents = opened()
    diagnostics = Diagnostics(documents)

    def said() -> list[str]:
        report = workspace.report("/project/a.py")
        assert report is not None
        (document,) = diagnostics.of(report)
        return [*document.said.items]

    before = said()
    documents.change(URI, [Change(None, TEXT.replace(old.replace("\\n", "\n"), new.replace("\\n", "\n")))], 2)
    after = said()
    assert {json.loads(text)["code"] for text in after if any(text is each for each in before)} - {"GG902"} == kept
    assert [json.loads(text) for text in after] == [json.loads(text) for text in fresh(workspace)]


def fresh(workspace: Workspace) -> list[str]:
    """What is said of the same text without anything known of it."""
    source = workspace.source("/project/a.py")
    assert source is not None
    other = Workspace(("/project",))
    documents = Documents(other, "utf-16")
    documents.open(URI, source.text, 1)
    report = other.report("/project/a.py")
    assert report is not None
    return [*Diagnostics(documents).of(report)[0].said.items]


def test_encoded_values_go_into_messages_as_they_are() -> None:
    inner = array_of([encoded({"é": 1}), encoded(None)])
    assert json.loads(object_of({"a": inner, "b": "\u2028", "left out": None})) == {
        "a": [{"é": 1}, None],
        "b": "\u2028",
    }
    assert inner.isascii()
