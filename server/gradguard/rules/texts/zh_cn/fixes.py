"""Titles of fixes; a title says what changes."""

from __future__ import annotations

from typing import Final

TITLES: Final[dict[str, str]] = {
    "fix.out_of_place": "改写为 `{code}`（多分配一个张量）",
    "fix.out_of_place.shared": "改写为 `{code}`（多分配一个张量；其他引用仍是旧值）",
    "fix.clone.write": "改写之前先复制：`{code}`",
    "fix.clone.write.loop": "改写之前先复制：`{code}`（每次循环复制一次）",
    "fix.out_of_place.leaf": "改写为 `{code}`（此后该变量名指新张量，不再指叶子张量）",
    "fix.clone.write.leaf": "改写之前先复制：`{code}`（此后该变量名指副本，不再指叶子张量）",
    "fix.clone.write.shared": "改写之前先复制：`{code}`（其他引用仍是旧值）",
    "fix.clone.save": "复制被保存的张量：`{code}`",
    "fix.no_grad.update": "在 `torch.no_grad()` 下更新",
    "fix.no_grad.untracked": "在 `torch.no_grad()` 下改写（梯度不经过写入的值）",
    "fix.no_grad.constant": "在 `torch.no_grad()` 下改写（加常数不改变任何梯度）",
    "fix.no_grad.out": "把 `{code}` 移出 `torch.no_grad()`（autograd 随之记录该视图）",
    "fix.no_grad.inference": "改在 `torch.no_grad()` 下创建，而不用推理模式",
    "fix.module_flag": "创建模块时去掉该标志：`{code}`（每次调用多分配一个张量）",
    "fix.module_flag.all": "本文件的全部 {count} 个模块都不带该标志（多分配新张量）",
    "fix.module_flag.read_on": "创建模块时去掉该标志：`{code}`（其他读取其输入的代码会看到改写之前的值）",
    "fix.detach.carried": "在两次循环之间切断计算图：`{code}`",
    "fix.detach.kept": "保存时不带计算图：`{code}`",
    "fix.detach.argument": "梯度到此为止：`{code}`",
    "fix.retain_graph": "保留计算图：`{code}`（其内存不会释放）",
    "fix.move.update": "把 `{code}` 移到 `{behind}` 之后（它用到的梯度会包含后一次反向传播的梯度）",
    "fix.move.write": "把 `{code}` 移到 `{behind}` 之后（其间的代码看到旧值）",
    "fix.move.forward": "在 `{behind}` 之后再计算后一个损失（它会用到更新后的参数）",
    "fix.move.loop": "每次循环重新计算：把 `{code}` 移入循环",
    "fix.recompute": "用更新后的参数再次运行 `{code}`",
    "fix.copied_parameters": "让 `{code}` 使用参数的副本（副本保留到 `backward` 为止）",
    "fix.move.view": "把 `{code}` 移到 `{behind}` 之后",
    "fix.stack": "把各行收集到列表：`{code}`（循环跳过的行需自行补上）",
    "fix.intermediate": "为新值另取变量名：`{code}`（其后 {count} 处使用随之改名）",
    "fix.data": "改写为 `{code}`（autograd 能看到）",
    "fix.mark_dirty": "告诉 autograd 这次改写：`{code}`",
    "fix.returned": "返回被标记为已改写的张量：`{code}`",
    "fix.suppress": "在此行忽略 {code}",
}
