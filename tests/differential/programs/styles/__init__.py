"""Ways of arranging tensor operations: each module writes one kind of program, `write(rng, code)`."""

from tests.differential.programs.styles import (
    classes,
    containers,
    control,
    custom,
    derivatives,
    functions,
    leaves,
    modules,
    networks,
    operators,
    passages,
    silent,
    stateful,
    straight,
    training,
    views,
)

STYLES = {
    module.__name__.rpartition(".")[2]: module.write
    for module in (
        straight,
        views,
        functions,
        classes,
        containers,
        control,
        modules,
        training,
        stateful,
        leaves,
        derivatives,
        silent,
        networks,
        custom,
        operators,
        passages,
    )
}
