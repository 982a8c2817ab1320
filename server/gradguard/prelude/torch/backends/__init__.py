"""torch.backends: switches that change speed, not gradients."""

import _gradguard as gg

cudnn = gg.unknown()
cuda = gg.unknown()
mps = gg.unknown()
mkldnn = gg.unknown()
