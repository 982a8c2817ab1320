"""Containers. A layer that nothing is known about stays in its place: what it returns is unknown, not skipped."""

import _gradguard as gg

from torch.nn import Parameter
from torch.nn.modules.module import Module


class _Layers(Module):
    _unknown_names = ()

    def _layers(self):
        return gg.own_layers(self, Module, self._unknown_names)

    def _values(self):
        return gg.second_of_each(self._layers())

    def add_module(self, name, module):
        if gg.is_unknown(module):
            self._unknown_names = (*self._unknown_names, name)
        setattr(self, name, module)

    def _replace(self, layers):
        for name, _ in self._layers():
            delattr(self, name)
        self._unknown_names = ()
        for index, layer in enumerate(layers):
            self.add_module(str(index), layer)

    def append(self, module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        for module in modules:
            self.append(module)
        return self

    def insert(self, index, module):
        layers = self._values()
        layers.insert(index, module)
        self._replace(layers)

    def pop(self, key):
        layer = self[key]
        del self[key]
        return layer

    def _name_at(self, index):
        return self._layers()[index][0]

    def __len__(self):
        return len(self._layers())

    def __iter__(self):
        return iter(self._values())

    def __contains__(self, module):
        return module in self._values()

    def __dir__(self):
        return list(self.__dict__)

    def __setitem__(self, index, module):
        self.add_module(self._name_at(index), module)

    def __delitem__(self, index):
        layers = self._values()
        del layers[index]
        self._replace(layers)


class Sequential(_Layers):
    def __init__(self, *layers):
        if len(layers) == 1 and isinstance(layers[0], dict):
            for name, layer in layers[0].items():
                self.add_module(name, layer)
        else:
            for index, layer in enumerate(layers):
                self.add_module(str(index), layer)

    def forward(self, input):
        for _, layer in self._layers():
            input = layer(input)
        return input

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__class__(dict(self._layers()[index]))
        return self._values()[index]

    def __add__(self, other):
        return Sequential(*self, *other)

    def __iadd__(self, other):
        return self.extend(other)


class ModuleList(_Layers):
    def __init__(self, modules=None):
        for index, module in enumerate(modules or ()):
            self.add_module(str(index), module)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__class__(self._values()[index])
        return self._values()[index]

    def __add__(self, other):
        return ModuleList([*self, *other])

    def __iadd__(self, modules):
        return self.extend(modules)


class ModuleDict(_Layers):
    def __init__(self, modules=None):
        if modules:
            self.update(modules)

    def update(self, modules):
        for name, module in modules.items() if hasattr(modules, "items") else modules:
            self.add_module(name, module)

    def __getitem__(self, name):
        return self.__dict__[name]

    def __setitem__(self, name, module):
        self.add_module(name, module)

    def __delitem__(self, name):
        delattr(self, name)

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return name in dict(self._layers())

    def keys(self):
        return [name for name, _ in self._layers()]

    def values(self):
        return self._values()

    def items(self):
        return self._layers()

    def clear(self):
        for name in self.keys():
            delattr(self, name)

    def pop(self, name):
        module = self.__dict__[name]
        delattr(self, name)
        return module

    def get(self, name, default=None):
        return self.__dict__.get(name, default)


def _as_parameter(value):
    # A plain tensor becomes a parameter; what is no tensor is kept as it is (measured).
    return Parameter(value) if gg.is_tensor(value) and not isinstance(value, Parameter) else value


class ParameterList(Module):
    def __init__(self, values=None):
        self._size = 0
        self.extend(values or ())

    def append(self, value):
        setattr(self, str(self._size), _as_parameter(value))
        self._size += 1
        return self

    def extend(self, values):
        for value in values:
            self.append(value)
        return self

    def __iadd__(self, values):
        return self.extend(values)

    def _values(self):
        return [self.__dict__[str(index)] for index in range(self._size)]

    def __getitem__(self, index):
        found = self._values()[index]
        return ParameterList(found) if isinstance(index, slice) else found

    def __setitem__(self, index, value):
        setattr(self, str(index % self._size), _as_parameter(value))

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter(self._values())


class ParameterDict(Module):
    def __init__(self, parameters=None):
        self._keys = []
        if parameters is not None:
            self.update(parameters)

    def update(self, parameters):
        for name, value in parameters.items() if hasattr(parameters, "items") else parameters:
            self[name] = value

    def __getitem__(self, name):
        return self.__dict__[name]

    def __setitem__(self, name, value):
        if name not in self._keys:
            self._keys.append(name)
        setattr(self, name, _as_parameter(value))

    def __delitem__(self, name):
        self._keys.remove(name)
        delattr(self, name)

    def __contains__(self, name):
        return name in self._keys

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def keys(self):
        return list(self._keys)

    def values(self):
        return [self.__dict__[name] for name in self._keys]

    def items(self):
        return [(name, self.__dict__[name]) for name in self._keys]

    def get(self, name, default=None):
        return self.__dict__.get(name, default)

    def pop(self, name):
        value = self.__dict__[name]
        del self[name]
        return value
