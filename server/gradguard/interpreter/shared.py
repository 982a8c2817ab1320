"""What all runs share: builtins, exception classes, and the scopes of the prelude, none of which a program can change."""

from __future__ import annotations

from gradguard.interpreter import builtin_sequences, builtins
from gradguard.interpreter.builtin_types import builtin_classes
from gradguard.interpreter.exceptions import builtin_exceptions
from gradguard.interpreter.frames import ModuleScope
from gradguard.interpreter.scopes import prelude_source
from gradguard.interpreter.torch import intrinsics
from gradguard.interpreter.values import ClassValue, NativeModule, Value


class Shared:
    """One per process. The prelude's modules keep no state of a run, so that their classes can be made once."""

    def __init__(self) -> None:
        self.object_class = ClassValue("object", (), {})
        self.classes = builtin_classes(self.object_class)
        self.exceptions = builtin_exceptions()
        for cls in self.exceptions.values():
            if not cls.bases:
                cls.__init__(cls.name, (self.object_class,), {})  # type: ignore[misc]  # completes the root in place
        self.builtins: dict[str, Value] = {
            **builtins.FUNCTIONS,
            **builtin_sequences.FUNCTIONS,
            **{name: cls for name, cls in self.classes.items() if name != "deque"},
            **self.exceptions,
            "NotImplemented": NotImplemented,
            "Ellipsis": Ellipsis,
            "__debug__": True,
        }
        self.native_modules: dict[str, NativeModule] = {"_gradguard": intrinsics.module()}
        self.native_modules["_gradguard"].names["deque"] = self.classes["deque"]
        self._prelude: dict[str, ModuleScope | None] = {}

    def prelude_scope(self, dotted: str) -> ModuleScope | None:
        """The scope of the prelude's module `dotted`, or None."""
        if dotted not in self._prelude:
            found = prelude_source(dotted)
            self._prelude[dotted] = (
                None if found is None else ModuleScope(found[1], dotted, found[0], lazy=True, library=True)
            )
        return self._prelude[dotted]


SHARED = Shared()
