"""Deep-learning files of a wanted length, made of the parts that such files are made of."""

from __future__ import annotations

HEAD = '''"""A file of models, losses and training loops."""

import math

import torch
from torch import nn
from torch.nn import functional as F
'''

PARTS = (
    '''

class Block{n}(nn.Module):
    """A residual block."""

    def __init__(self, width, dropout=0.1):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.act = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        residual = x
        x = self.norm(x)
        x = self.act(self.up(x))
        x = self.down(self.dropout(x))
        x += residual
        return x
''',
    '''

class Attention{n}(nn.Module):
    """Attention with several heads."""

    def __init__(self, width, heads=8):
        super().__init__()
        self.heads = heads
        self.scale = (width // heads) ** -0.5
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask=None):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = (q @ k.transpose(-2, -1)) * self.scale
        if mask is not None:
            scores = scores.masked_fill(mask == 0, -1e9)
        weights = scores.softmax(dim=-1)
        x = (weights @ v).transpose(1, 2).reshape(b, n, c)
        return self.out(x)
''',
    '''

def focal_loss{n}(logits, targets, gamma=2.0, alpha=0.25):
    """A loss that looks at what is hard."""
    p = torch.sigmoid(logits)
    ce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    loss = ce * ((1 - p_t) ** gamma)
    if alpha >= 0:
        alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
        loss = alpha_t * loss
    return loss.mean()
''',
    '''

class Encoder{n}(nn.Module):
    """A convolutional encoder."""

    def __init__(self, channels=3, width=32):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.body = nn.Sequential(*[nn.Conv2d(width, width, 3, padding=1) for _ in range(3)])
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.body(x)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        gate = torch.sigmoid(self.head(x))
        gate *= 2
        return gate
''',
    '''

def train{n}(model, loader, epochs=3, lr=1e-3):
    """A plain loop."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    history = []
    for epoch in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = F.cross_entropy(outputs, targets)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        history.append(total / max(len(loader), 1))
        if math.isnan(history[-1]):
            break
    return history
''',
    '''

@torch.no_grad()
def evaluate{n}(model, loader):
    """The share of right answers."""
    model.eval()
    right = count = 0
    for inputs, targets in loader:
        right += (model(inputs).argmax(dim=-1) == targets).sum().item()
        count += targets.numel()
    return right / max(count, 1)
''',
)

TYPED_IN = """

def typed(x):
    y = x.exp()
    y = y + 1
    return y.sum()
"""


def program(lines: int) -> str:
    """A file of about `lines` lines; the function that the benchmark types in stands in the middle."""
    parts = [HEAD]
    count, number, typed = HEAD.count("\n"), 0, False
    while count < lines:
        if not typed and count >= lines // 2:
            parts.append(TYPED_IN)
            count += TYPED_IN.count("\n")
            typed = True
        part = PARTS[number % len(PARTS)].replace("{n}", str(number))
        number += 1
        parts.append(part)
        count += part.count("\n")
    return "".join(parts)
