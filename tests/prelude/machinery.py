"""Programs about torch's Python layer: containers, traversal, hooks, modes, data, checkpoints. Their last line raises or does not."""

from __future__ import annotations

HEADER = """\
import torch
from torch import nn

torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)


class Square(nn.Module):
    def forward(self, x):
        return x * x


class AddInPlace(nn.Module):
    def forward(self, x):
        x += 1
        return x


def overwrite(tensor):
    with torch.no_grad():
        tensor.add_(0)


"""

# Each adds 1 in place to a tensor that was saved, exactly if what its name says holds.
PROGRAMS = {
    "Sequential runs in order": "y = nn.Sequential(nn.Sigmoid(), AddInPlace())(w * 1)\ny.sum().backward()",
    "Sequential of an ordered dict": """
from collections import OrderedDict
model = nn.Sequential(OrderedDict([("add", AddInPlace()), ("square", Square())]))
y = model.square(model.add(w * 1))
assert model[0] is model.add
y.sum().backward()""",
    "Sequential slice": """
model = nn.Sequential(nn.Tanh(), nn.Identity(), AddInPlace())
y = model[1:](model[:1](w * 1))
y.sum().backward()""",
    "Sequential without its last layer": """
model = nn.Sequential(nn.Tanh(), nn.Identity(), AddInPlace())
y = nn.Sequential(*list(model.children())[:-1])(w * 1)
y.sum().backward()""",
    "Sequential append, insert, delete": """
model = nn.Sequential(nn.Tanh())
model.append(nn.Identity())
model.insert(1, AddInPlace())
del model[0]
assert len(model) == 2
model(w * 1).sum().backward()""",
    "Sequential add_module": """
model = nn.Sequential()
model.add_module("act", nn.Tanh())
model.add_module("add", AddInPlace())
model(w * 1).sum().backward()""",
    "Sequential subclass with attributes": """
class Block(nn.Sequential):
    def __init__(self):
        super().__init__()
        self.act = nn.Tanh()
        self.add = AddInPlace()

Block()(w * 1).sum().backward()""",
    "Sequential item replaced": """
model = nn.Sequential(nn.Tanh(), AddInPlace())
model[1] = nn.Identity()
model(w * 1).sum().backward()""",
    "ModuleList extended and sliced": """
layers = nn.ModuleList([nn.Identity()])
layers.extend([nn.Tanh(), AddInPlace()])
layers += [nn.Identity()]
x = w * 1
for layer in layers[1:]:
    x = layer(x)
assert len(layers) == 4
x.sum().backward()""",
    "ModuleDict items": """
layers = nn.ModuleDict({"a": nn.Tanh()})
layers["b"] = AddInPlace()
layers.update({"c": nn.Identity()})
x = w * 1
for name, layer in layers.items():
    x = layer(x)
assert "b" in layers and list(layers.keys()) == ["a", "b", "c"]
x.sum().backward()""",
    "ParameterList": """
weights = nn.ParameterList([nn.Parameter(torch.ones(3)) for _ in range(2)])
y = weights[0] * weights[1]
overwrite(weights[1])
y.sum().backward()""",
    "ParameterDict": """
weights = nn.ParameterDict({"a": torch.ones(3), "b": nn.Parameter(torch.ones(3))})
y = weights["a"] * weights["b"]
overwrite(weights["a"])
assert len(list(weights.parameters())) == 2
y.sum().backward()""",
    "parameters of nested modules": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.inner = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3, bias=False))
        self.plain = torch.ones(3)

net = Net()
names = [name for name, _ in net.named_parameters()]
assert names == ["scale", "inner.0.weight", "inner.0.bias", "inner.1.weight"]
y = net.inner(w * net.scale)
for parameter in net.parameters():
    overwrite(parameter)
y.sum().backward()""",
    "shared parameters are listed once": """
a = nn.Linear(3, 3)
b = nn.Linear(3, 3)
b.weight = a.weight
both = nn.ModuleList([a, b])
assert len(list(both.parameters())) == 3
y = w * w
if len(list(both.parameters())) == 3:
    overwrite(w)
y.sum().backward()""",
    "parameters are those of an overridden named_parameters": """
class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 3, bias=False)
        self.head = nn.Linear(3, 3, bias=False)

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        for name, parameter in super().named_parameters(prefix, recurse):
            if name.startswith("head"):
                yield name, parameter

net = Tuned()
y = net.body(w * 1)
for parameter in net.parameters():
    overwrite(parameter)
assert [name for name, _ in net.named_parameters()] == ["head.weight"]
z = net.head(w * 1)
for parameter in net.parameters():
    overwrite(parameter)
z.sum().backward()""",
    "parameters of what an overridden named_modules leaves": """
