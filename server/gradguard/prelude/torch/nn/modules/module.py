"""torch.nn.Module: a plain object; its parameters, buffers and submodules are what its attributes hold."""

import _gradguard as gg

import torch
from torch.nn import Parameter
from torch.nn.modules.hooked import call_with_hooks
from torch.utils.hooks import RemovableHandle


class Module:
    training = True
    _buffer_names = {}
    _computed = {}
    _hooks = None
    call_super_init = False
    dump_patches = False

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        if self._hooks is None:
            return self.forward(*args, **kwargs)
        return call_with_hooks(self, args, kwargs)

    def _call_impl(self, *args, **kwargs):
        return self.__call__(*args, **kwargs)

    def __getattr__(self, name):
        if name in self._computed:
            return self._computed[name]()
        raise AttributeError(name)

    def forward(self, *args, **kwargs):
        raise NotImplementedError

    # What a module holds

    @property
    def _parameters(self):
        return _Members(self, gg.own_parameters(self))

    @property
    def _buffers(self):
        return _Members(self, gg.own_buffers(self))

    @property
    def _modules(self):
        return _Members(self, gg.own_modules(self, Module))

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        return iter(gg.named_modules(self, Module, prefix))

    def modules(self):
        return iter(gg.second_of_each(self.named_modules()))

    def named_children(self):
        return iter(gg.own_modules(self, Module))

    def children(self):
        return iter(gg.second_of_each(gg.own_modules(self, Module)))

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return iter(gg.named_tensors(self, Module, prefix, recurse, gg.own_parameters))

    def parameters(self, recurse=True):
        return iter(gg.second_of_each(self.named_parameters(recurse=recurse)))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        return iter(gg.named_tensors(self, Module, prefix, recurse, gg.own_buffers))

    def buffers(self, recurse=True):
        return iter(gg.second_of_each(self.named_buffers(recurse=recurse)))

    def get_submodule(self, target):
        module = self
        for name in target.split(".") if target else []:
            module = getattr(module, name)
        return module

    def get_parameter(self, target):
        path, _, name = target.rpartition(".")
        return getattr(self.get_submodule(path), name)

    def get_buffer(self, target):
        return self.get_parameter(target)

    def set_submodule(self, target, module, strict=False):
        path, _, name = target.rpartition(".")
        setattr(self.get_submodule(path), name, module)

    def register_buffer(self, name, tensor, persistent=True):
        self._buffer_names = {**self._buffer_names, name: persistent}
        setattr(self, name, tensor)

    def register_parameter(self, name, param):
        setattr(self, name, param)

    def add_module(self, name, module):
        setattr(self, name, module)

    def register_module(self, name, module):
        self.add_module(name, module)

    # Modes

    def train(self, mode=True):
        self.training = mode
        for _, child in gg.own_modules(self, Module):
            child.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        if set_to_none:
            gg.drop_gradients(self.parameters())
        else:
            for gradient in gg.gradients(self.parameters()):
                gradient.detach_()
                gradient.zero_()

    def apply(self, fn):
        for _, child in gg.own_modules(self, Module):
            child.apply(fn)
        fn(self)
        return self

    # Moving and casting: a parameter keeps its identity and its version and gets other memory

    def _apply(self, fn, recurse=True):
        for module in self.modules():
            for _, parameter in gg.own_parameters(module):
                gg.set_data(parameter, fn(parameter.detach()))
            for name, buffer in gg.own_buffers(module):
                setattr(module, name, fn(buffer))
        return self

    def to(self, *args, dtype=None, **kwargs):
        for value in args:
            if gg.is_tensor(value):
                dtype = value.dtype
            elif not gg.is_unknown(value) and hasattr(value, "is_floating_point"):
                dtype = value
        return self._cast(dtype)

    def _cast(self, dtype):
        if dtype is None or gg.is_unknown(dtype):
            return self
        return self._apply(lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor)

    def type(self, dst_type):
        return self._cast(dst_type)

    def double(self):
        return self._cast(torch.float64)

    def float(self):
        return self._cast(torch.float32)

    def half(self):
        return self._cast(torch.float16)

    def bfloat16(self):
        return self._cast(torch.bfloat16)

    def cuda(self, device=None):
        return self

    def cpu(self):
        return self

    def xpu(self, device=None):
        return self

    def to_empty(self, *, device, recurse=True):
        return self

    def share_memory(self):
        return self

    def compile(self, *args, **kwargs):
        pass

    # State

    def _persistent(self, prefix):
        found = []
        for path, module in self.named_modules(prefix=prefix):
            start = path + "." if path else ""
            found += [(start + name, value) for name, value in gg.own_parameters(module)]
            found += [
                (start + name, value) for name, value in gg.own_buffers(module) if module._buffer_names.get(name, True)
            ]
        return found

    def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
        state = {} if destination is None else destination
        prefix = prefix[:-1] if prefix.endswith(".") else prefix
        for name, value in self._persistent(prefix):
            state[name] = value if keep_vars else value.detach()
        return state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        if assign:
            return _assign_state(self, state_dict)
        for name, value in self._persistent(""):
            if gg.is_unknown(state_dict) or name in state_dict:
                gg.write(value, "copy_")
        return gg.unknown()

    def extra_repr(self):
        return ""

    def _get_name(self):
        return self.__class__.__name__

    def get_extra_state(self):
        return None

    def set_extra_state(self, state):
        pass

    # Hooks

    def _add_hook(self, kind, function, with_kwargs=False, prepend=False):
        handle = RemovableHandle(self, kind, function, with_kwargs)
        hooks = [] if self._hooks is None else self._hooks
        self._hooks = [handle] + hooks if prepend else hooks + [handle]
        return handle

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        return self._add_hook("before", hook, with_kwargs, prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        return self._add_hook("after", hook, with_kwargs, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        return self._add_hook("backward", hook)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        return self._add_hook("backward_pre", hook)

    def register_backward_hook(self, hook):
        # Unlike the full hooks it hangs on the output's node and wraps nothing.
        return self._add_hook("on_node", hook)

    def register_state_dict_pre_hook(self, hook):
        return self._add_hook("state", hook)

    def register_state_dict_post_hook(self, hook):
        return self._add_hook("state", hook)

    def register_load_state_dict_pre_hook(self, hook):
        return self._add_hook("state", hook)

    def register_load_state_dict_post_hook(self, hook):
        return self._add_hook("state", hook)

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        return self._add_hook("state", hook)

    def _register_state_dict_hook(self, hook):
        return self._add_hook("state", hook)


class _Members(dict):
    """What `_parameters` and its like give: a change to it is a change to the module."""

    def __init__(self, module, members):
        super().__init__(members)
        self.module = module

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        setattr(self.module, name, value)

    def __delitem__(self, name):
        super().__delitem__(name)
        delattr(self.module, name)

    def pop(self, name, *default):
        if name in self:
            delattr(self.module, name)
        return super().pop(name, *default)


def _assign_state(module, state_dict):
    for name, value in module._persistent(""):
        if not gg.is_unknown(state_dict) and name in state_dict:
            path, _, last = name.rpartition(".")
            new = state_dict[name]
            new = Parameter(new) if isinstance(value, Parameter) and not isinstance(new, Parameter) else new
            setattr(module.get_submodule(path), last, new)
        else:
            gg.forget(value)
    return gg.unknown()


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    return gg.unknown()


def register_module_forward_pre_hook(hook):
    return gg.unknown()


def register_module_full_backward_hook(hook):
    return gg.unknown()
