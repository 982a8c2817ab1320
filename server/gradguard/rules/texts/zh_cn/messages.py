"""Simplified Chinese texts, key by key those of `en`."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "words.tensor": "该张量",
    # what a warning rests on
    "assume.message": "{message}（前提：{assumptions}）",
    "assume.and": "，且",
    "assume.backpropagated": "`{subject}` 的结果会被反向传播",
    "assume.backpropagated.not": "`{subject}` 的结果不会被反向传播",
    "assume.requires_grad": "`{subject}` 需要梯度",
    "assume.requires_grad.not": "`{subject}` 不需要梯度",
    "assume.condition": "`{subject}` 为真",
    "assume.condition.not": "`{subject}` 为假",
    "assume.default": "`{subject}` 取默认值",
    "assume.default.not": "`{subject}` 不取默认值",
    # why something was saved
    "reason.result": "自己的结果",
    "reason.argument": "它的 `{argument}`",
    "reason.plain": "`{operator}` 的导数需要{what}",
    "reason.formula": "`{operator}` 的导数需要{what}：`{of}` 的梯度是 `{formula}`",
    "reason.shape_only": "`{operator}` 只用到该张量的形状，但 torch 仍会检查它的版本",
    # the places of the story
    "related.saved": "在此保存：{reason}",
    "related.saved.unneeded": "在此被 `{operator}` 保存，但之后没有反向传播需要它",
    "related.needed": "在此需要：torch 报错",
    "related.needed.assumed": "对此结果反向传播时需要：torch 报错",
    "related.needed.silent": "在此需要：torch 不报错，但梯度是错的",
    "related.needed.silent.assumed": "对此结果反向传播时需要：torch 不报错，但梯度是错的",
    "related.reached": "由此调用到达：`{call}`",
    "related.view": "视图在此产生",
    "related.leaf": "叶子张量在此产生",
    "related.pieces": "各个分块在此产生",
    "related.used": "在此使用：torch 报错",
    "related.expanded": "在此展开：多个元素共用内存",
    "related.inference": "在此于推理模式下创建",
    "related.ungraded": "视图在此于 `{mode}` 下产生",
    "related.applied": "自定义函数在此被调用",
    "related.received": "梯度在此传入",
    "related.graph": "第二次反向传播需要的内容由计算图的这一部分保存",
    "related.again": "这里再次需要：torch 会报错",
    # GG101
    "GG101.message": "`{target}` 被 `{operator}` 保存之后又被原地改写",
    "GG101.message.alias": "原地改写 `{target}` 会覆盖已被 `{operator}` 保存的 `{saved}`",
    "GG101.help": "改用非原地写法，或在改写之前克隆",
    # GG102
    "GG102.message": "`{update}` 更新了 `{target}`，而之后的反向传播还需要它保存时的值",
    "GG102.message.needed": "`{backward}` 还需要 `{target}`，`{update}` 却先更新了它",
    "GG102.message.unnamed": "`{update}` 更新了参数，而之后的反向传播还需要它们保存时的值",
    "GG102.message.unnamed.needed": "`{backward}` 还需要这些参数，`{update}` 却先更新了它们",
    "GG102.help": "先运行所有需要这些参数的 `backward`，再更新",
    # GG103
    "GG103.message": "`{target}` 被 `{operator}` 保存之后，又被 `{call}` 原地改写",
    "GG103.message.inner": "`{call}` 中的某个模块原地改写了其中 `{operator}` 保存的张量",
    "GG103.message.hooked": "`{call}` 原地改写 `{target}`，但它是自定义函数或完整反向钩子交出的视图",
    "GG103.help": "去掉 `inplace=True`",
    # GG104
    "GG104.message": "`{target}` 被某次循环中的 `{operator}` 保存，却在之后的循环中被原地改写",
    "GG104.message.needed": "`{target}` 被原地改写，而之后的循环还需要 `{operator}` 保存的值",
    "GG104.message.each": "`{target}` 在循环中被原地改写，而同一循环中的 `{operator}` 保存了它；反向传播在循环之后",
    "GG104.help": "每次循环创建新张量，或克隆下一次循环要改写的张量",
    # GG105
    "GG105.message": "`{target}` 被 `{operator}` 保存之后又被原地分离",
    "GG105.help": "改用 `.detach()`，它产生新张量",
    # GG201, GG202
    "GG201.message": "`{target}` 是需要梯度的叶子张量，却被原地改写",
    "GG201.help": "改用非原地写法；若这是更新或初始化，则放在 `torch.no_grad()` 下",
    "GG202.message": "`{target}` 是需要梯度的叶子张量的视图，却被原地改写",
    "GG202.help": "先克隆叶子张量；若这是更新或初始化，则放在 `torch.no_grad()` 下",
    # GG203
    "GG203.message": "`{target}` 是 `{operator}` 一次产生的多个视图之一，却被原地改写",
    "GG203.message.base": "原地改写 `{target}` 使 `{operator}` 由它一次产生的多个视图失效；下一次使用 `{use}` 会报错",
    "GG203.help": "对分块改用非原地写法，或在拆分之前改写原张量",
    # GG204
    "GG204.message": "`{target}` 被原地改写，但 `{operator}` 使它的多个元素共用同一内存位置",
    "GG204.message.operand": "`{target}` 被原地改写，而操作数与它部分共用内存",
    "GG204.message.alone": "`{target}` 被原地改写，但它有多个元素共用同一内存位置",
    "GG204.help": "在改写之前克隆",
    # GG205
    "GG205.message": "`{target}` 在推理模式下创建，却在推理模式之外被原地改写",
    "GG205.message.saved": "`{use}` 要为反向传播保存一个在推理模式下创建的张量",
    "GG205.help": "在推理模式之外克隆该张量，或改在 `torch.no_grad()` 下创建",
    # GG206
    "GG206.message": "`{target}` 是在 `{mode}` 下产生的视图，却在梯度模式下被原地改写",
    "GG206.message.used": "`{target}` 被原地改写，而 `{use}` 使用了在 `{mode}` 下产生的、共用其内存的视图",
    "GG206.help": "把视图的产生和改写都放在块内，或都放在块外",
    # GG301
    "GG301.message.data": "`{target}` 被 `{operator}` 保存之后又通过 `.data` 改写；torch 不报错，但梯度是错的",
    "GG301.message.set_": "`{write}` 换掉了 `{operator}` 保存的内存；torch 不报错，但梯度是错的",
    "GG301.message.storage": "`{target}` 被 `{operator}` 保存之后又通过存储改写；torch 不报错，但梯度是错的",
    "GG301.message.numpy": "`{target}` 被 `{operator}` 保存之后又通过 numpy 改写；torch 不报错，但梯度是错的",
    "GG301.message.fused": "`{write}`（`fused=True`）更新了已被 `{operator}` 保存的参数；torch 不报错，但梯度是错的",
    "GG301.message.data_assignment": "`{write}` 替换了 `{operator}` 保存的值；torch 不报错，但梯度是错的",
    "GG301.message.unmarked": "`{target}` 被 `{operator}` 保存之后又在 torch 看不到的地方被改写；torch 不报错，但梯度是错的",
    "GG301.help": "改用非原地写法；若是更新，则用 torch 会检查的 `torch.no_grad()` 加 `copy_`",
    # GG302
    "GG302.message": "`{target}` 与 `{operator}` 保存的张量共用内存，又被改写；torch 不报错，但梯度是错的",
    "GG302.help": "在数组与张量开始共用内存的地方复制",
    # GG401
    "GG401.message.unmarked_write": "自定义 `forward` 原地改写了 `{target}`，却没有调用 `ctx.mark_dirty`；torch 不报错，但梯度是错的",
    "GG401.message.dirty_not_returned": "`{target}` 被标记为已改写，但 `forward` 没有返回它",
    "GG401.message.context_tensor_written": "`{target}` 存放在 `ctx` 上，在反向传播之前被改写；torch 不报错，但梯度是错的",
    "GG401.message.dirty_leaf": "`{target}` 是需要梯度的叶子张量，`{call}` 却原地改写了它",
    "GG401.message.view": "`{target}` 是自定义函数交出的输入或视图，却被原地改写",
    "GG401.help": "把输入标记为已改写并返回它，或在改写之前克隆",
    # GG402
    "GG402.message": "`{target}` 是传入的梯度，却被原地改写；其他梯度会因此出错",
    "GG402.help": "返回新张量",
    # GG501
    "GG501.message": "`{backward}` 释放了 `{operator}` 保存的张量，而 `{later}` 会第二次经过它",
    "GG501.message.loop": "`{backward}` 在下一次循环中再次经过 `{operator}`，那时它保存的张量已被释放",
    "GG501.help": "分离跨循环保留的张量，重新计算前向，或用 `retain_graph=True` 保留计算图",
    # GG901
    "GG901.message.nothing_saved": "原地改写 `{target}`，此处安全：没有算子保存它",
    "GG901.message.nothing_saved.by": "原地改写 `{target}`，此处安全：没有算子保存它（`{producer}` 也没有）",
    "GG901.message.not_needed": "原地改写 `{target}`，此处安全：之后没有反向传播需要已保存的值",
    "GG901.message.fresh_copy_saved": "原地改写 `{target}`，此处安全：算子保存的是私有副本",
    "GG901.message.no_backward_seen": "原地改写 `{target}`，此处安全：没有任何结果被反向传播",
    "GG901.help": "若以后的修改可能保存该张量，请改用非原地写法",
    # GG902
    "GG902.message": "此注释没有屏蔽任何结果",
    "GG902.message.code": "`{code}` 在此处没有屏蔽任何结果",
    "GG902.fix": "删除无用的屏蔽注释",
    "GG902.fix.code": "从屏蔽注释中删除 `{code}`",
}
