"""Programs that update a model between a forward and its backward: by optimizers, clipping, initialisers, loading, averaging.

Three questions about each act: is the weight written, is it written when there is no gradient yet, is the gradient written.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADER = """\
import copy
import torch
from torch import nn

torch.manual_seed(0)
scale = torch.ones((), requires_grad=True)
model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 4))
other = copy.deepcopy(model)
matrices = [parameter for parameter in model.parameters() if parameter.dim() == 2]
x = torch.randn(2, 3)


def closure():
    optimizer.zero_grad()
    loss = model(x).square().sum()
    loss.backward()
    return loss


"""


@dataclass(frozen=True)
class Update:
    """`setup` stands before the first forward, `act` between forward and backward; torch refuses some without gradients."""

    setup: str
    act: str
    needs_gradients: bool = False

    def weight_question(self, *, with_gradient: bool) -> str:
        """The second linear layer's weight was saved when `act` comes."""
        first = "model(x).sum().backward()\n" if with_gradient else ""
        return f"{HEADER}{self.setup}\n{first}loss = model(x).sum()\n{self.act}\nloss.backward()\n"

    def gradient_question(self) -> str:
        """The weight's gradient was saved by a product when `act` comes."""
        saved = "product = (model[3].weight.grad * scale).sum()\n"
        return f"{HEADER}{self.setup}\nmodel(x).sum().backward()\n{saved}{self.act}\nproduct.backward()\n"

    def questions(self) -> tuple[str, ...]:
        """All the programs that run."""
        questions = [self.weight_question(with_gradient=True), self.gradient_question()]
        if not self.needs_gradients:
            questions.append(self.weight_question(with_gradient=False))
        return tuple(questions)


_OPTIMIZERS = """
SGD Adam AdamW Adagrad Adadelta Adamax NAdam RAdam RMSprop Rprop ASGD Adafactor
""".split()
_OPTIONS = (
    "SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=0.1)",
    "SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True)",
    "SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True, foreach=True)",
    "SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True, foreach=False)",
    "Adam(model.parameters(), foreach=True)",
    "Adam([{'params': model[0].parameters()}, {'params': model[3].parameters(), 'lr': 0.1}])",
    "Adam(model.named_parameters())",
    "SGD(model[0].parameters(), 0.1)",
    "Muon(matrices)",
)
_SCHEDULERS = (
    "StepLR(optimizer, 1)",
    "LambdaLR(optimizer, lambda epoch: 0.5)",
    "CosineAnnealingLR(optimizer, 10)",
    "OneCycleLR(optimizer, 0.1, total_steps=10)",
    "ExponentialLR(optimizer, 0.9)",
)
_ACTS = (
    "optimizer.zero_grad()",
    "optimizer.zero_grad(set_to_none=False)",
    "model.zero_grad()",
    "model.zero_grad(set_to_none=False)",
    "optimizer.load_state_dict(optimizer.state_dict())",
    "nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
    "nn.utils.parameters_to_vector(model.parameters())",
    "nn.utils.vector_to_parameters(torch.zeros(44), model.parameters())",
    "model.load_state_dict(other.state_dict())",
    "model.load_state_dict(other.state_dict(), assign=True)",
    "model.state_dict()['3.weight'].zero_()",
    "other.load_state_dict(model.state_dict())",
    "model.to('cpu')",
    "model.requires_grad_(False)",
    "model.train()",
    "copy.deepcopy(other)",
    "nn.init.xavier_uniform_(model[3].weight)",
    "nn.init.zeros_(model[0].bias)",
    "nn.init.normal_(model[3].weight.data)",
    "nn.init.constant_(model[1].weight, 1.0)",
    "model.apply(lambda module: nn.init.ones_(module.weight) if isinstance(module, nn.Linear) else None)",
    "model[1].reset_running_stats()",
    "model(x)",
    "torch.optim.swa_utils.AveragedModel(model).update_parameters(model)",
    "for mine, theirs in zip(model.parameters(), other.parameters()):\n    mine.data.copy_(theirs.data)",
    "with torch.no_grad():\n    for mine, theirs in zip(model.parameters(), other.parameters()):\n        mine.lerp_(theirs, 0.5)",
    "with torch.no_grad():\n    model[3].weight[0] = 0",
)

UPDATES = (
    *(Update(f"optimizer = torch.optim.{name}(model.parameters())", "optimizer.step()") for name in _OPTIMIZERS),
    *(Update(f"optimizer = torch.optim.{options}", "optimizer.step()") for options in _OPTIONS),
    *(Update("optimizer = torch.optim.SGD(model.parameters(), 0.1)", act) for act in _ACTS),
    *(
        Update(
            "optimizer = torch.optim.SGD(model.parameters(), 0.1)\n"
            f"scheduler = torch.optim.lr_scheduler.{made}\n"
            "optimizer.step()",
            "scheduler.step()",
        )
        for made in _SCHEDULERS
    ),
    Update("optimizer = torch.optim.SGD(model.parameters(), 0.1)", "optimizer.step(closure)"),
    Update("optimizer = torch.optim.LBFGS(model.parameters(), 0.1, max_iter=1)", "optimizer.step(closure)"),
    Update(
        "optimizer = torch.optim.SGD(model.parameters(), 0.1)\nscaler = torch.amp.GradScaler('cpu')\nscaler.scale(scale)",
        "scaler.unscale_(optimizer)",
        needs_gradients=True,
    ),
    Update("", "nn.utils.clip_grad_value_(model.parameters(), 1.0)", needs_gradients=True),
    Update(
        "optimizer = torch.optim.SGD(model.parameters(), 0.1)\nscaler = torch.amp.GradScaler('cpu', enabled=False)",
        "scaler.step(optimizer)\nscaler.update()",
    ),
)
