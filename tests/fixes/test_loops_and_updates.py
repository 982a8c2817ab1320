"""Fixes that reach beyond the statement: order of updates, state between iterations, graphs used again, modules and functions."""

from __future__ import annotations

from tests.fixes.offers import offered, results

HEAD = "import torch\nfrom torch import nn\n\nw = torch.ones(3, requires_grad=True)\n"
NET = "net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))\nopt = torch.optim.SGD(net.parameters(), 0.1)\n"


def fixed(body: str, wanted: str, code: str = "") -> None:
    """One of the fixes of HEAD + `body` makes HEAD + `wanted` of it."""
    made = results(HEAD + body, code)
    assert HEAD + wanted in made.values(), "\n\n".join(f"{title}\n{text}" for title, text in made.items())


def test_the_later_loss_is_computed_after_the_update() -> None:
    body = f"{NET}a = net(w).sum()\nb = net(w).exp().sum()\na.backward()\nopt.step()\nopt.zero_grad()\nb.backward()\nprint(b)\n"
    fixed(
        body,
        f"{NET}a = net(w).sum()\na.backward()\nopt.step()\nb = net(w).exp().sum()\nopt.zero_grad()\nb.backward()\nprint(b)\n",
    )


def test_only_what_the_later_loss_needs_is_moved() -> None:
    body = f"{NET}a, c = net(w).sum(), 1\nb = net(w).exp().sum()\nother = 2\na.backward()\nopt.step()\nb.backward()\nprint(other)\n"
    moved = next(text for title, text in results(HEAD + body).items() if title.startswith("Compute the later loss"))
    assert moved.index("other = 2") < moved.index("a.backward()") < moved.index("b = net(w)")


def test_what_crosses_the_update_is_detached() -> None:
    body = f"{NET}y = net(w)\ny.sum().backward(retain_graph=True)\nopt.step()\nz = (y * w).exp().sum()\nz.backward()\nprint(z)\n"
    fixed(body, body.replace("(y * w)", "(y.detach() * w)"))


def test_the_forward_is_run_again() -> None:
    body = f"{NET}y = net(w)\ny.sum().backward(retain_graph=True)\nopt.step()\nz = (y * w).exp().sum()\nz.backward()\nprint(z)\n"
    fixed(body, body.replace("opt.step()\n", "opt.step()\ny = net(w)\n"))


def test_moving_statements_changes_what_is_computed_so_it_is_unsafe() -> None:
    body = f"{NET}a = net(w).sum()\nb = net(w).exp().sum()\na.backward()\nopt.step()\nb.backward()\nprint(b)\n"
    grades = {fix.title.split(" ")[0]: fix.grade for fix in offered(HEAD + body)}
    assert grades["Move"] == grades["Compute"] == "unsafe"


def test_state_that_an_object_keeps_is_detached() -> None:
    body = (
        "class Cell:\n    def __init__(self):\n        self.h = torch.zeros(3)\n\n    def step(self):\n"
        "        self.h = torch.tanh(w * self.h + 1)\n        return self.h.sum()\n\n\ncell = Cell()\n"
        "for _ in range(3):\n    cell.step().backward()\n"
    )
    fixed(body, body + "    cell.h = cell.h.detach()\n")


def test_a_carried_tuple_is_detached_part_by_part() -> None:
    body = (
        "cell = nn.LSTMCell(3, 3)\nstate = (torch.zeros(1, 3), torch.zeros(1, 3))\nfor _ in range(3):\n"
        "    state = cell(torch.ones(1, 3), state)\n    h, c = state\n    h.sum().backward()\n"
    )
    fixed(body, body + "    state = tuple(each.detach() for each in state)\n")


def test_what_was_computed_before_the_loop_is_computed_in_it() -> None:
    body = "penalty = (w**2).sum()\nfor _ in range(2):\n    loss = (w + 1).sum() + penalty\n    loss.backward()\n"
    wanted = "for _ in range(2):\n    penalty = (w**2).sum()\n    loss = (w + 1).sum() + penalty\n    loss.backward()\n"
    fixed(body, wanted)


def test_the_graph_is_kept_where_two_calls_share_it() -> None:
    body = "y = w.exp()\na, b = y.sum(), y.mean()\na.backward()\nb.backward()\n"
    fixed(body, body.replace("a.backward()", "a.backward(retain_graph=True)"))


def test_the_graph_is_not_kept_from_round_to_round() -> None:
    body = "h = torch.zeros(3)\nfor _ in range(3):\n    h = torch.tanh(w * h + 1)\n    h.sum().backward()\n"
    assert not any("retain_graph" in text for text in results(HEAD + body).values())


