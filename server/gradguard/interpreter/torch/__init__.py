"""torch as the interpreted program sees it: tensors, operators, and the intrinsics that the prelude's models rest on."""
