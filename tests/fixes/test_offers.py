"""Before and after: what the fixes write, what they leave as it was, and what is not offered."""

from __future__ import annotations

import pytest

from tests.fixes.offers import offered, results, trial

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\nw = torch.ones(3, requires_grad=True)\n"


def fixed(body: str, wanted: str, code: str = "") -> None:
    """One of the fixes of HEAD + `body` makes HEAD + `wanted` of it."""
    made = results(HEAD + body, code)
    assert HEAD + wanted in made.values(), "\n\n".join(f"{title}\n{text}" for title, text in made.items())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y += 1", "y = y + 1"),
        ("y -= 1 + 2", "y = y - (1 + 2)"),
        ("y *= 1 + 2", "y = y * (1 + 2)"),
        ("y += 2 * w.detach()", "y = y + 2 * w.detach()"),
        ("y /= 2 if True else 3", "y = y / (2 if True else 3)"),
        ("y **= -2", "y = y ** -2"),
        ("y  +=  1   # why not", "y = y + 1   # why not"),
        ("y.add_(1)", "y = y.add(1)"),
        ("y.mul_(2).add_(1)", "y = y.mul(2).add(1)"),
        ("y.clamp_(\n    min=0,  # no less\n)", "y = y.clamp(\n    min=0,  # no less\n)"),
        ("y[0] = 1", "y = y.clone()\ny[0] = 1"),
        ("y[0] += 1", "y = y.clone()\ny[0] += 1"),
        ("torch.relu_(y)", "y = torch.relu(y)"),
        ("y = F.relu(y, inplace=True)", "y = F.relu(y)"),
        ("y = F.relu(y, True)", "y = F.relu(y)"),
        (
            "y = F.dropout(\n    y, 0.5, True,\n    True,  # in place\n)",
            "y = F.dropout(\n    y, 0.5, True,  # in place\n)",
        ),
        ("z = y.mul_(2) + 1", "z = y.mul(2) + 1"),
        ("if True: y += 1", "if True: y = y + 1"),
        ("y += 1; print(y)", "y = y + 1; print(y)"),
        ("print(0); y += 1", "print(0); y = y + 1"),
    ],
)
def test_a_saved_result_written(before: str, after: str) -> None:
    end = "z" if before.startswith("z") else "y"
    fixed(f"y = w.exp()\n{before}\n{end}.sum().backward()\n", f"y = w.exp()\n{after}\n{end}.sum().backward()\n")


def test_the_best_safe_fix_is_preferred() -> None:
    fixes = offered(f"{HEAD}y = w.exp()\ny += 1\ny.sum().backward()\n")
    assert [fix.preferred for fix in fixes].index(True) == 0
    assert sum(fix.preferred for fix in fixes) == 1
    assert fixes[0].grade == "safe"


def test_indentation_comments_and_line_ends_stay() -> None:
    text = (
        "import torch\r\nif True:\r\n\tw = torch.ones(3, requires_grad=True)\r\n"
        "\ty = w.exp()\r\n\ty += 1  # +\r\n\ty.sum().backward()\r\n"
    )
    made = results(text)
    assert text.replace("y += 1", "y = y + 1") in made.values()
    assert text.replace("\ty += 1", "\ty = y.clone()\r\n\ty += 1") in made.values()


def test_an_edit_is_no_larger_than_what_changes() -> None:
    (edit,) = offered(f"{HEAD}y = w.exp()\ny += 1\ny.sum().backward()\n")[0].edits
    assert edit.place.range.start_line == edit.place.range.end_line
    assert len(edit.new_text) < len("y = y + 1")


def test_columns_count_code_points() -> None:
    text = (
        'import torch\nw = torch.ones(3, requires_grad=True)\ny = w.exp()\nprint("🦉é"); y += 1\ny.sum().backward()\n'
    )
    assert text.replace("y += 1", "y = y + 1") in results(text).values()


def test_two_writes_of_one_mistake_are_changed_together() -> None:
    fixed(
        "y = w.exp()\ny += 1\ny *= 2\ny.sum().backward()\n",
        "y = w.exp()\ny = y + 1\ny *= 2\ny.sum().backward()\n",
    )
    fixed(
        "p = w.relu()\na, b = p[:1], p[1:]\na /= 2\nb /= 3\n(a.sum() + b.sum()).backward()\n",
        "p = w.relu()\na, b = p[:1], p[1:]\na = a / 2\nb = b / 3\n(a.sum() + b.sum()).backward()\n",
    )