def test_all_flags_are_dropped_where_one_place_calls_the_modules_in_turn() -> None:
    body = (
        "layers = [nn.ReLU(inplace=True), nn.ReLU(inplace=True)]\nx = w.exp()\nkept = []\n"
        "for layer in layers:\n    kept.append((x * x).sum())\n    x = layer(x)\nsum(kept).backward()\n"
    )
    fixed(body, body.replace("inplace=True", ""))


def test_a_flag_that_is_set_later_is_not_set() -> None:
    body = "model = nn.Sequential(nn.Sigmoid(), nn.ReLU())\nmodel[1].inplace = True\nmodel(w * 1).sum().backward()\n"
    fixed(body, body.replace("inplace = True", "inplace = False"))


def test_a_class_of_the_users_own_keeps_its_argument() -> None:
    body = (
        "class Act(nn.Module):\n    def __init__(self, inplace):\n        super().__init__()\n"
        "        self.act = nn.ReLU(inplace=inplace)\n\n    def forward(self, x):\n        return self.act(x)\n\n\n"
        "act = Act(inplace=True)\ny = act(w.tanh())\ny.sum().backward()\n"
    )
    fixed(body, body.replace("Act(inplace=True)", "Act(inplace=False)"))


def test_a_written_input_is_marked_dirty() -> None:
    body = (
        "class Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        x.mul_(2)\n        return x\n\n"
        "    @staticmethod\n    def backward(ctx, grad):\n        return grad * 2\n\n\n"
        "y = Double.apply(w * 1)\ny += 1\ny.sum().backward()\n"
    )
    fixed(body, body.replace("x.mul_(2)\n", "x.mul_(2)\n        ctx.mark_dirty(x)\n"), "GG401")


def test_what_is_marked_dirty_is_returned() -> None:
    body = (
        "class Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        x.mul_(2)\n"
        "        ctx.mark_dirty(x)\n        return x.clone()\n\n    @staticmethod\n    def backward(ctx, grad):\n"
        "        return grad * 2\n\n\ny = Double.apply(w * 1)\ny.sum().backward()\n"
    )
    fixed(body, body.replace("return x.clone()", "return x"), "GG401")


def test_a_gradient_is_not_written() -> None:
    body = "y = w * 1\ny.register_hook(lambda grad: grad.mul_(2))\n((y + w) * 2).sum().backward()\n"
    fixed(body, body.replace("grad.mul_(2)", "grad.mul(2)"))


def test_data_becomes_a_new_tensor_inside_the_graph() -> None:
    body = "y = w.sigmoid()\ny.data[0] = 0.3\ny.sum().backward()\n"
    fixed(body, body.replace("y.data[0] = 0.3", "y = y.clone()\ny[0] = 0.3"))


def test_an_array_is_copied_where_the_tensor_is_saved() -> None:
    body = "import numpy as np\na = np.ones(3, dtype=np.float32)\nloss = (w * torch.from_numpy(a)).sum()\na += 1\nloss.backward()\n"
    fixed(body, body.replace("torch.from_numpy(a)", "torch.from_numpy(a).clone()"))


def test_a_module_runs_on_copies_of_its_parameters() -> None:
    body = (
        "m = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))\nopt = torch.optim.SGD(m.parameters(), 0.1)\n"
        "loss = m(w).sum()\n\n\ndef closure():\n    loss.backward(retain_graph=True)\n    return loss\n\n\n"
        "for _ in range(2):\n    opt.step(closure)\n"
    )
    copies = "{name: each.clone() for name, each in m.named_parameters()}"
    fixed(body, body.replace("m(w)", f"torch.func.functional_call(m, {copies}, (w,))"))


def test_a_plain_function_has_no_parameters_to_copy() -> None:
    body = (
        "a = nn.Linear(3, 3)\nopt = torch.optim.SGD(a.parameters(), 0.1)\n\n\ndef run(x):\n    return a(a(x))\n\n\n"
        "a(w).sum().backward()\nloss = run(w).sum()\nopt.step()\nloss.backward()\n"
    )
    assert not any("functional_call(run" in text for text in results(HEAD + body).values())


def test_a_list_keeps_values_without_their_graph() -> None:
    body = (
        "m = nn.Linear(3, 3)\nopt = torch.optim.SGD(m.parameters(), 0.1)\nseen = [torch.zeros(3)]\nfor _ in range(3):\n"
        "    h = torch.tanh(m(seen[-1]))\n    seen.append(h)\n    h.sum().backward(retain_graph=True)\n    opt.step()\n"
    )
    fixed(body, body.replace("append(h)", "append(h.detach())"))


