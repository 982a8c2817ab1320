"""Titles of fixes; a title says what changes."""

from __future__ import annotations

from typing import Final

TITLES: Final[dict[str, str]] = {
    "fix.out_of_place": "Write `{code}` (allocates one new tensor)",
    "fix.out_of_place.shared": "Write `{code}` (one new tensor; other references keep the old values)",
    "fix.clone.write": "Copy before the write: `{code}`",
    "fix.clone.write.loop": "Copy before the write: `{code}` (one copy per iteration)",
    "fix.out_of_place.leaf": "Write `{code}` (the name then stands for a new tensor, not for the leaf)",
    "fix.clone.write.leaf": "Copy before the write: `{code}` (the name then stands for the copy, not for the leaf)",
    "fix.clone.write.shared": "Copy before the write: `{code}` (other references keep the old values)",
    "fix.clone.save": "Copy what is saved: `{code}`",
    "fix.no_grad.update": "Update under `torch.no_grad()`",
    "fix.no_grad.untracked": "Write under `torch.no_grad()` (no gradient flows through the written values)",
    "fix.no_grad.constant": "Write under `torch.no_grad()` (adding a constant changes no gradient)",
    "fix.no_grad.out": "Move `{code}` out of `torch.no_grad()` (autograd then records the view)",
    "fix.no_grad.inference": "Make it under `torch.no_grad()` instead of inference mode",
    "fix.module_flag": "Make the module without the flag: `{code}` (allocates one new tensor per call)",
    "fix.module_flag.all": "Make all {count} modules of this file without the flag (allocates new tensors)",
    "fix.module_flag.read_on": "Make the module without the flag: `{code}` (who else reads its input sees the values from before)",
    "fix.detach.carried": "Cut the graph between iterations: `{code}`",
    "fix.detach.kept": "Keep it without its graph: `{code}`",
    "fix.detach.argument": "Stop the gradient here: `{code}`",
    "fix.retain_graph": "Keep the graph: `{code}` (its memory stays allocated)",
    "fix.move.update": "Move `{code}` behind `{behind}` (its gradients then hold those of the later backward too)",
    "fix.move.write": "Move `{code}` behind `{behind}` (code in between sees the old values)",
    "fix.move.forward": "Compute the later loss behind `{behind}` (it sees the updated parameters)",
    "fix.move.loop": "Compute it in every round: move `{code}` into the loop",
    "fix.recompute": "Run `{code}` again, with the updated parameters",
    "fix.copied_parameters": "Run `{code}` on copies of the parameters (they stay allocated until `backward`)",
    "fix.move.view": "Move `{code}` behind `{behind}`",
    "fix.stack": "Collect the rows in a list: `{code}` (rows that the loop skips must be added by hand)",
    "fix.intermediate": "Give the new values their own name: `{code}` (later uses renamed: {count})",
    "fix.data": "Write `{code}` (autograd sees it)",
    "fix.mark_dirty": "Tell autograd of the write: `{code}`",
    "fix.returned": "Return what is marked dirty: `{code}`",
    "fix.suppress": "Leave {code} out on this line",
}