def test_an_intermediate_variable_renames_later_uses() -> None:
    fixed(
        "y = w.exp()\nbefore = y\ny += 1\nz = y * 2 + y\nz.sum().backward()\n",
        "y = w.exp()\nbefore = y\ny_modified = y + 1\nz = y_modified * 2 + y_modified\nz.sum().backward()\n",
    )


def test_a_name_that_is_taken_is_not_used() -> None:
    made = results(f"{HEAD}y_modified = 0\ny = w.exp()\ny += 1\ny.sum().backward()\n")
    assert any("y_modified2 = y + 1" in text for text in made.values())


def test_a_name_given_again_later_is_not_renamed() -> None:
    made = results(f"{HEAD}y = w.exp()\ny += 1\ny = y * 2\ny.sum().backward()\n")
    assert not any("y_modified" in text for text in made.values())


def test_a_loop_variable_gets_no_value_that_nobody_reads() -> None:
    body = "ys = [w.exp(), w.tanh()]\nfor y in ys:\n    y += 1\n(ys[0] + ys[1]).sum().backward()\n"
    assert not any("y = y + 1" in text for text in results(HEAD + body).values())


def test_where_another_name_holds_the_tensor_the_new_one_is_unsafe() -> None:
    body = "y = w.exp()\nz = y\ny += 1\n(y + z).sum().backward()\n"
    fixes = {fix.title: fix for fix in offered(HEAD + body)}
    out_of_place = next(fix for title, fix in fixes.items() if "y = y + 1" in title and "other references" in title)
    assert out_of_place.grade == "unsafe"
    assert next(iter(fixes.values())).grade == "safe" or any(fix.grade == "safe" for fix in fixes.values())


def test_under_no_grad_nothing_falls_out_of_the_graph() -> None:
    made = results(f"{HEAD}y = w.exp()\nwith torch.no_grad():\n    y += 1\ny.sum().backward()\n")
    assert any("w.exp().clone()" in text for text in made.values())
    assert not any("y = y" in text for text in made.values())


def test_the_update_of_a_leaf_goes_under_no_grad() -> None:
    fixed(
        "(w**2).sum().backward()\nw -= 0.1 * w.grad\n",
        "(w**2).sum().backward()\nwith torch.no_grad():\n    w -= 0.1 * w.grad\n",
    )


def test_the_text_of_a_string_is_not_indented() -> None:
    body = '(w**2).sum().backward()\nw -= 0.1 * w.grad * len("""a\nb""")\n'
    wanted = '(w**2).sum().backward()\nwith torch.no_grad():\n    w -= 0.1 * w.grad * len("""a\nb""")\n'
    fixed(body, wanted)


def test_a_module_is_made_without_the_flag_where_it_is_made() -> None:
    fixed(
        "act, other = nn.ReLU(inplace=True), nn.ReLU(inplace=True)\ny = act(w.tanh())\ny.sum().backward()\n",
        "act, other = nn.ReLU(), nn.ReLU(inplace=True)\ny = act(w.tanh())\ny.sum().backward()\n",
    )
    fixed(
        "net = nn.Sequential(nn.Tanh(), nn.Dropout(0.5, True))\nnet(w * 1).sum().backward()\n",
        "net = nn.Sequential(nn.Tanh(), nn.Dropout(0.5))\nnet(w * 1).sum().backward()\n",
    )


def test_views_are_taken_after_the_write() -> None:
    fixed(
        "x = w * 2\na, b, c = x.unbind(0)\nx += 1\na.sum().backward()\n",
        "x = w * 2\nx += 1\na, b, c = x.unbind(0)\na.sum().backward()\n",
    )


def test_an_expanded_tensor_gets_memory_of_its_own() -> None:
    fixed("g = torch.ones(1, 3).expand(2, 3)\ng += 1\n", "g = torch.ones(1, 3).expand(2, 3).clone()\ng += 1\n")


def test_a_step_moves_behind_the_last_backward() -> None:
    body = "opt = torch.optim.SGD([w], 0.1)\na, b = (w**2).sum(), (w**3).sum()\na.backward()\nopt.step()\nb.backward()\nprint(1)\n"
    fixed(body, body.replace("opt.step()\nb.backward()\n", "b.backward()\nopt.step()\n"))


