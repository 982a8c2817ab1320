"""Order, abandoned work, settings, files on disk, and the ends that a server can come to."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.programs import program

from tests.lsp.programs import CURED, HAZARD, WRITE
from tests.lsp.wire import SECONDS, SERVER, Wire, range_of

SLOW = "# never ends\n" + HAZARD
CRASHES = "# crashes\n" + HAZARD
# The server with an analysis that never ends by itself, or raises, where the text asks for it.
PROGRAM = textwrap.dedent("""
    import sys, time
    from gradguard.analysis import files
    from gradguard.interpreter.budget import Interrupted
    real = files.analyse_file

    def analyse_file(source, *arguments, interrupted, **options):
        if source.document.text.startswith("# crashes"):
            raise ZeroDivisionError("as asked")
        if source.document.text.startswith("# never ends"):
            while not interrupted():
                time.sleep(0.001)
            raise Interrupted
        return real(source, *arguments, interrupted=interrupted, **options)

    files.analyse_file = analyse_file
    from gradguard.cli.main import main
    sys.exit(main(["server"]))
""")


@pytest.fixture
def odd() -> Iterator[Wire]:
    with Wire([sys.executable, "-c", PROGRAM]) as wire:
        wire.initialize()
        yield wire


def hover(uri: str) -> dict[str, Any]:
    """The parameters of a hover on the write."""
    return {"textDocument": {"uri": uri}, "position": {"line": WRITE[0], "character": 0}}


def test_a_newer_edit_abandons_the_analysis_that_runs(odd: Wire) -> None:
    odd.open("file:///slow.py", SLOW)
    odd.change("file:///slow.py", 2, {"text": HAZARD})
    assert [found["code"] for found in odd.diagnostics("file:///slow.py", 2)] == ["GG101"]


def test_a_cancelled_request_is_answered_at_once(odd: Wire) -> None:
    odd.open("file:///slow.py", SLOW)
    asked = odd.ask("textDocument/hover", hover("file:///slow.py"))
    odd.notify("$/cancelRequest", {"id": asked})
    assert odd.answer(asked)["error"]["code"] == -32800
    odd.change("file:///slow.py", 2, {"text": HAZARD})
    assert "GG101" in str(odd.request("textDocument/hover", hover("file:///slow.py")))


def test_a_request_that_an_edit_overtakes_is_answered_for_the_new_text(odd: Wire) -> None:
    odd.open("file:///slow.py", SLOW)
    asked = odd.ask("textDocument/hover", hover("file:///slow.py"))
    odd.change("file:///slow.py", 2, {"text": HAZARD})
    assert "GG101" in str(odd.answer(asked))


def test_a_text_whose_analysis_takes_for_ever_holds_up_no_other(odd: Wire) -> None:
    odd.open("file:///slow.py", SLOW)
    odd.open("file:///other.py", HAZARD)
    assert [found["code"] for found in odd.diagnostics("file:///other.py", 1)] == ["GG101"]
    assert "GG101" in str(odd.request("textDocument/hover", hover("file:///other.py")))


def test_a_crash_is_logged_and_shows_nothing_stale(odd: Wire) -> None:
    odd.open("file:///crash.py", HAZARD)
    assert odd.diagnostics("file:///crash.py", 1)
    odd.change("file:///crash.py", 2, {"text": CRASHES})
    logged = odd.wait(lambda message: message["method"] == "window/logMessage" and message["params"]["type"] == 1)
    assert "ZeroDivisionError: as asked" in logged["params"]["message"]
    assert odd.diagnostics("file:///crash.py", 2) == []
    assert "as asked" in odd.request("textDocument/hover", hover("file:///crash.py"))["error"]["message"]
    odd.change("file:///crash.py", 3, {"text": HAZARD})
    assert odd.diagnostics("file:///crash.py", 3)


def test_every_request_sees_the_edits_before_it(wire: Wire) -> None:
    wire.open("file:///order.py", CURED)
    for version, text in enumerate([HAZARD, CURED] * 5, 2):
        wire.change("file:///order.py", version, {"text": text})
        answer = wire.request("textDocument/hover", hover("file:///order.py"))
        assert ("GG101" in str(answer)) == (text is HAZARD)


def test_settings_are_asked_for_and_followed(fresh: Wire, tmp_path: Path) -> None:
    fresh.initialize(
        {"workspace": {"configuration": True}}, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "work"}]
    )
    uri = (tmp_path / "train.py").as_uri()

    def answer(settings: dict[str, Any]) -> None:
        asked = fresh.wait(lambda message: message.get("method") == "workspace/configuration")
        assert [item.get("scopeUri") for item in asked["params"]["items"]] == [None, tmp_path.as_uri()]
        fresh.send({"jsonrpc": "2.0", "id": asked["id"], "result": [{}, settings]})

    fresh.open(uri, HAZARD)
    answer({"severity": {"GG101": "info"}})
    fresh.wait(lambda message: message.get("method", "").endswith("Diagnostics") and _severities(message) == [3])
    fresh.notify("workspace/didChangeConfiguration", {"settings": None})
    answer({"ignore": ["GG101"]})
    fresh.wait(lambda message: message.get("method", "").endswith("Diagnostics") and _severities(message) == [])


def test_settings_that_come_without_being_asked_for(fresh: Wire) -> None:
    fresh.initialize(initializationOptions={"settings": {"ignore": ["GG1"]}})
    fresh.open("file:///train.py", HAZARD)
    assert fresh.diagnostics("file:///train.py", 1) == []
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"gradguard": {}}})
    assert fresh.diagnostics("file:///train.py", 1)


def test_mistakes_in_settings_are_logged(fresh: Wire) -> None:
    fresh.initialize(initializationOptions={"settings": {"ignore": ["XY9"]}})
    fresh.open("file:///train.py", HAZARD)
    logged = fresh.wait(lambda message: message["method"] == "window/logMessage" and message["params"]["type"] == 2)
    assert "XY9" in logged["params"]["message"]


def test_configuration_files_are_followed(fresh: Wire, tmp_path: Path) -> None:
    configuration = tmp_path / "pyproject.toml"
    configuration.write_text('[tool.gradguard]\nignore = ["GG101"]\n')
    result = fresh.initialize(workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "work"}])
    assert result["capabilities"]["workspace"]["workspaceFolders"]["supported"]
    uri = (tmp_path / "train.py").as_uri()
    fresh.open(uri, HAZARD)
    assert fresh.diagnostics(uri, 1) == []
    configuration.write_text('[tool.gradguard]\nignored = ["GG101"]\n')
    fresh.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": configuration.as_uri(), "type": 2}]})
    assert fresh.diagnostics(uri, 1)
    (problem,) = fresh.diagnostics(configuration.as_uri(), None)
    assert (problem["message"], problem["range"]) == ("unknown setting `ignored`", range_of(1, 0, 1, 7))
    configuration.unlink()
    fresh.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": configuration.as_uri(), "type": 3}]})
    assert fresh.diagnostics(configuration.as_uri(), None) == []


def test_a_file_that_changes_on_disk_changes_what_imports_it(fresh: Wire, tmp_path: Path) -> None:
    fresh.initialize(workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "work"}])
    helper = tmp_path / "helper.py"
    helper.write_text("def grow(y):\n    return y + 1\n")
    uri = (tmp_path / "train.py").as_uri()
    text = HAZARD.replace("y += 1", "grow(y)").replace("import torch", "import torch\nfrom helper import grow")
    fresh.open(uri, text)
    assert fresh.diagnostics(uri, 1) == []
    fresh.open(helper.as_uri(), helper.read_text())
    assert fresh.diagnostics(helper.as_uri(), 1) == []
    fresh.close(helper.as_uri())
    helper.write_text("def grow(y):\n    y += 1\n    return y\n")
    fresh.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": helper.as_uri(), "type": 2}]})
    fresh.open(helper.as_uri(), helper.read_text(), 2)
    fresh.wait(lambda message: message.get("params", {}).get("uri") == helper.as_uri() and _severities(message) == [1])


def test_watched_files_are_registered(fresh: Wire) -> None:
    fresh.initialize({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
    asked = fresh.wait(lambda message: message.get("method") == "client/registerCapability")
    (registration,) = asked["params"]["registrations"]
    globs = [watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]]
    assert globs == ["**/*.py", "**/pyproject.toml"]


def test_changes_of_settings_are_registered(fresh: Wire) -> None:
    fresh.initialize({"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}})
    asked = fresh.wait(lambda message: message.get("method") == "client/registerCapability")
    (registration,) = asked["params"]["registrations"]
    assert registration["registerOptions"] == {"section": "gradguard"}


def test_edits_come_when_the_action_is_chosen(fresh: Wire) -> None:
    support = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    fresh.initialize({"textDocument": {"codeAction": support}})
    fresh.open("file:///train.py", HAZARD)
    document = {"uri": "file:///train.py"}
    asked = {"textDocument": document, "range": range_of(*WRITE), "context": {"diagnostics": []}}
    action = fresh.request("textDocument/codeAction", asked)["result"][0]
    assert "edit" not in action
    resolved = fresh.request("codeAction/resolve", action)["result"]
    assert resolved["edit"]["changes"]["file:///train.py"][0]["newText"] == "= y +"
    fresh.change("file:///train.py", 2, {"text": "\n" + HAZARD})
    assert fresh.request("codeAction/resolve", action)["error"]["code"] == -32801


@pytest.mark.parametrize("version", [None, 7])
def test_a_fix_edits_the_file_where_the_module_is_made(fresh: Wire, tmp_path: Path, version: int | None) -> None:
    folder = {"uri": tmp_path.as_uri(), "name": "work"}
    fresh.initialize({"workspace": {"workspaceEdit": {"documentChanges": True}}}, workspaceFolders=[folder])
    blocks = tmp_path / "blocks.py"
    blocks.write_text("from torch import nn\n\n\ndef act():\n    return nn.ReLU(inplace=True)\n", encoding="utf-8")
    if version is not None:
        fresh.open(blocks.as_uri(), blocks.read_text(encoding="utf-8"), version)
    uri = (tmp_path / "train.py").as_uri()
    fresh.open(
        uri, HAZARD.replace("y += 1", "act()(y)").replace("import torch", "import torch\nfrom blocks import act")
    )
    asked = {"textDocument": {"uri": uri}, "range": range_of(5, 0, 5, 8), "context": {"diagnostics": []}}
    actions = fresh.request("textDocument/codeAction", asked)["result"]
    changes = [each for action in actions for each in action["edit"]["documentChanges"]]
    assert {"uri": blocks.as_uri(), "version": version} in [each["textDocument"] for each in changes]
    only = {"diagnostics": [], "only": ["source.fixAll"]}
    for action in fresh.request("textDocument/codeAction", {**asked, "context": only})["result"]:
        assert [each["textDocument"]["uri"] for each in action["edit"]["documentChanges"]] == [uri]


def test_all_safe_fixes_at_once(wire: Wire) -> None:
    uri = "file:///all.py"
    second = "v = w.exp()\nv *= 2\nv.sum().backward()\n"
    wire.open(uri, HAZARD + second)
    asked = {"textDocument": {"uri": uri}, "range": range_of(0, 0, 0, 0)}
    only = {"diagnostics": [], "only": ["source.fixAll"]}
    (action,) = wire.request("textDocument/codeAction", {**asked, "context": only})["result"]
    assert action["kind"] == "source.fixAll.gradguard"
    edits = action["edit"]["changes"][uri]
    assert [edit["range"]["start"]["line"] for edit in edits] == [4, 7]
    assert wire.request("textDocument/codeAction", {**asked, "context": {"diagnostics": []}})["result"] == []


def test_unused_suppressions_come_with_their_fix(wire: Wire) -> None:
    uri = "file:///unused.py"
    wire.open(uri, "x = 1  # gradguard: ignore\n")
    (found,) = wire.diagnostics(uri, 1)
    assert (found["code"], found["tags"]) == ("GG902", [1])
    asked = {"textDocument": {"uri": uri}, "range": found["range"], "context": {"diagnostics": [found]}}
    (action,) = wire.request("textDocument/codeAction", asked)["result"]
    assert action["edit"]["changes"][uri] == [{"range": range_of(0, 5, 0, 26), "newText": ""}]


def test_inlay_hints_on_request(fresh: Wire) -> None:
    fresh.initialize(initializationOptions={"settings": {"inlayHints": True}})
    fresh.open("file:///train.py", HAZARD)
    asked = {"textDocument": {"uri": "file:///train.py"}, "range": range_of(0, 0, 99, 0)}
    hints = fresh.request("textDocument/inlayHint", asked)["result"]
    assert sorted((hint["position"]["line"], hint["label"]) for hint in hints) == [
        (3, "saved by exp at version 0"),
        (4, "version 1"),
    ]
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"gradguard": {}}})
    assert fresh.request("textDocument/inlayHint", asked)["result"] is None


def test_the_whole_workspace_can_be_pulled(fresh: Wire, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(HAZARD)
    (tmp_path / "two.py").write_text(CURED)
    folders = [{"uri": tmp_path.as_uri(), "name": "work"}]
    options = {"settings": {"diagnosticMode": "workspace"}}
    result = fresh.initialize(workspaceFolders=folders, initializationOptions=options)
    assert result["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"]
    items = fresh.request("workspace/diagnostic", {"previousResultIds": []})["result"]["items"]
    assert [(Path(item["uri"]).name, len(item["items"])) for item in items] == [("one.py", 1), ("two.py", 0)]
    known = [{"uri": item["uri"], "value": item["resultId"]} for item in items]
    (tmp_path / "one.py").unlink()
    fresh.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (tmp_path / "one.py").as_uri(), "type": 3}]})
    items = fresh.request("workspace/diagnostic", {"previousResultIds": known})["result"]["items"]
    assert [(Path(item["uri"]).name, item["kind"]) for item in items] == [("two.py", "unchanged"), ("one.py", "full")]


def test_messages_follow_the_editors_language(fresh: Wire) -> None:
    fresh.initialize(locale="zh-cn")
    fresh.open("file:///train.py", HAZARD)
    (found,) = fresh.diagnostics("file:///train.py", 1)
    assert not found["message"].isascii()


@pytest.mark.parametrize("text", [HAZARD, pytest.param(program(200), marks=pytest.mark.slow)], ids=["short", "long"])
def test_a_request_of_every_kind_at_every_position(wire: Wire, text: str) -> None:
    uri = "file:///everywhere.py"
    wire.open(uri, text)
    document = {"textDocument": {"uri": uri}}
    for line, content in enumerate(text.split("\n")):
        asked = set()
        for column in range(len(content) + 1):
            position = {"line": line, "character": column}
            at = range_of(line, column, line, column)
            asked |= {
                wire.ask("textDocument/hover", {**document, "position": position}),
                wire.ask("textDocument/documentHighlight", {**document, "position": position}),
                wire.ask("textDocument/codeAction", {**document, "range": at, "context": {"diagnostics": []}}),
                wire.ask("textDocument/inlayHint", {**document, "range": at}),
            }
        while asked:
            answer = wire.wait(lambda message, asked=asked: message.get("id") in asked)  # type: ignore[misc]
            asked.discard(answer["id"])
            assert "error" not in answer
    wire.notify("textDocument/didClose", document)


def test_a_trace_says_what_was_run(fresh: Wire) -> None:
    fresh.initialize(trace="messages")
    fresh.open("file:///train.py", HAZARD)
    traced = fresh.wait(lambda message: message.get("method") == "$/logTrace")["params"]
    assert ("entries run: 1" in traced["message"], "verbose" in traced) == (True, False)
    fresh.notify("$/setTrace", {"value": "verbose"})
    fresh.change("file:///train.py", 2, {"text": CURED})
    assert fresh.wait(lambda message: message.get("method") == "$/logTrace")["params"]["verbose"] == "<module>"
    fresh.notify("$/setTrace", {"value": "off"})
    fresh.change("file:///train.py", 3, {"text": HAZARD})
    fresh.diagnostics("file:///train.py", 3)
    fresh.shut_down()
    assert [message for _, message in fresh.received if message.get("method") == "$/logTrace"][2:] == []


def test_a_scan_of_the_workspace_shows_its_progress(fresh: Wire, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"train{number}.py").write_text(HAZARD)
    folders = [{"uri": tmp_path.as_uri(), "name": "work"}]
    fresh.initialize({"window": {"workDoneProgress": True}}, workspaceFolders=folders)
    asked = fresh.ask("workspace/executeCommand", {"command": "gradguard.analyseWorkspace"})
    create = fresh.wait(lambda message: message.get("method") == "window/workDoneProgress/create")
    fresh.send({"jsonrpc": "2.0", "id": create["id"], "result": None})
    summary = fresh.answer(asked)["result"]
    assert (summary["files"], summary["errors"]) == (3, 3)
    progress = [message["params"] for _, message in fresh.received if message.get("method") == "$/progress"]
    assert {each["token"] for each in progress} == {create["params"]["token"]}
    assert [each["value"]["kind"] for each in progress] == ["begin", "report", "report", "report", "end"]


def test_shutdown_and_exit(fresh: Wire) -> None:
    fresh.initialize()
    assert fresh.shut_down() == 0


def test_exit_without_shutdown(fresh: Wire) -> None:
    fresh.initialize()
    fresh.notify("exit", None)
    assert fresh.process.wait(SECONDS) == 1


def test_the_end_of_the_input_ends_the_server(odd: Wire) -> None:
    odd.open("file:///slow.py", SLOW)
    assert odd.process.stdin is not None
    odd.process.stdin.close()
    assert odd.process.wait(SECONDS) == 1


def test_the_end_of_the_client_ends_the_server(fresh: Wire) -> None:
    client = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    fresh.initialize(processId=client.pid)
    assert fresh.process.poll() is None
    assert client.stdin is not None
    client.communicate(b"\n")
    assert fresh.process.wait(SECONDS) == 1


def test_only_messages_on_standard_output() -> None:
    program = "import gradguard.lsp.session as s, os; real = s._warm_up\n" + textwrap.dedent("""
        def loud():
            print("printed"); os.system("echo shouted"); real()
        s._warm_up = loud
        from gradguard.cli.main import main
        main(["server"])
    """)
    with Wire([sys.executable, "-c", program]) as wire:
        wire.initialize()
        wire.open("file:///train.py", HAZARD)
        assert wire.diagnostics("file:///train.py", 1)
        wire.shut_down()
    assert {b"printed\n", b"shouted\n"} <= set(wire.errors)


def test_nothing_is_loaded_that_the_first_diagnostics_do_not_need(tmp_path: Path) -> None:
    listing = tmp_path / "modules"
    program = f"""if True:
        import sys
        from gradguard.cli.main import main
        main(["server"])
        open({str(listing)!r}, "w").write(" ".join(sys.modules))
    """
    with Wire([sys.executable, "-c", program]) as wire:
        wire.initialize()
        wire.open("file:///train.py", "import torch\n")
        assert wire.diagnostics("file:///train.py", 1) == []
        wire.shut_down()
    loaded = set(listing.read_text().split())
    assert "gradguard.analysis.files" in loaded
    assert not loaded & {"argparse", "hashlib", "libcst", "pathspec", "ssl", "tomllib"}


def test_over_a_socket() -> None:
    command = [sys.executable, "-m", "gradguard", "server", "--tcp", "127.0.0.1:0"]
    server = subprocess.Popen(command, cwd=SERVER, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert server.stderr is not None
    port = int(server.stderr.readline().rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rwb")
        for number, method in enumerate(["initialize", "shutdown"]):
            params = '{"processId": null, "rootUri": null, "capabilities": {}}' if number == 0 else "null"
            body = f'{{"jsonrpc": "2.0", "id": {number}, "method": "{method}", "params": {params}}}'
            stream.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
            stream.flush()
            length = int(stream.readline().split(b":")[1])
            stream.readline()
            assert b'"result"' in stream.read(length)
        body = '{"jsonrpc": "2.0", "method": "exit"}'
        stream.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        stream.flush()
        assert server.wait(SECONDS) == 0
    server.stderr.close()


def _severities(message: dict[str, Any]) -> list[int]:
    return [found["severity"] for found in message["params"]["diagnostics"]]
