"""argparse: the arguments that the program itself gives, else those of a run without any, which is what defaults are for."""

import _gradguard as gg


class Namespace:
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    def __contains__(self, key):
        return key in self.__dict__


class ArgumentParser:
    def __init__(self, *args, **kwargs):
        self.defaults = {}
        self.options = {}
        self.positionals = []

    def add_argument(self, *flags, dest=None, default=None, type=None, action=None, required=False, **options):
        positional = not flags[0].startswith("-")
        if dest is None:
            long = [flag for flag in flags if flag.startswith("--")]
            dest = (long or list(flags))[0].lstrip("-").replace("-", "_")
        for flag in flags:
            self.options[flag] = (dest, action, type, options)
        if positional:
            self.positionals.append(flags[0])
        if action == "store_true" or action == "store_false":
            default = action == "store_false" if default is None else default
        elif (positional or required) and default is None:
            default = gg.unknown()
        elif isinstance(default, str) and type is not None:
            default = type(default)
        self.defaults[dest] = default

    def add_argument_group(self, *args, **kwargs):
        return self

    def add_mutually_exclusive_group(self, *args, **kwargs):
        return self

    def add_subparsers(self, *args, **kwargs):
        return gg.unknown()

    def set_defaults(self, **kwargs):
        self.defaults.update(kwargs)

    def get_default(self, dest):
        return self.defaults.get(dest)

    def parse_args(self, args=None, namespace=None):
        found = Namespace(**self.defaults)
        if isinstance(args, list):
            self._parse(found, list(args))
        return found

    def parse_known_args(self, args=None, namespace=None):
        return self.parse_args(args), []

    def _parse(self, found, words):
        positionals = list(self.positionals)
        while words:
            word = words.pop(0)
            if not word.startswith("--") and word not in self.options:
                if positionals:
                    self._store(found, positionals.pop(0), [word])
                continue
            name, equals, value = word.partition("=")
            values = [value] if equals else []
            if name in self.options and not values:
                taken = self.options[name][3].get("nargs")
                while words and not words[0].startswith("--") and (taken in ("*", "+") or len(values) < 1):
                    if self.options[name][1] is not None:
                        break
                    values.append(words.pop(0))
            self._store(found, name, values)

    def _store(self, found, name, values):
        if name not in self.options:
            return
        dest, action, convert, options = self.options[name]
        if action == "store_true" or action == "store_false":
            setattr(found, dest, action == "store_true")
        elif action is None:
            values = [convert(value) for value in values] if convert is not None else values
            setattr(found, dest, values if "nargs" in options else values[0] if values else gg.unknown())
        else:
            setattr(found, dest, gg.unknown())

    def print_help(self, file=None):
        pass

    def error(self, message):
        raise SystemExit(2)


class BooleanOptionalAction:
    pass


class ArgumentDefaultsHelpFormatter:
    pass


class RawTextHelpFormatter:
    pass


class ArgumentTypeError(Exception):
    pass