class Partly(nn.Module):
    def __init__(self):
        super().__init__()
        self.frozen = nn.Linear(3, 3, bias=False)
        self.head = nn.Linear(3, 3, bias=False)

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        for path, module in super().named_modules(memo, prefix, remove_duplicate):
            if module is not self.frozen:
                yield path, module

net = Partly()
assert [name for name, _ in net.named_parameters()] == ["head.weight"]
y = net.head(w * 1)
for parameter in net.parameters():
    overwrite(parameter)
y.sum().backward()""",
    "a module reached by two names": """
shared = nn.Linear(3, 3)
net = nn.ModuleDict({"first": shared, "second": nn.Sequential(shared, nn.ReLU())})
assert [name for name, _ in net.named_modules()] == ["", "first", "second", "second.1"]
assert [name for name, _ in net.named_parameters("net")] == ["net.first.weight", "net.first.bias"]
y = net["second"][0](torch.ones(2, 3, requires_grad=True))
overwrite(next(net.parameters()))
y.sum().backward()""",
    "named_modules and get_submodule": """
net = nn.Sequential(nn.Sequential(nn.Linear(3, 3)), nn.Linear(3, 1))
assert [name for name, _ in net.named_modules()] == ["", "0", "0.0", "1"]
y = net(torch.ones(2, 3, requires_grad=True))
overwrite(net.get_submodule("0.0").weight)
y.sum().backward()""",
    "get_parameter": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
y = net(torch.ones(2, 3))
overwrite(net.get_parameter("1.weight"))
y.sum().backward()""",
    "buffers": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("count", torch.zeros(3), persistent=False)
        self.plain = torch.zeros(3)

net = Net()
assert [name for name, _ in net.named_buffers()] == ["mean", "count"]
assert list(net.state_dict()) == ["mean"]
y = w * net.count
for buffer in net.buffers():
    overwrite(buffer)
y.sum().backward()""",
    "a parameter taken out of _parameters": """
layer = nn.Linear(3, 1, bias=False)
weight = layer._parameters.pop("weight")
assert not list(layer.parameters())
layer.register_parameter("original", weight)
layer.weight = layer.original * 2
layer._buffers["scale"] = torch.ones(1)
y = layer(torch.ones(2, 3, requires_grad=True)) * layer.scale
for name, module in layer._modules.items():
    pass
assert "original" in layer._parameters
overwrite(layer.weight)
y.sum().backward()""",
    "a plain tensor attribute is no buffer": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.plain = torch.zeros(3)

net = Net()
y = w * net.plain
for buffer in net.buffers():
    overwrite(buffer)
y.sum().backward()""",
    "load_state_dict leaves non-persistent buffers": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(3), persistent=False)

net = Net()
y = w * net.count
net.load_state_dict(Net().state_dict())
y.sum().backward()""",
    "apply reaches every module": """
net = nn.Sequential(nn.Sequential(nn.Linear(3, 3)), nn.Linear(3, 3))
y = net(torch.ones(2, 3))

def renew(module):
    if isinstance(module, nn.Linear):
        module.weight.detach().zero_()

net.apply(renew)
y.sum().backward()""",
    "eval reaches nested dropout": """
net = nn.Sequential(nn.Sigmoid(), nn.Sequential(nn.Dropout(0.5)), AddInPlace())
net.eval()
net(w * 1).sum().backward()""",
    "train reaches nested dropout": """
