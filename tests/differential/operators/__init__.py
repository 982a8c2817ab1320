"""Public calls of torch, one by one: may the operand, may the result, be written before the backward?"""