def test_carried_state_is_detached() -> None:
    body = "h = torch.zeros(3)\nfor _ in range(3):\n    h = torch.tanh(w * h + 1)\n    h.sum().backward()\n"
    fixed(body, body + "    h = h.detach()\n")


def test_rows_are_collected_in_a_list() -> None:
    fixed(
        "h = torch.zeros(4, 3)\nfor t in range(3):\n    h[t + 1] = torch.tanh(w * h[t])\nh.sum().backward()\n",
        "h = torch.zeros(4, 3)\nh_rows = [h[0]]\nfor t in range(3):\n    h_rows.append(torch.tanh(w * h_rows[t]))\n"
        "h = torch.stack(h_rows)\nh.sum().backward()\n",
    )


def test_the_articles_remedies_are_offered() -> None:
    fixed(
        "y = w * 2\ny += 1\ny.sum().backward()\n",
        "y = w * 2\nwith torch.no_grad():\n    y += 1\ny.sum().backward()\n",
        "GG901",
    )
    titles = " ".join(results(f"{HEAD}y = w * 2\ny += 1\ny.sum().backward()\n", "GG901"))
    assert "`y = y + 1`" in titles
    assert "`y_modified = y + 1`" in titles


def test_no_grad_is_not_offered_where_it_would_lose_a_gradient() -> None:
    made = results(f"{HEAD}y = w * 2\ny *= 3\ny.sum().backward()\n", "GG901")
    assert not any("no_grad" in text for text in made.values())


def test_an_inference_tensor_is_made_under_no_grad() -> None:
    body = "@torch.inference_mode()\ndef encode(x):\n    return x * 2\n\n\nx = encode(torch.ones(3))\nx[0] = 0\n"
    fixed(body, body.replace("inference_mode", "no_grad"))
    body = "with torch.inference_mode():\n    x = torch.ones(3)\n(w * x).sum().backward()\n"
    fixed(body, body.replace("inference_mode", "no_grad"))


def test_the_last_choice_is_a_comment() -> None:
    text = f"{HEAD}y = w.exp()\ny += 1  # note\ny.sum().backward()\n"
    last = list(results(text).values())[-1]
    assert last == text.replace("# note", "# note  # gradguard: ignore[GG101]")


def test_a_second_code_joins_the_comment() -> None:
    text = f"{HEAD}y = w.exp()\ny += 1  # gradguard: ignore[GG2]\ny.sum().backward()\n"
    assert "# gradguard: ignore[GG2, GG101]" in list(results(text).values())[-1]


@pytest.mark.parametrize(
    "body",
    [
        "y = w.exp()\ny += 1\ny.sum().backward()\n",
        "y = w.sigmoid()\ny[0] = 0.2\nz = y * 2\nz.sum().backward()\n",
        "act = nn.ReLU(inplace=True)\nact(w.tanh()).sum().backward()\n",
    ],
)
def test_every_offer_cures(body: str) -> None:
    for title, text in list(results(HEAD + body).items())[:-1]:
        assert [each for each in trial(text).findings if each.severity == "error"] == [], title


def test_a_statement_that_cannot_be_read_is_left_alone_and_not_the_others() -> None:
    fixed = results(HEAD + "y = w.exp()\ny += 1  # \ude00\ny.sum().backward()")
    assert "Copy what is saved: `w.exp().clone()`" in fixed
    assert not any("y + 1" in title for title in fixed)


def test_a_file_that_lost_its_end_of_line_is_no_trouble() -> None:
    text = f"{HEAD}loss = (w**2).sum()\nloss.backward()\nw -= w.grad"
    assert text.replace("w -= w.grad", "with torch.no_grad():\n    w -= w.grad") in results(text).values()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z = y.mul_(2).sub_(1) + y", "y = y.mul(2).sub(1)\nz = y + y"),
        ("z = F.relu(y, inplace=True) * y", "y = F.relu(y)\nz = y * y"),
    ],
)
def test_what_the_statement_reads_after_the_write_is_the_new_tensor(before: str, after: str) -> None:
    fixed(f"y = w.exp()\n{before}\nz.sum().backward()\n", f"y = w.exp()\n{after}\nz.sum().backward()\n")


def test_what_the_statement_reads_before_the_write_stays_what_it_was() -> None:
    body = "y = w.exp()\nz = y * y.mul_(2)\nz.sum().backward()\n"
    assert all("y.mul_(2)" in text for text in results(HEAD + body).values())


