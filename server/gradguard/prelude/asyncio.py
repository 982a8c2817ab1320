"""asyncio: coroutines run one after another, each when it is first waited for."""

import _gradguard as gg


def run(main, debug=None, loop_factory=None):
    return gg.awaited(main)


async def gather(*aws, return_exceptions=False):
    return [gg.awaited(each) for each in aws]


async def wait_for(fut, timeout):
    return gg.awaited(fut)


async def sleep(delay, result=None):
    return result


def create_task(coro, name=None, context=None):
    return coro
