"""What updates a model, against torch: which of them move the version of a weight or of its gradient."""

from __future__ import annotations

import pytest

from gradguard.analysis.files import analyse_file
from gradguard.interpreter.program import NoFiles
from gradguard.tape.hazards import SilentlyOverwritten
from gradguard.text.source import SourceFile
from tests.prelude.judges import gradguard_message, torch_message, torch_raises
from tests.prelude.updates import UPDATES, Update


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: f"{update.setup} {update.act}")
def test_update_behaves_as_in_torch(update: Update) -> None:
    disagreements = []
    for program in update.questions():
        expected, found = torch_message(program), gradguard_message(program)
        if expected != found:
            disagreements.append(f"torch: {expected}\ngradguard: {found}\n{program}")
    assert not disagreements, "\n\n".join(disagreements)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Adagrad"])
def test_fused_step_is_silent_in_torch_and_found(name: str) -> None:
    made = f"optimizer = torch.optim.{name}(model.parameters(), lr=0.1, fused=True)"
    program = Update(made, "optimizer.step()").weight_question(with_gradient=True)
    assert not torch_raises(program)
    analysis = analyse_file(SourceFile("main.py", program, 0), NoFiles())
    writes = [found.hazard.write for found in analysis.found if isinstance(found.hazard, SilentlyOverwritten)]
    assert [write.bypass for write in writes] == ["fused"]
