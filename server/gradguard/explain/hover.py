"""Hover texts in Markdown: what happens at a place of the program, why, and what helps; one screen at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.analysis.results import Found, WriteRecord
from gradguard.explain.pages import page_uri
from gradguard.explain.remedies import say_remedies
from gradguard.explain.syntax import Hover, syntax_at
from gradguard.interpreter.sites import Site
from gradguard.rules.gg205_inference_tensor_written import creation
from gradguard.rules.operators import public_name
from gradguard.rules.wording import say_operator, say_reason, source_of
from gradguard.tape.hazards import InferenceTensorMisused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import Save
    from gradguard.text.places import Place
    from gradguard.text.source import SourceFile

MOST_OTHERS = 3
"""How many further findings a hover names: one `backward` may need many tensors."""


def hover_at(
    path: str,
    line: int,
    column: int,
    findings: Iterable[Finding],
    writes: Iterable[WriteRecord],
    texts: Texts,
    source: SourceFile | None = None,
) -> Hover | None:
    """What is known about a position (0-based, code points) of the file `path`.

    A finding's write comes before the places of its story, and these before safe writes; the smallest place wins. With
    `source`, in-place operators that no analysis has reached and modules made with `inplace=True` are explained too.
    """
    findings, writes = tuple(findings), tuple(writes)
    stories = [(finding.place, finding) for finding in findings if isinstance(finding.evidence, Found)]
    told = [(each.place, finding) for _, finding in stories for each in finding.related]
    for candidates in (stories, told):
        around = [(place, finding) for place, finding in candidates if _covers(place, path, line, column)]
        if around:
            place, finding = min(around, key=lambda each: _size(each[0]))
            others = [other for other in dict.fromkeys(each for _, each in around) if other is not finding]
            return Hover(place, "\n\n".join([about_finding(finding, texts), *_also(others, texts)]))
    records = [(write.site.place(), write) for write in writes]
    inside = [(place, write) for place, write in records if _covers(place, path, line, column)]
    if not inside:
        return None if source is None else syntax_at(source, line, column, writes, texts)
    place, write = min(inside, key=lambda each: _size(each[0]))
    return Hover(place, about_write(write, texts))


def about_finding(finding: Finding, texts: Texts) -> str:
    """The story of a finding: verdict, places in order, remedies, cautions, link."""
    parts = [
        texts.say(
            "hover.head", code=finding.code, name=finding.name, severity=texts.say(f"severity.{finding.severity}")
        ),
        texts.say("hover.sentence", message=finding.message),
    ]
    if isinstance(finding.evidence, Found):
        parts.append("\n".join(_story(finding.evidence, texts)))
        if _under_no_grad(finding.evidence):
            parts.append(texts.say("hover.no_grad_does_not_help"))
    parts.append(say_remedies(finding.code, _written_at(finding.evidence), texts))
    if texts.has(f"hover.{finding.code}.cautions"):
        parts.append(texts.say(f"hover.{finding.code}.cautions"))
    return _joined(parts, finding.code, texts)


def _also(findings: list[Finding], texts: Texts) -> list[str]:
    """One line for each further finding whose story passes through the same place."""
    return [
        texts.say("hover.also", code=each.code, line=each.place.range.start_line + 1, message=each.message)
        for each in findings[:MOST_OTHERS]
    ]


def about_write(write: WriteRecord, texts: Texts) -> str:
    """What an in-place write does, and why it is safe or what is not known about it."""
    target = write.target or texts.say("words.tensor")
    parts = [
        texts.say(f"hover.write.{write.verdict}", target=target, write=source_of(write.site)),
        texts.say(
            "hover.versions",
            target=target,
            operator=public_name(write.operator),
            before=write.version_before,
            after=write.version_after,
        ),
    ]
    parts.append(say_why(write, texts))
    parts.extend(_saved(save, texts) for save in write.saved_before[:2])
    if write.tracked and write.verdict == "safe":
        parts.append(texts.say("hover.unsafe_if", target=target))
        if (
            write.reason != "no_grad"
        ):  # An update of a parameter is right as it is: out of place it would update nothing.
            parts.append(say_remedies("GG901", write.site, texts))
            parts.append(texts.say("hover.GG901.cautions"))
        return _joined(parts, "GG901", texts)
    return "\n\n".join(parts)


def say_why(write: WriteRecord, texts: Texts) -> str:
    """The reason of a write's verdict, in one sentence."""
    producer = public_name(write.producer)
    if write.verdict == "hazard":
        return texts.say("hover.reason.hazard")
    named = ".by" if write.reason == "nothing_saved" and producer else ""
    target = write.target or texts.say("words.tensor")
    return texts.say(f"hover.reason.{write.reason}{named}", target=target, producer=producer)


