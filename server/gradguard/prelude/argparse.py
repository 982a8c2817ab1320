"""argparse: a program run without arguments, which is what its defaults are for."""

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

    def add_argument(self, *flags, dest=None, default=None, type=None, action=None, required=False, **options):
        positional = not flags[0].startswith("-")
        if dest is None:
            long = [flag for flag in flags if flag.startswith("--")]
            dest = (long or list(flags))[0].lstrip("-").replace("-", "_")
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
        return Namespace(**self.defaults)

    def parse_known_args(self, args=None, namespace=None):
        return Namespace(**self.defaults), []

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
