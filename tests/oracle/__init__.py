"""Torch as the judge: programs run under the real torch, each in a fork of a process that has imported it once.

`Oracle` is the client's end. Nothing here imports gradguard, and no test process imports torch.
"""

from tests.oracle.client import Oracle
from tests.oracle.reports import Program, Raised, Report, SpoiledGradient, Witness

__all__ = ["Oracle", "Program", "Raised", "Report", "SpoiledGradient", "Witness"]
