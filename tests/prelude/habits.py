"""Programs in the ways that people write with torch's Python layer; each raises in its last line, or does not."""

from __future__ import annotations

PROGRAMS = {
    "a wrapper that forwards attributes": """
class Wrapper(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.inner, name)

    def forward(self, x):
        return self.inner(x)

net = Wrapper(nn.Linear(3, 1))
y = net(torch.ones(2, 3, requires_grad=True))
overwrite(net.weight)
y.sum().backward()""",
    "old-style initialisation": """
class Net(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.act = nn.Sigmoid()

    def forward(self, x):
        return self.act(x)

y = Net()(w * 1)
overwrite(y)
y.sum().backward()""",
    "parameters by name, biases aside": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
decay = [p for n, p in net.named_parameters() if not n.endswith("bias")]
rest = [p for n, p in net.named_parameters() if n.endswith("bias")]
optimizer = torch.optim.AdamW([{"params": rest, "weight_decay": 0.0}, {"params": decay}], lr=0.1)
net(torch.ones(2, 3)).sum().backward()
y = net(torch.ones(2, 3)).sum()
optimizer.step()
y.backward()""",
    "only biases are optimised": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = torch.optim.AdamW([p for n, p in net.named_parameters() if n.endswith("bias")], lr=0.1)
net(torch.ones(2, 3)).sum().backward()
y = net(torch.ones(2, 3)).sum()
optimizer.step()
y.backward()""",
    "filter of trainable parameters": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
net[1].weight.requires_grad = False
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.1)
net(torch.ones(2, 3)).sum().backward()
y = net(torch.ones(2, 3)).sum()
optimizer.step()
y.backward()""",
    "chained parameters of two networks": """
from itertools import chain
a, b = nn.Linear(3, 3), nn.Linear(3, 1)
optimizer = torch.optim.Adam(chain(a.parameters(), b.parameters()))
b(a(torch.ones(2, 3))).sum().backward()
y = b(a(torch.ones(2, 3))).sum()
optimizer.step()
y.backward()""",
    "list of two networks' parameters": """
a, b = nn.Linear(3, 3), nn.Linear(3, 1)
optimizer = torch.optim.Adam(list(a.parameters()) + list(b.parameters()))
b(a(torch.ones(2, 3))).sum().backward()
y = b(a(torch.ones(2, 3))).sum()
optimizer.step()
y.backward()""",
    "an exhausted parameter iterator": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
parameters = net.parameters()
nn.utils.clip_grad_norm_(parameters, 1.0)
first = list(parameters)
y = net(torch.ones(2, 3)).sum()
for parameter in first:
    overwrite(parameter)
y.backward()""",
    "a group added later": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = torch.optim.SGD(net[0].parameters(), lr=0.1)
optimizer.add_param_group({"params": net[1].parameters()})
net(torch.ones(2, 3)).sum().backward()
y = net(torch.ones(2, 3)).sum()
optimizer.step()
y.backward()""",
    "the learning rate changed by hand": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for group in optimizer.param_groups:
    group["lr"] *= 0.5
assert optimizer.param_groups[0]["lr"] == 0.05
y = net(torch.ones(2, 3, requires_grad=True)).sum()
if optimizer.param_groups[0]["lr"] == 0.05:
    overwrite(net.weight)
y.backward()""",
    "a user's optimizer": """
class Plain(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["average"] = torch.zeros_like(p)
                state["average"].mul_(0.9).add_(p.grad, alpha=0.1)
                p.add_(state["average"], alpha=-group["lr"])

net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = Plain(net.parameters())
net(torch.ones(2, 3)).sum().backward()
y = net(torch.ones(2, 3)).sum()
optimizer.step()
y.backward()""",
    "a user's optimizer around another": """
class Twice(torch.optim.Optimizer):
    def __init__(self, params, base, **kwargs):
        super().__init__(params, dict(**kwargs))
        self.base = base(self.param_groups, **kwargs)
        self.param_groups = self.base.param_groups

    @torch.no_grad()
    def first_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.state[p]["old"] = p.data.clone()
                    p.add_(p.grad)

    @torch.no_grad()
    def second_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data = self.state[p]["old"]
        self.base.step()

net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = Twice(net.parameters(), torch.optim.SGD, lr=0.1)
net(torch.ones(2, 3)).sum().backward()
optimizer.first_step()
y = net(torch.ones(2, 3)).sum()
optimizer.second_step()
y.backward()""",
    "a moving average by zip and data": """
import copy
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
average = copy.deepcopy(net)
for parameter in average.parameters():
    parameter.requires_grad_(False)
y = average(net(torch.ones(2, 3)) + torch.ones(3)).sum()
with torch.no_grad():
    for mine, theirs in zip(average.parameters(), net.parameters()):
        mine.lerp_(theirs, 0.1)
y.backward()""",
    "state restored from clones": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