def test_what_a_loop_hands_on_is_shared_with_its_next_round() -> None:
    body = "h = torch.zeros(3)\nhs = []\nfor _ in range(3):\n    h += (w * h).tanh()\n    hs.append(h)\nsum(hs).sum().backward()\n"
    grades = {fix.grade for fix in offered(HEAD + body) if "h = h +" in fix.title}
    assert grades == {"unsafe"}
    body = "hs = []\nfor _ in range(3):\n    h = w.exp()\n    h += 1\n    hs.append(h)\nsum(hs).sum().backward()\n"
    assert {fix.grade for fix in offered(HEAD + body) if "h = h +" in fix.title} == {"safe"}


def test_a_method_through_data_keeps_its_arguments() -> None:
    fixed(
        "y = w.exp()\ny.data.clamp_(max=1)\ny.sum().backward()\n",
        "y = w.exp()\ny = y.clamp(max=1)\ny.sum().backward()\n",
    )


def test_a_module_of_torch_is_not_copied() -> None:
    body = "for _ in range(2):\n    (g,) = torch.autograd.grad((w * w * w).sum(), w, create_graph=True)\n"
    body += "    with torch.no_grad():\n        w -= g\n(w * g).sum().backward()\n"
    assert not any("autograd.clone" in text for text in results(HEAD + body).values())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("with torch.no_grad():\n    v = y[:2]  # part\n", "v = y[:2]  # part\n"),
        ("with torch.no_grad():\n    v = y[:2]\n    print(v)\n", "v = y[:2]\nwith torch.no_grad():\n    print(v)\n"),
        ("with torch.no_grad():\n    print(y)\n    v = y[:2]\n", "with torch.no_grad():\n    print(y)\nv = y[:2]\n"),
    ],
)
def test_a_view_is_made_where_it_is_written(before: str, after: str) -> None:
    fixed(f"y = w * 2\n{before}v += 1\ny.sum().backward()\n", f"y = w * 2\n{after}v += 1\ny.sum().backward()\n")


def test_a_chain_that_reads_what_it_wrote_is_not_taken_apart() -> None:
    body = "y = w.exp()\ny.mul_(0.7).add_(y[0])\ny.sum().backward()\n"
    assert not any("y.mul(0.7)" in text for text in results(HEAD + body).values())
    assert any(fix.grade == "safe" for fix in offered(HEAD + body))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y[y > 1] = 1.0  # cap", "y = y.masked_fill(y > 1, 1.0)  # cap"),
        ("y[~(y > 1) & (y < 3)] = -1", "y = y.masked_fill(~(y > 1) & (y < 3), -1)"),
        ("y[torch.isnan(y)] = 0", "y = y.masked_fill(torch.isnan(y), 0)"),
        ("m = y.gt(2)\ny[m] = 0", "m = y.gt(2)\ny = y.masked_fill(m, 0)"),
        ("z = w * 2\ny[y > 1] = z[y > 1]", "z = w * 2\ny = torch.where(y > 1, z, y)"),
        ("i = torch.tensor([0, 2])\ny[i] = w[:2] * 3", "i = torch.tensor([0, 2])\ny = y.index_put((i,), w[:2] * 3)"),
    ],
)
def test_items_are_chosen_out_of_place(before: str, after: str) -> None:
    fixed(f"y = w.exp()\n{before}\ny.sum().backward()\n", f"y = w.exp()\n{after}\ny.sum().backward()\n")


def test_a_mask_of_unknown_shape_is_not_given_to_masked_fill() -> None:
    body = "m = torch.tensor([True, False, True])\ny = (w * torch.ones(3, 3)).exp()\ny[m] = 0\ny.sum().backward()\n"
    made = results(HEAD + body)
    assert not any("masked_fill" in text for text in made.values())
    assert any("y = y.clone()\ny[m] = 0" in text for text in made.values())


def test_what_runs_the_operator_for_others_is_not_copied() -> None:
    body = (
        "from concurrent.futures import ThreadPoolExecutor\n\nwith ThreadPoolExecutor() as pool:\n"
        "    job = pool.submit(torch.tanh, w)\ny = job.result()\ny += 1\ny.sum().backward()\n"
    )
    assert not any("job.clone()" in text or "w).clone()" in text for text in results(HEAD + body).values())