net = nn.Sequential(nn.Sigmoid(), nn.Sequential(nn.Dropout(0.5)), AddInPlace())
net.eval()
net.train()
net(w * 1).sum().backward()""",
    "a frozen module saves less": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
for parameter in net[1].parameters():
    parameter.requires_grad = False
h = net[0](torch.ones(2, 3))
y = net[1](h)
overwrite(h)
y.sum().backward()""",
    "requires_grad_ of a module": """
net = nn.Linear(3, 1)
net.requires_grad_(False)
x = torch.ones(2, 3, requires_grad=True) * 1
y = net(x)
overwrite(x)
y.sum().backward()""",
    "forward pre-hook replaces the input": """
layer = nn.Identity()
layer.register_forward_pre_hook(lambda module, args: (args[0].exp(),))
y = layer(w * 1)
overwrite(y)
y.sum().backward()""",
    "forward hook sees the output": """
layer = nn.Sigmoid()
handle = layer.register_forward_hook(lambda module, args, output: overwrite(output))
layer(w * 1).sum().backward()""",
    "a removed hook is gone": """
layer = nn.Sigmoid()
handle = layer.register_forward_hook(lambda module, args, output: overwrite(output))
handle.remove()
layer(w * 1).sum().backward()""",
    "hook with keyword arguments": """
layer = nn.Sigmoid()
layer.register_forward_hook(lambda module, args, kwargs, output: overwrite(output), with_kwargs=True)
layer(input=w * 1).sum().backward()""",
    "functional_call uses the given weights": """
from torch.func import functional_call
net = nn.Linear(3, 1, bias=False)
given = {"weight": torch.ones(1, 3, requires_grad=True) * 1}
y = functional_call(net, given, (torch.ones(2, 3, requires_grad=True),))
overwrite(given["weight"])
y.sum().backward()""",
    "functional_call leaves the module alone": """
from torch.func import functional_call
net = nn.Linear(3, 1, bias=False)
given = {"weight": torch.ones(1, 3, requires_grad=True) * 1}
y = functional_call(net, given, (torch.ones(2, 3, requires_grad=True),))
overwrite(net.weight)
y.sum().backward()""",
    "deepcopy shares nothing": """
import copy
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
twin = copy.deepcopy(net)
y = net(torch.ones(2, 3))
for parameter in twin.parameters():
    overwrite(parameter)
y.sum().backward()""",
    "double casts in place": """
net = nn.Linear(3, 1)
weight = net.weight
net.double()
y = net(torch.ones(2, 3, dtype=torch.double, requires_grad=True))
assert net.weight is weight
overwrite(weight)
y.sum().backward()""",
    "to a dtype casts, to a device does not": """
net = nn.Linear(3, 1).to("cpu").to(torch.device("cpu"))
assert net.weight.dtype == torch.float32
net.to(torch.float64)
assert net.weight.dtype == torch.float64
net.to(torch.ones(1))
y = net(torch.ones(2, 3, requires_grad=True))
if net.weight.dtype == torch.float32:
    overwrite(net.weight)
y.sum().backward()""",
    "DataParallel calls its module": """
net = nn.DataParallel(nn.Sequential(nn.Sigmoid(), AddInPlace()))
net(w * 1).sum().backward()""",
    "compiled and scripted are the function": """
def act(x):
    y = x.sigmoid()
    y += 1
    return y

torch.jit.ignore(act)(w * 1).sum().backward()""",
    "no_grad as a decorator": """
@torch.no_grad()
def touch(tensor):
    tensor += 1

y = w * w
touch(w)
y.sum().backward()""",
    "no_grad without parentheses": """
@torch.no_grad
def half(tensor):
    return tensor.exp()

y = half(w)
y += 1
(y * w).sum().backward()""",
    "enable_grad inside no_grad": """
with torch.no_grad():
    with torch.enable_grad():
        y = w.exp()
    y += 1
y.sum().backward()""",
    "set_grad_enabled as a statement": """
torch.set_grad_enabled(False)
w.add_(0)
torch.set_grad_enabled(True)
y = w.exp()
overwrite(y)
y.sum().backward()""",
    "set_grad_enabled with a flag": """
y = w.exp()
for train in (False, True):
    with torch.set_grad_enabled(train):
        z = w.exp()
    if not train:
        z += 1
(y + z).sum().backward()""",
    "saved_tensors_hooks switch the check off": """
with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
    y = w.exp()
overwrite(y)
y.sum().backward()""",
    "DataLoader hands out fresh batches": """
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.ones(6, 3), torch.zeros(6, 1))
net = nn.Linear(3, 1)
total = 0
for x, y in DataLoader(data, batch_size=2):
    total = total + (net(x) - y).sum()
    overwrite(x)
total.backward()""",
    "a batch that is only compared is free": """
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.ones(6, 3), torch.zeros(6, 1))
net = nn.Linear(3, 1)
for x, y in DataLoader(data, batch_size=2, shuffle=True):
    loss = (net(x) - y).sum()
    y += 1
    loss.backward()""",
    "DataLoader of a user's dataset": """
from torch.utils.data import DataLoader, Dataset

class Ones(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return {"x": torch.ones(3), "y": index}

net = nn.Linear(3, 1)
for batch in DataLoader(Ones(), batch_size=2):
    loss = net(batch["x"]).sum()
    overwrite(batch["x"])
    loss.backward()""",
    "checkpoint checks its arguments": """
from torch.utils.checkpoint import checkpoint
x = w * 1
y = checkpoint(torch.sigmoid, x, use_reentrant=False)
overwrite(x)
y.sum().backward()""",
    "checkpoint forgets what is inside": """
from torch.utils.checkpoint import checkpoint
y = checkpoint(torch.sigmoid, w * 1, use_reentrant=False)
overwrite(y)
y.sum().backward()""",
    "autocast saves copies of weights": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = net(torch.ones(2, 3, requires_grad=True))
overwrite(net[1].weight)
y.sum().backward()""",
    "autocast saves copies of convolution's operands": """
layer = nn.Conv2d(1, 1, 2)
x = torch.ones(1, 1, 3, 3, requires_grad=True) * 1
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = layer(x)
overwrite(x)
overwrite(layer.weight)
y.sum().backward()""",
    "what is low already is saved itself": """
