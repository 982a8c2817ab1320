"""The GAN of `gan.py` in an order that works: the maker's loss is computed after the critic's update."""

import torch
from torch import nn

maker = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
critic = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
maker_opt = torch.optim.Adam(maker.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)

for _ in range(2):
    real, fake = torch.randn(4, 3), maker(torch.randn(4, 2))

    critic_loss = critic(fake.detach()).mean() - critic(real).mean()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()

    maker_loss = -critic(fake).mean()
    maker_opt.zero_grad()
    maker_loss.backward()
    maker_opt.step()