saved = {name: value.clone() for name, value in net.state_dict().items()}
y = net(torch.ones(2, 3)).sum()
net.load_state_dict(saved)
y.backward()""",
    "state kept for later only": """
import copy
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
y = net(torch.ones(2, 3)).sum()
best = copy.deepcopy(net.state_dict())
best["1.weight"].zero_()
y.backward()""",
    "hidden state detached as a tuple": """
lstm = nn.LSTM(3, 4)
optimizer = torch.optim.SGD(lstm.parameters(), lr=0.1)
state = None
for _ in range(3):
    out, state = lstm(torch.ones(2, 1, 3), state)
    state = tuple(part.detach() for part in state)
    optimizer.zero_grad()
    out.sum().backward()
    optimizer.step()
overwrite(w)
(w * 1).sum().backward()""",
    "losses collected in a list": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
losses = []
for _ in range(2):
    losses.append(net(torch.ones(2, 3)).mean())
overwrite(net[1].weight)
torch.stack(losses).mean().backward()""",
    "features kept by a hook": """
kept = {}

def keep(name):
    def hook(module, args, output):
        kept[name] = output
    return hook

net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))
net[1].register_forward_hook(keep("act"))
y = net(torch.ones(2, 3)).sum()
kept["act"].detach().mul_(2)
y.backward()""",
    "activations chosen by name": """
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "leaky": lambda: nn.LeakyReLU(0.1, inplace=True)}

def block(name):
    return nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), ACTIVATIONS[name]())

nn.Sequential(block("tanh"), block("leaky"))(torch.ones(2, 3)).sum().backward()""",
    "the device of a module": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 1)

    @property
    def device(self):
        return next(self.parameters()).device

    def forward(self, x):
        return self.fc(x.to(self.device))

net = Net()
x = torch.ones(2, 3)
y = net(x)
overwrite(x)
y.sum().backward()""",
    "inplace switched off for all": """
net = nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), nn.ReLU(inplace=True))
for module in net.modules():
    if hasattr(module, "inplace"):
        module.inplace = False
net(torch.ones(2, 3)).sum().backward()""",
    "a layer replaced": """
net = nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), nn.ReLU(inplace=True))
for name, child in net.named_children():
    if isinstance(child, nn.ReLU):
        setattr(net, name, nn.Softplus())
net(torch.ones(2, 3)).sum().backward()""",
    "a module list of blocks with skips": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Linear(3, 3) for _ in range(2)])
        self.up = nn.ModuleList([nn.Linear(6, 3) for _ in range(2)])

    def forward(self, x):
        skips = []
        for layer in self.down:
            x = torch.relu(layer(x))
            skips.append(x)
        for layer, skip in zip(self.up, reversed(skips)):
            x = layer(torch.cat([x, skip], 1))
            x += skip
        return x

Net()(torch.ones(2, 3)).sum().backward()""",
    "the mean teacher between the losses": """
import copy
student = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
teacher = copy.deepcopy(student).requires_grad_(False)
optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
for _ in range(2):
    x = torch.ones(2, 3)
    with torch.no_grad():
        target = teacher(x)
    loss = nn.functional.mse_loss(student(x), target)
    for mine, theirs in zip(teacher.parameters(), student.parameters()):
        mine.data.mul_(0.9).add_(theirs.data, alpha=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
overwrite(w)
(w * 1).sum().backward()""",
    "an adversarial pair, the generator last": """
critic = nn.Sequential(nn.Linear(3, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1))
maker = nn.Sequential(nn.Linear(2, 3))
critic_optimizer = torch.optim.Adam(critic.parameters())
maker_optimizer = torch.optim.Adam(maker.parameters())
fake = maker(torch.ones(4, 2))
maker_loss = -critic(fake).mean()
critic_loss = critic(fake.detach()).mean() - critic(torch.ones(4, 3)).mean()
critic_optimizer.zero_grad()
critic_loss.backward()
critic_optimizer.step()
maker_loss.backward()""",
    "an adversarial pair, losses in turn": """
critic = nn.Sequential(nn.Linear(3, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1))
maker = nn.Sequential(nn.Linear(2, 3))
critic_optimizer = torch.optim.Adam(critic.parameters())
fake = maker(torch.ones(4, 2))
critic_loss = critic(fake.detach()).mean() - critic(torch.ones(4, 3)).mean()
critic_optimizer.zero_grad()
critic_loss.backward()
critic_optimizer.step()
(-critic(fake).mean()).backward()""",
    "gradients clipped and accumulated": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(4):
    loss = net(torch.ones(2, 3)).mean() / 2
    loss.backward()
    if (step + 1) % 2 == 0:
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
overwrite(w)
(w * 1).sum().backward()""",
    "mixed precision with a scaler": """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
for _ in range(2):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = net(torch.ones(2, 3)).float().mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
overwrite(w)
(w * 1).sum().backward()""",
}