def test_everything_that_one_statement_saves_is_copied_together() -> None:
    body = "x = torch.ones(4)\nfor i in range(2, 4):\n    x[i] = w[0] * x[i - 1] * x[i - 2]\nx.sum().backward()\n"
    fixed(body, body.replace("x[i - 1] * x[i - 2]", "x[i - 1].clone() * x[i - 2].clone()"))


def test_what_the_loop_runs_over_is_not_computed_in_it() -> None:
    body = (
        "m = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))\nopt = torch.optim.SGD(m.parameters(), 0.1)\n"
        "losses = [m(w).sum() for _ in range(2)]\nfor loss in losses:\n    loss.backward()\n    opt.step()\n"
    )
    assert not any(text.index("losses =") > text.index("for loss") for text in results(HEAD + body).values())


def test_what_stands_inside_an_operand_is_copied() -> None:
    body = "x = torch.zeros(3)\nfor i in range(3):\n    x[i] = w[i] * (x[i - 1] if i else 1)\nx.sum().backward()\n"
    fixed(body, body.replace("(x[i - 1] if", "(x[i - 1].clone() if"))


def test_every_read_before_the_write_is_copied_and_no_write() -> None:
    body = (
        "s = torch.ones(3)\ns[0] = 2\na = w * s\nb = w * s[1]\ns.mul_(2)\nc = w * s.sum()\n"
        "with torch.no_grad():\n    s += 1\n(a.sum() + b.sum() + c.sum()).backward()\n"
    )
    for text in results(HEAD + body).values():
        assert "clone()[" not in text
        assert "clone().mul_" not in text


def test_what_two_statements_save_is_copied_together() -> None:
    body = "s = torch.ones(3)\na = w * s\nb = w * s[1]\ns += 1\n(a.sum() + b.sum()).backward()\n"
    fixed(body, body.replace("w * s\n", "w * s.clone()\n").replace("s[1]", "s[1].clone()"))


def test_a_parameter_is_not_replaced_by_a_tensor() -> None:
    body = (
        "class Codes(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.codes = nn.Parameter(torch.ones(3), requires_grad=False)\n\n    def forward(self, x):\n"
        "        y = x * self.codes\n        self.codes.mul_(0.9)\n        return y\n\n\nCodes()(w).sum().backward()\n"
    )
    fixed(body, body.replace("x * self.codes", "x * self.codes.clone()"))
    assert not any("self.codes = self.codes" in text for text in results(HEAD + body).values())


def test_the_forward_is_run_again_behind_every_update() -> None:
    body = (
        f"{NET}y = net(w)\ny.sum().backward(retain_graph=True)\nopt.step()\nwith torch.no_grad():\n"
        "    for p in net.parameters():\n        p.clamp_(-1, 1)\n(y * w).sum().backward()\n"
    )
    fixed(body, body.replace("(y * w)", "y = net(w)\n(y * w)"))


def test_a_module_may_have_a_capital_name() -> None:
    body = f"{NET}y = net(w)\ny.sum().backward(retain_graph=True)\nopt.step()\ny.exp().sum().backward()\n".replace(
        "net", "D"
    )
    assert any("functional_call(D, " in text for text in results(HEAD + body).values())


def test_all_modules_of_one_statement_run_on_copies_together() -> None:
    body = (
        "a, b = nn.Sequential(nn.Tanh(), nn.Linear(3, 1)), nn.Sequential(nn.Tanh(), nn.Linear(3, 1))\n"
        "opts = [torch.optim.SGD(m.parameters(), 0.1) for m in (a, b)]\nscores = [a(w), b(w)]\n"
        "for opt, m in zip(opts, (a, b)):\n    m(w.detach()).sum().backward()\n    opt.step()\n"
        "(scores[0] + scores[1]).sum().backward()\n"
    )
    copies = [f"{{name: each.clone() for name, each in {name}.named_parameters()}}" for name in "ab"]
    both = ", ".join(f"torch.func.functional_call({name}, {of}, (w,))" for name, of in zip("ab", copies, strict=True))
    fixed(body, body.replace("[a(w), b(w)]", f"[{both}]"))


def test_a_module_that_writes_itself_does_not_run_on_copies() -> None:
    body = (
        "class Normed(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.ones(3, 3))\n\n    def forward(self, x):\n        with torch.no_grad():\n"
        "            self.weight /= self.weight.norm()\n        return x @ self.weight\n\n\nnet = Normed()\n"
        "net(net(w)).sum().backward()\n"
    )
    assert not any("functional_call" in text for text in results(HEAD + body).values())