layer = nn.Linear(3, 3)
x = torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True) * 1
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = layer(x)
overwrite(x)
y.sum().backward()""",
    "autocast leaves elementwise operators alone": """
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = w.exp()
overwrite(y)
y.sum().backward()""",
    "autocast turned off inside": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
with torch.autocast("cpu", dtype=torch.bfloat16):
    with torch.autocast("cpu", enabled=False):
        y = net(torch.ones(2, 3, requires_grad=True))
overwrite(net[1].weight)
y.sum().backward()""",
    "autocast on again outside of that": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
with torch.autocast("cpu", dtype=torch.bfloat16):
    with torch.autocast("cpu", enabled=False):
        pass
    y = net(torch.ones(2, 3, requires_grad=True))
overwrite(net[1].weight)
y.sum().backward()""",
    "autocast as a decorator": """
layer = nn.Linear(3, 1)

@torch.autocast("cpu", dtype=torch.bfloat16)
def run(x):
    return layer(x)

y = run(torch.ones(2, 3, requires_grad=True))
overwrite(layer.weight)
y.sum().backward()""",
    "autograd.grad keeps the graph if asked": """
y = (w * w).sum()
torch.autograd.grad(y, w, retain_graph=True)
overwrite(w)
torch.autograd.grad(y, w)""",
    "a custom function saves its result": """
class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * y

y = Exp.apply(w)
overwrite(y)
y.sum().backward()""",
    "gumbel_softmax": """
y = nn.functional.gumbel_softmax(w * 1, hard=False)
overwrite(y)
y.sum().backward()""",
    "scaled_dot_product_attention in four dimensions": """
q = torch.ones(1, 2, 3, 4, requires_grad=True) * 1
y = nn.functional.scaled_dot_product_attention(q, torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4))
overwrite(q)
y.sum().backward()""",
    "scaled_dot_product_attention in three": """
q = torch.ones(2, 3, 4, requires_grad=True) * 1
y = nn.functional.scaled_dot_product_attention(q, torch.ones(2, 3, 4), torch.ones(2, 3, 4))
overwrite(q)
y.sum().backward()""",
    "a float attention mask is saved": """
q = torch.ones(1, 2, 3, 4, requires_grad=True) * 1
mask = torch.zeros(3, 3)
y = nn.functional.scaled_dot_product_attention(q, torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4), attn_mask=mask)
overwrite(mask)
y.sum().backward()""",
    "pack_padded_sequence copies": """
from torch.nn.utils.rnn import pack_padded_sequence
x = torch.ones(3, 2, 3, requires_grad=True) * 1
packed = pack_padded_sequence(x, [3, 2])
out, h = nn.GRU(3, 3)(packed)
overwrite(x)
out.data.sum().backward()""",
    "packed rows are saved": """
from torch.nn.utils.rnn import pack_padded_sequence
packed = pack_padded_sequence(torch.ones(3, 2, 3), [3, 2])
out, h = nn.GRU(3, 3)(packed)
overwrite(packed.data)
out.data.sum().backward()""",
    "pad_sequence copies": """
from torch.nn.utils.rnn import pad_sequence
rows = [torch.ones(2, 3), torch.ones(1, 3)]
y = (pad_sequence(rows) * w).sum()
overwrite(rows[0])
y.backward()""",
    "removing weight_norm": """
layer = nn.utils.weight_norm(nn.Linear(3, 1))
nn.utils.remove_weight_norm(layer)
y = layer(torch.ones(2, 3, requires_grad=True))
overwrite(layer.weight)
y.sum().backward()""",
    "pruning saves the mask": """
from torch.nn.utils import prune
layer = prune.l1_unstructured(nn.Linear(3, 1), "weight", amount=1)
y = layer(torch.ones(2, 3))
overwrite(layer.weight_mask)
y.sum().backward()""",
    "a pruned weight after its removal": """
from torch.nn.utils import prune
layer = prune.random_unstructured(nn.Linear(3, 1), "weight", amount=1)
prune.remove(layer, "weight")
y = layer(torch.ones(2, 3, requires_grad=True))
overwrite(layer.weight)
y.sum().backward()""",
    "removing a parametrization": """
layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 1))
nn.utils.parametrize.remove_parametrizations(layer, "weight")
y = layer(torch.ones(2, 3, requires_grad=True))
overwrite(layer.weight)
y.sum().backward()""",
    "a user's parametrization": """
class Positive(nn.Module):
    def forward(self, x):
        return x.exp()

layer = nn.Linear(3, 1)
nn.utils.parametrize.register_parametrization(layer, "weight", Positive())
y = layer(torch.ones(2, 3))
optimizer = torch.optim.SGD(layer.parameters(), 0.1)
y.sum().backward()
y = layer(torch.ones(2, 3))
optimizer.step()
y.sum().backward()""",
}
