"""Hover texts in Markdown, key by key those of `en`."""

# ruff: noqa: E501 (a sentence is one string)

from __future__ import annotations

from typing import Final

HOVERS: Final[dict[str, str]] = {
    "severity.error": "错误",
    "severity.warning": "警告",
    "severity.info": "说明",
    "severity.hint": "提示",
    "hover.head": "**{code} {name}**（{severity}）",
    "hover.sentence": "{message}。",
    "hover.also": "此处还有第 {line} 行的 {code}：{message}。",
    "hover.page": "[进一步了解 {code}]({uri})",
    # the story, one numbered line each
    "hover.story.saved": "第 {line} 行：`{code}`：{reason}（保存时版本为 {version}）",
    "hover.story.saved.somewhere": "{reason}（保存时版本为 {version}）",
    "hover.story.write": "第 {line} 行：`{code}` 原地改写：版本计数变为 {version}",
    "hover.story.refused": "第 {line} 行：`{code}` 原地改写",
    "hover.story.bypass": "第 {line} 行：`{code}` 改变了数值，而版本计数没有变化",
    "hover.story.backward": "第 {line} 行：`{code}` 需要版本 {expected}，却遇到另一个版本：torch 报错",
    "hover.story.backward.assumed": "第 {line} 行：若 `{function}` 的结果被反向传播，就需要版本 {expected}，却遇到另一个版本：torch 报错",
    "hover.story.backward.silent.assumed": "第 {line} 行：若 `{function}` 的结果被反向传播，就会使用被改变的数值：torch 不报错，梯度是错的",
    "hover.story.backward.silent": "第 {line} 行：`{code}` 使用了被改变的数值：torch 不报错，梯度是错的",
    "hover.story.view": "第 {line} 行：`{code}` 产生视图",
    "hover.story.leaf": "第 {line} 行：`{code}` 产生叶子张量",
    "hover.story.created": "第 {line} 行：`{code}` 在推理模式下创建张量",
    "hover.story.first": "第 {line} 行：`{code}` 进行反向传播，并释放已保存的张量",
    "hover.story.apply": "第 {line} 行：`{code}` 调用自定义函数",
    "hover.story.received": "第 {line} 行：梯度在 `{code}` 传入",
    "hover.story.detach": "第 {line} 行：`{code}` 把张量从计算图中切断",
    "hover.story.use": "第 {line} 行：`{code}` 使用该视图：torch 报错",
    "hover.story.second": "第 {line} 行：`{code}` 再次需要它：torch 报错",
    "hover.no_grad_does_not_help": "`torch.no_grad()` 在这里没有用：它停止记录，却不停止版本计数，而被保存的正是同一块内存。",
    # in-place writes that are no mistake
    "hover.write.safe": "**原地改写** `{target}`：按目前的代码是安全的",
    "hover.write.hazard": "**原地改写** `{target}`：破坏反向传播",
    "hover.write.unknown": "**原地改写** `{target}`：所知不足，无法判断",
    "hover.versions": "`{operator}` 使 `{target}` 的版本计数由 {before} 变为 {after}。",
    "hover.reason.hazard": "torch 拒绝这次改写，或有反向传播需要被它覆盖的值：见此处的诊断。",
    "hover.reason.nothing_saved": "在此之前没有算子保存 `{target}`，所以没有导数需要旧值。",
    "hover.reason.nothing_saved.by": "在此之前没有算子保存 `{target}`，所以没有导数需要旧值：它来自 `{producer}`，其导数不用自己的结果。",
    "hover.reason.not_needed": "它曾被保存，但之后运行的反向传播都不需要它。",
    "hover.reason.not_tracked": "autograd 不跟踪 `{target}`：与它有关的张量都不需要梯度。",
    "hover.reason.no_grad": "改写在 `no_grad` 之下，且没有算子保存 `{target}`：数值改变，计算图不变。",
    "hover.reason.fresh_copy_saved": "需要 `{target}` 的算子保存的是私有副本，改写影响不到它们。",
    "hover.reason.unknown_tensor": "此处不知道 `{target}` 从何而来。",
    "hover.reason.no_backward_seen": "看不到经过 `{target}` 的反向传播。",
    "hover.unsafe_if": "若改写之前有算子保存了 `{target}`，就会报错：例如它由 `exp`、`sigmoid`、`sqrt` 等保存自己结果的算子产生，或在通往损失的路上用于 `{target} * w`、`{target} ** 2`。",
    "hover.GG901.remedies": (
        "若想不受以后修改的影响：\n"
        "1. 改用非原地写法，如 `{better}`：多一个张量\n"
        "2. 为新值另取变量名：两者都保留\n"
        "3. 只有当梯度不经过所写的值时才用 `torch.no_grad()`；张量一旦被保存，它就没有用"
    ),
    "hover.GG901.remedies.item": (
        "若想不受以后修改的影响：\n"
        "1. 改写之前 `{target} = {target}.clone()`：一次复制\n"
        "2. 用选择代替改写：`torch.where(…)`、`{target}.masked_fill(…)`、`{target}.index_put(…)`\n"
        "3. 只有当梯度不经过所写的值时才用 `torch.no_grad()`；张量一旦被保存，它就没有用"
    ),
    "hover.GG901.cautions": "原地操作也藏在自己写的函数里，以及带 `inplace=True` 的层里。`.data` 只会让 torch 的检查失效，并不能消除错误。",
    "hover.unreached": "**原地操作**：`{operator}` 改写它的张量，版本计数随之变化。gradguard 跟踪的运行没有带着已知的张量到达这里，所以对它不作判断。",
    "hover.flag": "**`inplace=True`**：该模块覆盖自己的输入并返回它。若在它之前有算子保存了该张量，反向传播就会出错；其他读取该输入的代码也会看到被改变的值。",
    "hover.flag.call": "- 第 {line} 行：改写 `{target}`：{verdict}",
    "hover.flag.safe": "按目前的代码是安全的",
    "hover.flag.hazard": "破坏反向传播",
    "hover.flag.unknown": "所知不足",
    # remedies and cautions of the rules
    "hover.GG101.remedies": (
        "可行的办法，代价小的在前：\n"
        "1. 改用非原地写法，写成 `{better}`：到反向传播为止多一个张量\n"
        "2. 为新值另取变量名\n"
        "3. 改写之前克隆，或克隆被保存的张量：一次复制"
    ),
    "hover.GG101.remedies.item": (
        "可行的办法，代价小的在前：\n"
        "1. 克隆被保存的部分：只复制这一部分\n"
        "2. 改写之前 `{target} = {target}.clone()`：复制整个张量\n"
        "3. 用选择代替改写：`torch.where(…)`、`{target}.masked_fill(…)`、`{target}.index_put(…)`"
    ),
    "hover.GG101.cautions": "`torch.no_grad()` 和 `.detach()` 共用版本计数，没有用。`.data` 让 torch 不报错，但梯度是错的（GG301）。没有 `torch.add_` 这样的函数：原地形式是方法，也可能藏在自己写的函数里。",
    "hover.GG102.remedies": (
        "可行的办法：\n"
        "1. 先运行所有需要这些参数的 `backward`，再运行第一个 `step`\n"
        "2. 在更新之后再计算后一个损失\n"
        "3. 对不该从后一个损失得到梯度的张量用 `detach()`，例如 GAN 的假样本"
    ),
    "hover.GG102.cautions": "`retain_graph=True` 保留计算图，不保留旧参数。`step` 在 `no_grad` 下改写，版本计数照样变化；`fused=True` 的优化器不改变计数，于是梯度悄悄出错（GG301）。",
    "hover.GG103.remedies": "可行的办法：\n1. 去掉 `inplace=True`：每次调用多一个张量\n2. 在还需要输入的地方克隆它",
    "hover.GG103.cautions": "在卷积、线性层、批归一化之后用 `inplace=True` 没有问题，它们不保存自己的结果。之后读取输入的残差连接会看到被改写的值。",
    "hover.GG104.remedies": (
        "可行的办法：\n"
        "1. 每次循环创建新张量；把各行收集到列表，循环之后用 `torch.stack`\n"
        "2. 在下一次循环改写之前，克隆被读取的部分\n"
        "3. 对下一次循环不必反向传播的状态用 `detach()`"
    ),
    "hover.GG104.cautions": "第一次循环往往不报错：第二次循环改写了第一次保存的张量，错误才出现。",
    "hover.GG105.remedies": "可行的办法：`h = h.detach()`。它产生新张量，被保存的张量仍留在计算图中。",
    "hover.GG105.cautions": "`detach_()` 不改写数值，也不改变版本计数；torch 仍然拒绝这样的已保存输入。",
    "hover.GG201.remedies": (
        "可行的办法：\n"
        "1. 若是更新或初始化：把改写放进 `with torch.no_grad():`\n"
        "2. 若是计算：另取变量名，如 `y = x + 1`，或先 `x.clone()`"
    ),
    "hover.GG201.cautions": "执行 `x = x + 1` 之后，该变量名不再指叶子张量，`x.grad` 仍为 `None`。",
    "hover.GG202.remedies": "可行的办法：\n1. 若是更新或初始化：把改写放进 `with torch.no_grad():`\n2. 若是计算：改写克隆出来的张量",
    "hover.GG202.cautions": "叶子张量的视图就是它的内存；改写一部分等于改写叶子张量。",
    "hover.GG203.remedies": (
        "可行的办法：\n"
        "1. 对分块用非原地写法，如 `v = v * s`\n"
        "2. 先改写原张量，再拆分\n"
        "3. 改用索引：`x[:, 0]` 可以改写，`unbind` 的结果不可以"
    ),
    "hover.GG203.cautions": "`for row in x` 和 `a, b = x` 就是 `unbind`。`tensor_split` 的结果是普通切片，可以改写。",
    "hover.GG204.remedies": "可行的办法：在 `expand` 之后 `.clone()`，使每个元素有自己的内存。",
    "hover.GG204.cautions": "对展开的张量用 `zero_`、`fill_`、`masked_fill_` 不报错，只是把同一位置写了多次。",
    "hover.GG205.remedies": "可行的办法：在推理模式之外 `.clone()` 得到普通张量；或改在 `torch.no_grad()` 下创建。",
    "hover.GG205.cautions": "torch 报错之前，数值已经被改写。",
    "hover.GG206.remedies": "可行的办法：把视图的产生和改写都放在块内，或都放在块外。",
    "hover.GG206.cautions": "改写原张量也算，`optimizer.step()` 也算：此后该视图不能再用。",
    "hover.GG301.remedies": (
        "可行的办法：\n"
        "1. 改用非原地写法，让 autograd 看到\n"
        "2. 在需要旧值的反向传播之后再改写\n"
        "3. 若是更新：用 `torch.no_grad()` 加 `copy_`，torch 会检查"
    ),
    "hover.GG301.cautions": "`.data` 有自己的版本计数：torch 的检查通过，而导数是用新值算出来的。",
    "hover.GG302.remedies": "可行的办法：在数组与张量相接处复制：`torch.tensor(a)`、`torch.from_numpy(a.copy())`、`x.detach().numpy().copy()`。",
    "hover.GG302.cautions": "`from_numpy`、`as_tensor`、`.numpy()` 共用内存；numpy 不改变版本计数。",
    "hover.GG401.remedies": (
        "可行的办法：\n"
        "1. 在 `forward` 中调用 `ctx.mark_dirty(x)`，并返回 `x`\n"
        "2. 计算新张量并返回它\n"
        "3. 在改写自定义函数交出的张量之前克隆它"
    ),
    "hover.GG401.cautions": "`forward` 在关闭梯度模式下运行，未标记的改写 torch 看不到。不经 `save_for_backward` 而存放在 `ctx` 上的张量从不受检查。",
    "hover.GG402.remedies": "可行的办法：返回新张量，把 `grad.mul_(2)` 写成 `grad * 2`。",
    "hover.GG402.cautions": "同一个梯度可能交给多个节点；改写它会改变其他节点得到的梯度。",
    "hover.GG501.remedies": (
        "可行的办法：\n"
        "1. 对跨循环保留的状态用 `h = h.detach()`\n"
        "2. 为第二次反向传播重新计算前向，或把损失相加后只反向传播一次\n"
        "3. 在第一次反向传播时用 `retain_graph=True`：内存不会释放"
    ),
    "hover.GG501.cautions": "用了 `retain_graph=True` 之后，两次之间的 `optimizer.step()` 自成一个错误（GG102）。",
}
