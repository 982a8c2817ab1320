"""Hover texts in Markdown. Every claim about torch in them has a case in tests/rules that torch runs."""

# ruff: noqa: E501 (a sentence is one string)

from __future__ import annotations

from typing import Final

HOVERS: Final[dict[str, str]] = {
    "severity.error": "error",
    "severity.warning": "warning",
    "severity.info": "remark",
    "severity.hint": "hint",
    "hover.head": "**{code} {name}** ({severity})",
    "hover.sentence": "{message}.",
    "hover.also": "Here too: {code} in line {line}: {message}.",
    "hover.page": "[More about {code}]({uri})",
    # the story, one numbered line each
    "hover.story.saved": "line {line}: `{code}`: {reason} (saved at version {version})",
    "hover.story.saved.somewhere": "{reason} (saved at version {version})",
    "hover.story.write": "line {line}: `{code}` writes in place: the version counter is now {version}",
    "hover.story.refused": "line {line}: `{code}` writes in place",
    "hover.story.bypass": "line {line}: `{code}` changes the values, and the version counter does not see it",
    "hover.story.backward": "line {line}: `{code}` needs version {expected} and finds another: torch raises",
    "hover.story.backward.assumed": "line {line}: `{function}`: if its result is backpropagated, version {expected} is needed and another is found: torch raises",
    "hover.story.backward.silent.assumed": "line {line}: `{function}`: if its result is backpropagated, the changed values are used: torch raises nothing, the gradient is wrong",
    "hover.story.backward.silent": "line {line}: `{code}` uses the changed values: torch raises nothing, the gradient is wrong",
    "hover.story.view": "line {line}: `{code}` makes the view",
    "hover.story.leaf": "line {line}: `{code}` makes the leaf",
    "hover.story.created": "line {line}: `{code}` creates the tensor in inference mode",
    "hover.story.first": "line {line}: `{code}` runs backward and frees what was saved",
    "hover.story.apply": "line {line}: `{code}` applies the custom function",
    "hover.story.received": "line {line}: the gradient is handed in at `{code}`",
    "hover.story.detach": "line {line}: `{code}` cuts the tensor off from its graph",
    "hover.story.use": "line {line}: `{code}` uses the view: torch raises",
    "hover.story.second": "line {line}: `{code}` needs it again: torch raises",
    "hover.no_grad_does_not_help": "`torch.no_grad()` does not help here: it stops recording, not the version counter, and the saved tensor is the same memory.",
    # in-place writes that are no mistake
    "hover.write.safe": "**In-place write** to `{target}`: safe as the code stands",
    "hover.write.hazard": "**In-place write** to `{target}`: breaks backward",
    "hover.write.unknown": "**In-place write** to `{target}`: not enough is known to judge it",
    "hover.versions": "`{operator}` moves the version counter of `{target}` from {before} to {after}.",
    "hover.reason.hazard": "Torch refuses the write, or a backward needs what it overwrites: see the finding here.",
    "hover.reason.nothing_saved": "Nothing saved `{target}` before, so no derivative misses the old values.",
    "hover.reason.nothing_saved.by": "Nothing saved `{target}` before, so no derivative misses the old values: it comes from `{producer}`, whose derivative does not use its own result.",
    "hover.reason.not_needed": "It was saved before, but no backward that runs later needs it.",
    "hover.reason.not_tracked": "Autograd does not track `{target}`: nothing about it requires grad.",
    "hover.reason.no_grad": "The write is under `no_grad` and nothing saved `{target}`: the values change, the graph does not.",
    "hover.reason.fresh_copy_saved": "The operators that needed `{target}` keep private copies, which the write does not reach.",
    "hover.reason.unknown_tensor": "Where `{target}` comes from is not known here.",
    "hover.reason.no_backward_seen": "No backward through `{target}` is in view.",
    "hover.unsafe_if": "It would raise if something had saved `{target}` before the write: made by `exp`, `sigmoid`, `sqrt` or another operator that keeps its result, or used in `{target} * w` or `{target} ** 2` on the way to the loss.",
    "hover.GG901.remedies": (
        "If you want to be safe from later changes:\n"
        "1. write out of place, `{better}`: one more tensor\n"
        "2. give the new values a name of their own: both stay alive\n"
        "3. `torch.no_grad()` only where no gradient flows through what is written; it does not help once the tensor is saved"
    ),
    "hover.GG901.remedies.item": (
        "If you want to be safe from later changes:\n"
        "1. `{target} = {target}.clone()` before the write: one copy\n"
        "2. choose instead of writing: `torch.where(…)`, `{target}.masked_fill(…)`, `{target}.index_put(…)`\n"
        "3. `torch.no_grad()` only where no gradient flows through what is written; it does not help once the tensor is saved"
    ),
    "hover.GG901.cautions": "In-place operations also hide in your own functions and in layers made with `inplace=True`. `.data` would silence torch's check, not the mistake.",
    "hover.unreached": "**In-place operation**: `{operator}` writes its tensor and moves the version counter. No run that gradguard follows gets here with a tensor it knows, so it says nothing about this one.",
    "hover.flag": "**`inplace=True`**: the module overwrites its input and returns it. That breaks backward where an operator before it saved the tensor, and changes what everybody else sees who reads the input.",
    "hover.flag.call": "- line {line}: writes `{target}`: {verdict}",
    "hover.flag.safe": "safe as the code stands",
    "hover.flag.hazard": "breaks backward",
    "hover.flag.unknown": "not enough is known",
    # remedies and cautions of the rules
    "hover.GG101.remedies": (
        "What helps, cheapest first:\n"
        "1. write out of place, `{better}`: one more tensor until backward\n"
        "2. give the new values a name of their own\n"
        "3. clone before the write, or clone what is saved: one copy"
    ),
    "hover.GG101.remedies.item": (
        "What helps, cheapest first:\n"
        "1. clone what is saved: one copy of that part\n"
        "2. `{target} = {target}.clone()` before the write: one copy of all of it\n"
        "3. choose instead of writing: `torch.where(…)`, `{target}.masked_fill(…)`, `{target}.index_put(…)`"
    ),
    "hover.GG101.cautions": "`torch.no_grad()` and `.detach()` share the version counter and do not help. `.data` silences torch, and the gradient is wrong (GG301). There is no `torch.add_`: in-place forms are methods, and they also hide in your own functions.",
    "hover.GG102.remedies": (
        "What helps:\n"
        "1. run every `backward` that needs the parameters before the first `step`\n"
        "2. compute the later loss after the update\n"
        "3. `detach()` what should not get a gradient from the later loss, such as the fake batch of a GAN"
    ),
    "hover.GG102.cautions": "`retain_graph=True` keeps the graph, not the old parameters. `step` writes under `no_grad` and still moves the version counter; a `fused=True` optimizer does not move it, and then the gradient is silently wrong (GG301).",
    "hover.GG103.remedies": (
        "What helps:\n1. drop `inplace=True`: one more tensor per call\n2. clone the input where it is needed again"
    ),
    "hover.GG103.cautions": "`inplace=True` is fine after convolutions, linear layers and batch norm, which keep nothing of their result. A skip connection that reads the input later sees the overwritten values.",
    "hover.GG104.remedies": (
        "What helps:\n"
        "1. make a new tensor in each iteration; collect rows in a list and `torch.stack` them after the loop\n"
        "2. clone what is read before the next iteration overwrites it\n"
        "3. `detach()` state that the next iteration should not backpropagate into"
    ),
    "hover.GG104.cautions": "The first iteration often runs: the error comes when the second one overwrites what the first one saved.",
    "hover.GG105.remedies": "What helps: `h = h.detach()`. It makes a new tensor and leaves the saved one in its graph.",
    "hover.GG105.cautions": "`detach_()` is no write and moves no counter; torch refuses the saved input all the same.",
    "hover.GG201.remedies": (
        "What helps:\n"
        "1. for an update or an initialisation: `with torch.no_grad():` round the write\n"
        "2. for a computation: a new tensor under another name, `y = x + 1`, or `x.clone()` first"
    ),
    "hover.GG201.cautions": "After `x = x + 1` the name no longer means the leaf, and its `x.grad` stays `None`.",
    "hover.GG202.remedies": (
        "What helps:\n"
        "1. for an update or an initialisation: `with torch.no_grad():` round the write\n"
        "2. for a computation: write into a clone"
    ),
    "hover.GG202.cautions": "A view of a leaf is the leaf's memory; writing a part counts as writing the leaf.",
    "hover.GG203.remedies": (
        "What helps:\n"
        "1. write the piece out of place, `v = v * s`\n"
        "2. write the base first and take it apart afterwards\n"
        "3. index instead: `x[:, 0]` may be written where a result of `unbind` may not"
    ),
    "hover.GG203.cautions": "`for row in x` and `a, b = x` are `unbind`. Results of `tensor_split` are plain slices and may be written.",
    "hover.GG204.remedies": "What helps: `.clone()` after `expand`, which gives every element memory of its own.",
    "hover.GG204.cautions": "`zero_`, `fill_` and `masked_fill_` on an expanded tensor do not raise; they write each location several times.",
    "hover.GG205.remedies": "What helps: `.clone()` outside inference mode gives a normal tensor; or create it under `torch.no_grad()` instead.",
    "hover.GG205.cautions": "The write has changed the values before torch raises.",
    "hover.GG206.remedies": "What helps: make the view and the write both inside the block or both outside.",
    "hover.GG206.cautions": "Writing the base counts too, and so does `optimizer.step()`: the view is unusable afterwards.",
    "hover.GG301.remedies": (
        "What helps:\n"
        "1. write out of place, so that autograd sees it\n"
        "2. write after the backward that needs the old values\n"
        "3. for an update: `torch.no_grad()` and `copy_`, which torch checks"
    ),
    "hover.GG301.cautions": "`.data` has a version counter of its own: torch's check passes and the derivative is computed from the new values.",
    "hover.GG302.remedies": "What helps: copy where array and tensor meet: `torch.tensor(a)` or `torch.from_numpy(a.copy())`, `x.detach().numpy().copy()`.",
    "hover.GG302.cautions": "`from_numpy`, `as_tensor` and `.numpy()` share memory; numpy moves no version counter.",
    "hover.GG401.remedies": (
        "What helps:\n"
        "1. `ctx.mark_dirty(x)` in `forward`, and return `x`\n"
        "2. compute a new tensor and return that\n"
        "3. clone what the function handed out before writing it"
    ),
    "hover.GG401.cautions": "`forward` runs with grad mode off, so torch sees no write inside it unless it is marked. Tensors kept on `ctx` without `save_for_backward` are never checked.",
    "hover.GG402.remedies": "What helps: return a new tensor, `grad * 2` for `grad.mul_(2)`.",
    "hover.GG402.cautions": "The same gradient may be handed to several nodes; writing it changes what the others get.",
    "hover.GG501.remedies": (
        "What helps:\n"
        "1. `h = h.detach()` for state that is carried over\n"
        "2. compute the forward anew for the second backward, or add the losses and run one backward\n"
        "3. `retain_graph=True` at the first backward: keeps its memory"
    ),
    "hover.GG501.cautions": "With `retain_graph=True` an `optimizer.step()` between the two becomes an error of its own (GG102).",
}
