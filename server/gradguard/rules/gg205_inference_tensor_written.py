"""GG205 inference-tensor-written: a tensor made in inference mode is written outside it, or saved for backward.

User page: docs/rules/GG205.md. Cases: tests/rules/gg205_inference_tensor_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.operators import public_name
from gradguard.rules.wording import related, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import InferenceTensorMisused


def describe(found: Found, hazard: InferenceTensorMisused, texts: Texts) -> Finding:
    """Word the hazard for a user, at the write or at the operator that saves. Raises ValueError if it has neither."""
    made = related("related.inference", creation(hazard), texts)
    if hazard.write is not None:
        write = site_of(hazard.write.origin)
        message = texts.say("GG205.message", target=target_of(write))
        return word("GG205", found, message, texts, at=write, related=made)
    if hazard.use is None:
        raise ValueError("an inference tensor is misused by a write or by a use")
    use = site_of(hazard.use.origin)
    message = texts.say("GG205.message.saved", use=source_of(use), operator=public_name(hazard.use.operator))
    return word("GG205", found, message, texts, at=use, related=made)


def creation(hazard: InferenceTensorMisused) -> object:
    """What made the inference tensor: for a view that an index of the write itself makes, what made the whole."""
    tensor = hazard.created.tensor
    if hazard.write is not None:
        tensor = hazard.write.tensor
    while tensor is not None and tensor.parent is not None:
        tensor = tensor.parent
    return hazard.created.origin if tensor is None else tensor.origin
