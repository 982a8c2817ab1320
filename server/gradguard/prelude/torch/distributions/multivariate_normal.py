"""MultivariateNormal."""

import _gradguard as gg

import torch
from torch.distributions.distribution import Distribution


class MultivariateNormal(Distribution):
    has_rsample = True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = loc
        if scale_tril is not None:
            self.scale_tril = scale_tril
        elif covariance_matrix is not None:
            self.covariance_matrix = covariance_matrix
            self.scale_tril = torch.linalg.cholesky(covariance_matrix)
        else:
            self.precision_matrix = precision_matrix
            self.scale_tril = torch.linalg.cholesky(torch.linalg.inv(precision_matrix))
        super().__init__(loc.shape[:-1], loc.shape[-1:])

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return self.scale_tril.pow(2).sum(-1)

    def rsample(self, sample_shape=()):
        noise = gg.new_tensor(self._extended_shape(sample_shape))
        return self.loc + torch.matmul(self.scale_tril, noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value):
        difference = (value - self.loc).unsqueeze(-1)
        solved = torch.linalg.solve_triangular(self.scale_tril, difference, upper=False)
        half_log_det = self.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return -0.5 * (1.8378770664093453 + solved.pow(2).sum((-2, -1))) - half_log_det

    def entropy(self):
        return 1.0 + self.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
