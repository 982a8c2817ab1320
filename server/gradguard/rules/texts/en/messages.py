"""English texts. Lower case, no full stop, backticks round code: they stand in problem lists and logs."""

# ruff: noqa: E501 (a sentence is one string)

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "words.tensor": "this tensor",
    # what a warning rests on
    "assume.message": "{message}, if {assumptions}",
    "assume.and": " and ",
    "assume.backpropagated": "the result of `{subject}` is backpropagated",
    "assume.backpropagated.not": "the result of `{subject}` is not backpropagated",
    "assume.requires_grad": "`{subject}` requires grad",
    "assume.requires_grad.not": "`{subject}` does not require grad",
    "assume.condition": "`{subject}` is true",
    "assume.condition.not": "`{subject}` is false",
    "assume.default": "`{subject}` has its default value",
    "assume.default.not": "`{subject}` has another value than its default",
    # why something was saved
    "reason.result": "its result",
    "reason.argument": "its `{argument}`",
    "reason.plain": "the derivative of `{operator}` needs {what}",
    "reason.formula": "the derivative of `{operator}` needs {what}: the gradient of `{of}` is `{formula}`",
    "reason.shape_only": "`{operator}` keeps the tensor for its shape alone, but torch checks its version all the same",
    # the places of the story
    "related.saved": "saved here: {reason}",
    "related.saved.unneeded": "saved here by `{operator}`, but no later backward needs it",
    "related.needed": "needed here: torch raises",
    "related.needed.assumed": "needed once this is backpropagated: torch raises",
    "related.needed.silent": "needed here: torch raises nothing, the gradient is wrong",
    "related.needed.silent.assumed": "needed once this is backpropagated: torch raises nothing, the gradient is wrong",
    "related.reached": "reached from here: `{call}`",
    "related.view": "the view is made here",
    "related.leaf": "the leaf is made here",
    "related.pieces": "the pieces are made here",
    "related.used": "used here: torch raises",
    "related.expanded": "expanded here: elements share memory",
    "related.inference": "created in inference mode here",
    "related.ungraded": "the view is made here, under `{mode}`",
    "related.applied": "the custom function is applied here",
    "related.received": "the gradient is handed in here",
    "related.graph": "this part of the graph keeps what the second backward needs",
    "related.again": "needed again here: torch raises",
    # GG101
    "GG101.message": "`{target}` is overwritten in place after `{operator}` saved it",
    "GG101.message.alias": "writing `{target}` in place overwrites `{saved}`, which `{operator}` saved",
    "GG101.help": "write out of place, or clone before the write",
    # GG102
    "GG102.message": "`{update}` updates `{target}`, which is saved for a later backward",
    "GG102.message.needed": "`{update}` updates `{target}` before `{backward}` needs it",
    "GG102.message.unnamed": "`{update}` updates parameters that are saved for a later backward",
    "GG102.message.unnamed.needed": "`{update}` updates parameters before `{backward}` needs them",
    "GG102.help": "run every `backward` that needs the parameters, then the update",
    # GG103
    "GG103.message": "`{call}` overwrites `{target}` in place after `{operator}` saved it",
    "GG103.message.inner": "a module in `{call}` overwrites in place what `{operator}` in it saved",
    "GG103.message.hooked": "`{call}` writes `{target}` in place, but a custom function or a full backward hook handed it out as a view",
    "GG103.help": "drop `inplace=True`",
    # GG104
    "GG104.message": "`{target}` is overwritten in place by a later loop iteration than the one whose `{operator}` saved it",
    "GG104.message.needed": "`{target}` is overwritten in place, and a later loop iteration needs what `{operator}` saved",
    "GG104.message.each": "`{target}` is overwritten in place in a loop in which `{operator}` saves it; backward comes after the loop",
    "GG104.help": "make a new tensor in each iteration, or clone what the next iteration overwrites",
    # GG105
    "GG105.message": "`{target}` is detached in place after `{operator}` saved it",
    "GG105.help": "use `.detach()`, which makes a new tensor",
    # GG201, GG202
    "GG201.message": "`{target}` is a leaf that requires grad, and it is written in place",
    "GG201.help": "write out of place, or under `torch.no_grad()` if the write is an update or an initialisation",
    "GG202.message": "`{target}` is a view of a leaf that requires grad, and it is written in place",
    "GG202.help": "clone the leaf first, or write under `torch.no_grad()` if the write is an update or an initialisation",
    # GG203
    "GG203.message": "`{target}` is one of several views that `{operator}` made at once, and it is written in place",
    "GG203.message.base": "writing `{target}` in place spoils the views that `{operator}` made of it at once; the next use, `{use}`, raises",
    "GG203.help": "write the piece out of place, or write the base before it is taken apart",
    # GG204
    "GG204.message": "`{target}` is written in place, but `{operator}` made several of its elements share one memory location",
    "GG204.message.operand": "`{target}` is written in place from an operand that partly shares its memory",
    "GG204.message.alone": "`{target}` is written in place, but several of its elements share one memory location",
    "GG204.help": "clone before the write",
    # GG205
    "GG205.message": "`{target}` was created in inference mode and is written in place outside it",
    "GG205.message.saved": "`{use}` saves a tensor for backward that was created in inference mode",
    "GG205.help": "clone the tensor outside inference mode, or create it under `torch.no_grad()`",
    # GG206
    "GG206.message": "`{target}` is a view made under `{mode}` and is written in place in grad mode",
    "GG206.message.used": "`{target}` is written in place, and `{use}` uses a view of its memory made under `{mode}`",
    "GG206.help": "make the view and the write both inside the block or both outside",
    # GG301
    "GG301.message.data": "`{target}` is overwritten through `.data` after `{operator}` saved it; the gradient is silently wrong",
    "GG301.message.set_": "`{write}` swaps the memory that `{operator}` saved; the gradient is silently wrong",
    "GG301.message.storage": "`{target}` is overwritten through its storage after `{operator}` saved it; the gradient is silently wrong",
    "GG301.message.numpy": "`{target}` is overwritten through numpy after `{operator}` saved it; the gradient is silently wrong",
    "GG301.message.fused": "`{write}` (`fused=True`) updates parameters after `{operator}` saved them; the gradient is silently wrong",
    "GG301.message.data_assignment": "`{write}` replaces the values that `{operator}` saved; the gradient is silently wrong",
    "GG301.message.unmarked": "`{target}` is overwritten where torch does not look after `{operator}` saved it; the gradient is silently wrong",
    "GG301.help": "write out of place; for an update use `torch.no_grad()` and `copy_`, which torch checks",
    # GG302
    "GG302.message": "`{target}` shares its memory with a tensor that `{operator}` saved and is overwritten; the gradient is silently wrong",
    "GG302.help": "copy where the array and the tensor begin to share memory",
    # GG401
    "GG401.message.unmarked_write": "`{target}` is written in place in a custom `forward` without `ctx.mark_dirty`; gradients are silently wrong",
    "GG401.message.dirty_not_returned": "`{target}` is marked dirty but `forward` does not return it",
    "GG401.message.context_tensor_written": "`{target}` is kept on `ctx` and overwritten before backward; the gradient is silently wrong",
    "GG401.message.dirty_leaf": "`{target}` is a leaf that requires grad, and `{call}` writes it in place",
    "GG401.message.view": "`{target}` is an input or view that a custom function handed out, and it is written in place",
    "GG401.help": "mark the input dirty and return it, or clone before the write",
    # GG402
    "GG402.message": "`{target}` is the gradient that was handed in, and it is written in place; other gradients become wrong",
    "GG402.help": "return a new tensor",
    # GG501
    "GG501.message": "`{backward}` frees what `{operator}` saved, and `{later}` goes through it a second time",
    "GG501.message.loop": "`{backward}` goes through `{operator}` again in the next iteration, when its saved tensors are freed",
    "GG501.help": "detach what is carried over, compute the forward anew, or keep the graph with `retain_graph=True`",
    # GG901
    "GG901.message.nothing_saved": "in-place write to `{target}`, safe here: nothing saved it",
    "GG901.message.nothing_saved.by": "in-place write to `{target}`, safe here: nothing saved it (`{producer}` does not)",
    "GG901.message.not_needed": "in-place write to `{target}`, safe here: no later backward needs what was saved",
    "GG901.message.fresh_copy_saved": "in-place write to `{target}`, safe here: the operator saved a private copy",
    "GG901.message.no_backward_seen": "in-place write to `{target}`, safe here: nothing is backpropagated",
    "GG901.help": "write out of place if a later change may save the tensor",
    # GG902
    "GG902.message": "this comment silences nothing",
    "GG902.message.code": "`{code}` silences nothing here",
    "GG902.fix": "Remove the unused suppression",
    "GG902.fix.code": "Remove `{code}` from the suppression",
}