def _story(found: Found, texts: Texts) -> list[str]:
    """The events of a hazard as numbered lines, in the order in which they happen."""
    hazard = found.hazard
    save: Save | None = getattr(hazard, "save", None)
    lines = []
    if save is not None:
        lines.append(_saved(save, texts))
    for name in ("view", "leaf", "created", "first", "apply", "received"):
        event = getattr(hazard, name, None)
        origin = creation(hazard) if isinstance(hazard, InferenceTensorMisused) else getattr(event, "origin", None)
        if event is not None and isinstance(origin, Site):
            lines.append(_step(f"hover.story.{name}", origin, texts))
    write = getattr(hazard, "write", None)
    if write is not None and isinstance(write.origin, Site):
        manner = "refused" if save is None else "write" if write.bypass is None else "bypass"
        lines.append(_step(f"hover.story.{manner}", write.origin, texts, version=write.version))
    for name in ("detach", "use", "second"):
        event = getattr(hazard, name, None)
        if event is not None and isinstance(event.origin, Site):
            lines.append(_step(f"hover.story.{name}", event.origin, texts))
    backward = getattr(hazard, "backward", None)
    if backward is not None and isinstance(backward.origin, Site):
        silent = getattr(hazard, "message", "") == ""
        expected = "" if save is None else save.version
        key = "hover.story.backward.silent" if silent else "hover.story.backward"
        if backward.origin.kind == "assumed":
            key += ".assumed"
        lines.append(
            _step(key, backward.origin, texts, expected=expected, function=getattr(backward.origin.node, "name", ""))
        )
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _saved(save: Save, texts: Texts) -> str:
    origin = save.origin
    values = {"reason": say_reason(save, texts), "version": save.version, "operator": say_operator(save)}
    if not isinstance(origin, Site):
        return texts.say("hover.story.saved.somewhere", **values)
    return _step("hover.story.saved", origin, texts, **values)


def _step(key: str, site: Site, texts: Texts, **values: object) -> str:
    return texts.say(key, line=site.place().range.start_line + 1, code=source_of(site), **values)


def _written_at(evidence: Found | WriteRecord) -> Site | None:
    """Where the write of a finding stands."""
    if isinstance(evidence, WriteRecord):
        return evidence.site
    origin = getattr(getattr(evidence.hazard, "write", None), "origin", None)
    return origin if isinstance(origin, Site) else None


def _under_no_grad(found: Found) -> bool:
    """Whether a saved tensor was written inside `no_grad`, where many expect it to be harmless."""
    write = getattr(found.hazard, "write", None)
    return hasattr(found.hazard, "save") and write is not None and getattr(write.origin, "no_grad", False)


def _joined(parts: list[str], code: str, texts: Texts) -> str:
    uri = page_uri(code, texts.language)
    if uri:
        parts.append(texts.say("hover.page", code=code, uri=uri))
    return "\n\n".join(part for part in parts if part)


def _covers(place: Place, path: str, line: int, column: int) -> bool:
    start_line, start_column, end_line, end_column = place.range
    return place.path == path and (start_line, start_column) <= (line, column) <= (end_line, end_column)


def _size(place: Place) -> tuple[int, int]:
    start_line, start_column, end_line, end_column = place.range
    return end_line - start_line, end_column - start_column if start_line == end_line else 0
