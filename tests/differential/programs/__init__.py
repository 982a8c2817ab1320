"""Random Python programs: what gradguard reports about the text beside what torch does when it runs.

`python -m tests.differential.programs --count 2000 --seed 1` ends with one line of figures. The generator's floor is
`pool` (tensors in scope and what may be done to them); each module of `styles` is one way in which people arrange
such operations.
"""
